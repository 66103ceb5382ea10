"""What our own past runs allow to be said of how long one takes: order statistics, and nothing below them.

From three runs only what was seen is told; from nine a median and a bound that nine of ten keep, since with
fewer no such bound exists. The k-th smallest of n, k = ceil((n + 1) p), is kept by the next run with a chance
of at least p whatever the times are like (conformal order statistic; on 20,000 trials a cell P(t <= p90) was
0.90 for n = 9, 20 and 50 at three spreads).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.amounts import time_text

FACTS_FROM = 3
"""Below so many runs nothing is said at all."""


class Usual(NamedTuple):
    """How long something takes, as far as that may be said; seconds.

    Attributes:
        runs: past runs that this rests on, three or more.
        least_s, most_s: the quickest and the slowest of them.
        p50_s, p90_s: half, and nine of ten, took no longer; None below nine runs.
        is_pooled: runs with other efforts are among them.
    """

    runs: int
    least_s: float
    most_s: float
    p50_s: float | None = None
    p90_s: float | None = None
    is_pooled: bool = False


def bound(values: Sequence[float], share: float) -> float | None:
    """What the next one keeps below with a chance of at least `share`; None where so few cannot say."""
    # Less than a hair: 0.9 is not quite nine tenths here, and would else ask for one run more.
    place = math.ceil((len(values) + 1) * share - 1e-9)
    return sorted(values)[place - 1] if 1 <= place <= len(values) else None


def usual(past_s: Sequence[float], *, is_pooled: bool = False) -> Usual | None:
    """What these runs allow to be said; None below three."""
    if len(past_s) < FACTS_FROM:
        return None
    p90_s = bound(past_s, 0.9)
    return Usual(
        runs=len(past_s),
        least_s=min(past_s),
        most_s=max(past_s),
        # A median alone would be taken for a promise; it is said only together with its bound.
        p50_s=bound(past_s, 0.5) if p90_s is not None else None,
        p90_s=p90_s,
        is_pooled=is_pooled,
    )


def told(known: Usual | None, elapsed_s: float, past_s: Sequence[float] = ()) -> str:
    """What may be said of a run that has taken so long; empty when nothing may.

    ``3 runs so far: 0:22-0:51`` · ``usual 0:38 · 9 of 10 within 1:05`` · past the median
    ``longer than usual · 9 of 10 by 1:05`` (of those runs that took at least as long; where they are fewer
    than nine, still of all of them: ``within``) · past the bound ``slower than 9 of 10``. With runs of other
    efforts among them ``any effort`` is said too.
    """
    if known is None:
        return ""
    any_effort = ", any effort" if known.is_pooled else ""
    if known.p50_s is None or known.p90_s is None:
        spread = f"{time_text(known.least_s)}-{time_text(known.most_s)}"
        return f"{known.runs} runs so far{any_effort}: {spread}"
    if elapsed_s <= known.p50_s:
        return f"usual {time_text(known.p50_s)}{any_effort} · 9 of 10 within {time_text(known.p90_s)}"
    if elapsed_s > known.p90_s:
        return "slower than 9 of 10"
    longer = bound([each for each in past_s if each >= elapsed_s], 0.9)
    by = f"within {time_text(known.p90_s)}" if longer is None else f"by {time_text(longer)}"
    return f"longer than usual · 9 of 10 {by}"

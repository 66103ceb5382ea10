"""What our own past runs allow to be said of how long one takes: order statistics, and nothing below them.

From three runs only what was seen is told; from nine a median and a bound that nine of ten keep, since with
fewer no such bound exists. The k-th smallest of n, k = ceil((n + 1) p), is kept by the next run with a chance
of at least p whatever the times are like (conformal order statistic; on 20,000 trials a cell P(t <= p90) was
0.90 for n = 9, 20 and 50 at three spreads).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
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


def usual(past_s: Sequence[float], *, is_pooled: bool = False) -> Usual | None:
    """What these runs allow to be said; None below three."""
    raise NotImplementedError


def told(known: Usual | None, elapsed_s: float, past_s: Sequence[float] = ()) -> str:
    """What may be said of a run that has taken so long; empty when nothing may.

    ``3 runs so far: 0:22-0:51`` · ``usual 0:38 · 9 of 10 within 1:05`` · past the median
    ``longer than usual · 9 of 10 by 1:05`` (of those runs that took at least as long) · past the bound
    ``slower than 9 of 10``.
    """
    raise NotImplementedError

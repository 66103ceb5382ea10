"""Intelligence per second: how many needs are settled in a second of the person's own time.

``IPS = 1 / (c0 + T + (1 - q) K)``: T is the time the person spent (waits, reading what was wrong, typing
again; what happens behind them is free), q the estimated probability that the answer settles the need, K what
settling it elsewhere costs. Over many needs it is the harmonic mean, so that one instant answer cannot
dominate. c0, K, the reading speed and the examples are the study's own (research of 2026, section 7: "0.3 s,
0.73 -> 0.057").
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

ASKING_S = 1.0
"""c0: asking costs a second whatever comes of it, so that no answer is infinitely good."""
FAILURE_COST_S = 60.0
"""K, unless the settings say another."""
READING_PER_S = 6.0
"""Tokens a person reads in a second."""
INSTANT_S, LONGEST_S = 0.2, 300.0
"""An answer is worth most until the first, and nothing from the second on; between them by log time."""


class Need(NamedTuple):
    """One thing that somebody wanted to know.

    Attributes:
        time_s: the person's own time that it took.
        chance: estimated probability that it was settled, 0 to 1.
    """

    time_s: float
    chance: float


def cost_s(need: Need, failure_cost_s: float = FAILURE_COST_S) -> float:
    """What a need cost, with what it still costs if it was not settled; seconds."""
    return ASKING_S + need.time_s + (1.0 - need.chance) * failure_cost_s


def ips(needs: Sequence[Need], failure_cost_s: float = FAILURE_COST_S) -> float:
    """Needs settled per second of the person's time: the harmonic mean over them; 0 for none."""
    # Exactly added up, so that the figure is the same on every version of Python.
    return len(needs) / math.fsum(cost_s(need, failure_cost_s) for need in needs) if needs else 0.0


def starved_s(tokens: float, tokens_per_s: float, reading_per_s: float = READING_PER_S) -> float:
    """How long a reader of an even stream of so many tokens waits for words; seconds."""
    return max(0.0, tokens / tokens_per_s - tokens / reading_per_s)


def weight_at(moment_s: float) -> float:
    """What quality that comes after so long is worth: 1 at 0.2 s, 0.78 at 1 s, 0.47 at 10 s, 0 at 5 min."""
    span = math.log(LONGEST_S / INSTANT_S)
    return min(1.0, max(0.0, 1.0 - math.log(max(moment_s, INSTANT_S) / INSTANT_S) / span))


def anytime(answers: Iterable[tuple[float, float]]) -> float:
    """How good the answer at hand was all along, 0 to 100.

    Args:
        answers: of one need: when each came (seconds from the question), and its quality, 0 to 1.
    """
    best = total = 0.0
    for moment_s, quality in sorted(answers):
        if quality > best:
            total += (quality - best) * weight_at(moment_s)
            best = quality
    return 100.0 * total

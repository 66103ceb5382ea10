"""Intelligence per second as it was here: needs are made of the rows of answers, their chances of signals.

A need is a turn, or turns that were the same question said otherwise. Its time is the person's own: waits and
starved reading; for each answer that did not settle it six seconds of reading, and eight of typing where it
was typed again; a deep run only by what it was waited for and nothing else was done. Its chance is that of
whoever made the last answer. An answer that broke, or was stopped before its first word, settles nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.metrics.chance import Chance, Maker
from core.metrics.ips import FAILURE_COST_S, Need
from core.store.measured import Measured

NEEDS = 20
"""So many of the last are taken."""
READING_S, TYPING_S = 6.0, 8.0
"""What an answer that settles nothing costs: to find that out, and to ask again (the study's figures)."""


class Figure(NamedTuple):
    """Intelligence per second of some needs.

    Attributes:
        ips: by the chances as they are estimated.
        low, high: with every chance at the lower and the upper bound of its 80 % interval.
        needs: that it is made of.
        judged: answers that its chances rest on, beside what was published.
    """

    ips: float
    low: float
    high: float
    needs: int
    judged: int
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class ByMaker:
    """The needs whose last answer one model gave by one route.

    Attributes:
        time_s: the person's own time for a need, on average.
    """

    maker: Maker
    chance: Chance
    figure: Figure
    time_s: float


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of intelligence per second here.

    Attributes:
        latest: of the last needs on the screen; None without any.
        makers: who answered on the screen, most needs first.
        asked: the same of `leadline ask`: what is done with its answers is not seen, so the chances are the
            published ones.
    """

    latest: Figure | None
    makers: Sequence[ByMaker]
    asked: Sequence[ByMaker]
    failure_cost_s: float


def session(
    rows: Iterable[Measured],
    rephrased: Mapping[tuple[int, float], float],
    chances: Mapping[Maker, Chance],
    failure_cost_s: float = FAILURE_COST_S,
) -> Session:
    """What the rows come to.

    Args:
        rows: of answers that are over, in any order.
        rephrased: answers (number and beginning) whose question was then said otherwise, and when.
        chances: of everyone of whom there is a signal.
    """
    raise NotImplementedError

"""How probable it is that an answer settles the need: a Beta posterior, moved by what is done on the screen.

Nothing is kept but the signals themselves, one row each; every posterior is worked out from them again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.messages import Route

ESTIMATED_BELOW = 20
"""With fewer answers judged a figure is marked ``est.``."""


class SignalKind(StrEnum):
    """What somebody did with an answer."""

    COPIED = "copied"
    MOVED_ON = "moved on"
    REPHRASED = "rephrased"
    AFRESH = "afresh"
    ESCALATED = "escalated"
    AGREED = "agreed"


class Maker(NamedTuple):
    """Who made an answer, and how: what a posterior is about."""

    model: str
    effort: str
    route: Route


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was done with one answer.

    Attributes:
        at, answered_at: Unix time in seconds.
        answer: its number; with `answered_at` it is told from every other, for numbers are given out again.
        is_asked: the answer went to `leadline ask`, where nobody sees what is done with it.
    """

    at: float
    kind: SignalKind
    answer: int
    answered_at: float
    maker: Maker
    is_asked: bool = False


class Chance(NamedTuple):
    """A Beta distribution over the probability that an answer settles the need.

    Attributes:
        settled, unsettled: its two parameters, prior included.
        judged: answers that it rests on, beside the prior.
    """

    settled: float
    unsettled: float
    judged: int

    @property
    def mean(self) -> float:
        """The estimate."""
        return self.settled / (self.settled + self.unsettled)

    @property
    def is_estimate(self) -> bool:
        """Whether it rests on too little to be more than a guess."""
        return self.judged < ESTIMATED_BELOW

    def between(self, share: float = 0.8) -> tuple[float, float]:
        """The bounds within which the probability lies with this share of belief."""
        raise NotImplementedError


def prior_of(maker: Maker) -> Chance:
    """What is believed before anything was seen, by published figures (named where they stand)."""
    raise NotImplementedError


def verdicts(signals: Iterable[Signal]) -> Mapping[Maker, tuple[int, int]]:
    """How many answers of each were settled, and how many not: one verdict an answer, whatever was done."""
    raise NotImplementedError


def chances(signals: Iterable[Signal]) -> Mapping[Maker, Chance]:
    """The posterior of everyone of whom there is a signal."""
    raise NotImplementedError

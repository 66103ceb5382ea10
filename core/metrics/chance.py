"""How probable it is that an answer settles the need: a Beta posterior, moved by what is done on the screen.

Nothing is kept but the signals themselves, one row each; every posterior is worked out from them again.

What is believed beforehand weighs as much as ten answers, and is published:

- A model on this machine settles 0.71 of what is asked on the fast path: 71.3 % of single-turn questions were
  covered by local models in 2025 (Intelligence per Watt, arXiv 2511.07885); the mix of easy and hard in the
  policy benchmark comes to 0.73. For large ones (6 billion weights and more) we take the upper of the two,
  and for small ones less: 0.65 below four billion, 0.55 below two. These steps are ours, and a guess.
- Depth settles 0.95 (the same benchmark: 99, 95 and 85 % of its easy, normal and hard questions); thinking on
  this machine 0.83, half way between: no figure is published.
- A stored answer is as good as whoever made it; one to another wording is the wrong one in 3 of 100.

How a model did in `leadline tune` changes nothing here: to answer a quiz is not to settle a need.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.messages import Route
from core.metrics.beta import quantile

PRIOR_ANSWERS = 10.0
"""What is believed beforehand weighs as much as so many answers seen."""
_FAST, _FAST_LARGE, _DEEP, _DEEP_LOCAL, _OTHER_WORDING = 0.71, 0.73, 0.95, 0.83, 0.97
_SMALL = ((2.0, 0.55), (4.0, 0.65))
"""Below so many billions of weights."""
_LARGE = 6.0
_BILLIONS = re.compile(r"(?<![\w.])(\d{1,4}(?:\.\d{1,3})?)b(?![a-z0-9])")
_MILLIONS = re.compile(r"(?<![\w.])\d{1,4}m(?![a-z0-9])")

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
        rest = (1.0 - share) / 2
        return (
            quantile(rest, self.settled, self.unsettled),
            quantile(1.0 - rest, self.settled, self.unsettled),
        )


def prior_of(maker: Maker) -> Chance:
    """What is believed before anything was seen, by the figures above."""
    chance = _published(maker)
    return Chance(chance * PRIOR_ANSWERS, (1.0 - chance) * PRIOR_ANSWERS, 0)


def verdict(kinds: Iterable[SignalKind]) -> bool | None:
    """Whether an answer with which all this was done settled the need; None where it does not say.

    Who asked once more, in other words or afresh, was not served, whatever else was done; nor was who asked
    deeper, unless the deep answer said the same.
    """
    done = frozenset(kinds)
    if done & {SignalKind.REPHRASED, SignalKind.AFRESH}:
        return False
    if SignalKind.AGREED in done:
        return True
    if SignalKind.ESCALATED in done:
        return False
    return True if done else None


def verdicts(signals: Iterable[Signal]) -> Mapping[Maker, tuple[int, int]]:
    """How many answers of each were settled, and how many not: one verdict an answer, whatever was done."""
    done: dict[tuple[Maker, int, float], set[SignalKind]] = {}
    for signal in signals:
        if not signal.is_asked:
            done.setdefault((signal.maker, signal.answer, signal.answered_at), set()).add(signal.kind)
    return added_up((maker, kinds, 1) for (maker, _, _), kinds in done.items())


def added_up(
    answers: Iterable[tuple[Maker, Iterable[SignalKind], int]],
) -> Mapping[Maker, tuple[int, int]]:
    """The same of answers that are counted already: by whom, what was done with them, how many."""
    counted: dict[Maker, list[int]] = {}
    for maker, kinds, count in answers:
        if (is_settled := verdict(kinds)) is not None:
            counted.setdefault(maker, [0, 0])[not is_settled] += count
    return {maker: (settled, unsettled) for maker, (settled, unsettled) in counted.items()}


def chances(signals: Iterable[Signal]) -> Mapping[Maker, Chance]:
    """The posterior of everyone of whom there is a signal."""
    return posteriors(verdicts(signals))


def posteriors(counted: Mapping[Maker, tuple[int, int]]) -> Mapping[Maker, Chance]:
    """The same of verdicts."""
    return {maker: _moved(prior_of(maker), *counts) for maker, counts in counted.items()}


def _moved(prior: Chance, settled: int, unsettled: int) -> Chance:
    return Chance(prior.settled + settled, prior.unsettled + unsettled, settled + unsettled)


def _published(maker: Maker) -> float:
    match maker.route:
        case Route.DEEP:
            return _DEEP
        case Route.DEEP_LOCAL:
            return _DEEP_LOCAL
        case Route.SEMANTIC_HIT:
            return _OTHER_WORDING * _made(maker)
        case _:
            return _made(maker)


def _made(maker: Maker) -> float:
    """Of the model, on the fast path; a stored answer that was thought through has its effort."""
    if maker.effort:
        return _DEEP
    name = maker.model.lower()
    sizes = [float(size) for size in _BILLIONS.findall(name)]
    billions = max(sizes) if sizes else 0.0 if _MILLIONS.search(name) else None
    if billions is None:
        return _FAST
    small = next((chance for bound, chance in _SMALL if billions < bound), None)
    return small if small is not None else _FAST_LARGE if billions >= _LARGE else _FAST

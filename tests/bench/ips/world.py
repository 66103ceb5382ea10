"""The world that policies are compared in: sorts of questions, how long models take, what people do.

Every number is an input, as the study names it (research of 2026, section 7). What chance decides is drawn
once a question and is the same for all policies and all worlds, so that two of them differ by what they do.
"""

import math
import random
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from core.metrics.ips import starved_s


class Kind(NamedTuple):
    """One sort of question.

    Attributes:
        share: of all questions.
        fast_settles, deep_settles: how probable it is that the answer settles the need.
        deep_s, deep_spread: until the first token of a deep answer, thinking over: median, and the sigma of
            its logarithm.
        tokens: length of the answer.
    """

    name: str
    share: float
    fast_settles: float
    deep_settles: float
    deep_s: float
    deep_spread: float
    tokens: int


KINDS = (
    Kind("easy", 0.35, 0.95, 0.99, 1.5, 0.5, 60),
    Kind("normal", 0.45, 0.75, 0.95, 6.0, 0.6, 200),
    Kind("hard", 0.20, 0.30, 0.85, 30.0, 0.6, 450),
)
HARD = len(KINDS) - 1


class Question(NamedTuple):
    """What chance has decided about one question; lucks are even between 0 and 1, spreads normal.

    Attributes:
        kind: its place among `KINDS`.
        again_lucks: of asking a second and a third time.
        kept_luck: whether a stored answer is there; `alike_luck`: whether one to another wording is right.
        ahead_luck: whether it was begun ahead; `knowing_luck`: whether the person sees that it is hard.
    """

    kind: int
    fast_luck: float
    deep_luck: float
    again_lucks: tuple[float, float]
    kept_luck: float
    alike_luck: float
    ahead_luck: float
    knowing_luck: float
    fast_spread: float
    deep_spread: float


@dataclass(frozen=True, slots=True)
class World:
    """How it is there.

    Attributes:
        fast_s, fast_spread: until a fast answer's first token, as `Kind.deep_s`.
        fast_per_s, deep_per_s: tokens a second.
        kept_s, ahead_s: until the first text of a stored answer, and of one begun ahead.
        exact, alike: share of questions asked before, in the same words and in others.
        alike_wrong: of the latter, those that get the answer to another question.
        ahead: share of the others that were begun ahead.
        known_hard: of the hard ones, those that the person takes deep at once.
        reading_s: until a person sees that an answer does not do; `again_s`: to say it otherwise.
        again_settles: what is left of an answer's chance when a model is asked again.
        wrong_is_worth: quality of an answer that does not settle the need.
        deep_usd: of one deep call.
        blocked: share of a deep wait on request that the person sits out; the rest is other work.
        fast_scale, deep_scale: fast chances, and deep waits, in times of what `KINDS` says.
    """

    fast_s: float = 0.30
    fast_spread: float = 0.45
    fast_per_s: float = 40.0
    deep_per_s: float = 80.0
    kept_s: float = 0.02
    ahead_s: float = 0.03
    exact: float = 0.08
    alike: float = 0.07
    alike_wrong: float = 0.03
    ahead: float = 0.20
    known_hard: float = 0.5
    reading_s: float = 6.0
    again_s: float = 8.0
    again_settles: float = 0.4
    wrong_is_worth: float = 0.25
    deep_usd: float = 0.06
    blocked: float = 1.0
    fast_scale: float = 1.0
    deep_scale: float = 1.0

    def fast_chance(self, question: Question) -> float:
        """How probable it is that a fast answer settles it; never certain, however good the model."""
        return min(0.999, KINDS[question.kind].fast_settles * self.fast_scale)

    def fast_wait_s(self, question: Question) -> float:
        """Until the first token of a fast answer, and while the reader waits for words."""
        starved = starved_s(KINDS[question.kind].tokens, self.fast_per_s)
        return _taken(self.fast_s, self.fast_spread * question.fast_spread, starved)

    def deep_wait_s(self, question: Question) -> float:
        """The same of a deep one."""
        kind = KINDS[question.kind]
        starved = starved_s(kind.tokens, self.deep_per_s)
        return _taken(self.deep_scale * kind.deep_s, kind.deep_spread * question.deep_spread, starved)


def _taken(median_s: float, spread: float, starved: float) -> float:
    """Whole microseconds, so that the last digits of one system's mathematics do not show."""
    return round(median_s * math.exp(spread) + starved, 6)


def questions(count: int, seed: int) -> tuple[Question, ...]:
    """So many of them, the same for a seed on every machine."""
    dice = random.Random(seed)
    bounds = tuple(accumulate(kind.share for kind in KINDS[:-1]))
    return tuple(_drawn(dice, bounds) for _ in range(count))


def _drawn(dice: random.Random, bounds: tuple[float, ...]) -> Question:
    luck = dice.random
    of_kind = luck()
    return Question(
        sum(of_kind >= bound for bound in bounds),
        luck(),
        luck(),
        (luck(), luck()),
        luck(),
        luck(),
        luck(),
        luck(),
        dice.gauss(0.0, 1.0),
        dice.gauss(0.0, 1.0),
    )

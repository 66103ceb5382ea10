"""Stand-in until the decision arrives."""

from dataclasses import dataclass
from enum import StrEnum

from core.cache.question import Parsed


class Outcome(StrEnum):
    """What may be done."""

    SURE = "sure"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs."""

    kind: str
    asked: str
    stored: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision."""

    outcome: Outcome
    differs: tuple[Difference, ...] = ()


def decide(asked: Parsed, stored: Parsed, cosine: float | None = None) -> Verdict:
    """Decide."""
    mine, theirs = set(asked.words), set(stored.words)
    if mine == theirs:
        return Verdict(Outcome.SURE)
    extra, missing = sorted(mine - theirs), sorted(theirs - mine)
    differs = (Difference("word", " ".join(extra), " ".join(missing)),)
    return Verdict(Outcome.MAYBE if len(extra) + len(missing) <= 2 else Outcome.NO, differs)

"""The decision: sure, maybe or no, by what differs between two questions."""

from dataclasses import dataclass
from enum import StrEnum

from core.cache.alignment import align
from core.cache.apart import apart, is_near
from core.cache.guards import Difference, differences
from core.cache.question import Parsed

NEAR_COSINE = 0.86
"""From this likeness of two embeddings on, questions that are further apart are a maybe too."""


class Outcome(StrEnum):
    """What may be done with the stored answer."""

    SURE = "sure"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and what differs between the two questions."""

    outcome: Outcome
    differs: tuple[Difference, ...]
    apart: float = 0.0
    """How much differs; of several maybes the one with the least is worth the most."""


def decide(asked: Parsed, stored: Parsed, cosine: float | None = None) -> Verdict:
    """Whether the answer to the stored question answers the asked one.

    An embedding's cosine can only turn a *no* into a *maybe*: likeness says nothing about "undo" and "redo".
    """
    if not asked.tokens or not stored.tokens:
        return Verdict(Outcome.NO, ())
    alignment = align(asked, stored)
    found = differences(alignment)
    if not found:
        return Verdict(Outcome.SURE, ())
    if any(difference.is_hard for difference in found):
        return Verdict(Outcome.NO, found)
    distance = apart(alignment, found)
    if is_near(alignment, distance) or (cosine is not None and cosine >= NEAR_COSINE):
        return Verdict(Outcome.MAYBE, found, distance)
    return Verdict(Outcome.NO, found, distance)

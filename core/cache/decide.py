"""The decision: sure, maybe or no, by what differs between two questions."""

from dataclasses import dataclass
from enum import StrEnum

from core.cache import lexicon
from core.cache.alignment import Alignment, align
from core.cache.guards import Difference, differences
from core.cache.pieces import Tag
from core.cache.question import Parsed
from core.cache.token import Token

MAYBE_SHARE = 0.5
"""The share of meaning two questions must have in common for a person to want to see the stored answer."""
NEAR_COSINE = 0.86
"""From this likeness of two embeddings on, questions that share less are a maybe too."""


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
    share = _share(alignment)
    if share >= MAYBE_SHARE or (cosine is not None and cosine >= NEAR_COSINE):
        return Verdict(Outcome.MAYBE, found)
    return Verdict(Outcome.NO, found)


def _share(alignment: Alignment) -> float:
    """How much of both questions has its match in the other, related words counted in part."""
    common = 2 * sum(_weight(asked) for asked, _ in alignment.shared)
    asked_rest, stored_rest = alignment.left_over
    total = common + sum(map(_weight, asked_rest)) + sum(map(_weight, stored_rest))
    related = [lexicon.wide(token.word) for token in stored_rest]
    for token in asked_rest:
        kin = lexicon.wide(token.word)
        if token.tag is Tag.WORD and kin in related:
            related.remove(kin)
            common += 1.6 * _weight(token)
    return common / total if total else 0.0


def _weight(token: Token) -> float:
    return 1.2 if token.tag is not Tag.WORD else 0.3 if token.is_light else 1.0

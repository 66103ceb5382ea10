"""How far apart two questions are, counted by what differs: is the stored answer worth a glance?

Sure needs nothing of this, there nothing differs. A person learns to overlook a row that is mostly wrong, so
each difference has its weight: a synonym a little, a word of another meaning much, another path too much.
"""

from functools import cache

from core.cache import lexicon
from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.inflection import lemma
from core.cache.pieces import Tag
from core.cache.token import Token
from core.cache.vocabulary.verbs import IMPLIED, VAGUE

_MOST = 3.3
"""Further apart than this, no stored answer is worth a glance."""
_PER_SHARED = 1.7
_PER_LONE_SHARED = 0.75
"""For each word in common so much may differ; less where it is the only one."""
_KIN, _NAME, _VAGUE, _IMPLIED = 0.35, 0.9, 0.5, 0.25
"""Of words related to each other, of a tool named in one only, of verbs for anything, of what goes unsaid."""
_WORDS = frozenset({"extra-word", "language"})
_WEIGHTS = {
    "order": 0.6,
    "place": 0.3,
    "quantifier": 0.5,
    "and-or": 0.6,
    "question-kind": 0.7,
    "tense": 0.3,
    "person": 0.5,
    "owner": 0.2,
    "direction": 1.0,
    "negation": 1.5,
}
_OTHER = 0.7


def apart(alignment: Alignment, found: tuple[Difference, ...]) -> float:
    """The weight of all that differs."""
    total = sum(_WEIGHTS.get(one.kind, _OTHER) for one in found if one.kind not in _WORDS)
    asked, stored = ([token for token in tokens if not token.is_light] for tokens in alignment.left_over)
    for token in list(asked):
        kin = next((other for other in stored if _are_kin(token, other)), None)
        if kin is not None:
            asked.remove(token)
            stored.remove(kin)
            total += _KIN
    return total + sum(map(_weight, asked)) + sum(map(_weight, stored))


def is_near(alignment: Alignment, distance: float) -> bool:
    """Whether so much may differ between questions that have so much in common."""
    common = sum(_IMPLIED if asked.is_light else min(_weight(asked), 1.0) for asked, _ in alignment.shared)
    allowed = (_PER_SHARED if common > 1 else _PER_LONE_SHARED) * common
    return distance <= min(_MOST, allowed)


def _are_kin(one: Token, other: Token) -> bool:
    if one.tag is not Tag.WORD or other.tag is not Tag.WORD:
        return False
    return lexicon.wide(one.word) == lexicon.wide(other.word)


def _weight(token: Token) -> float:
    if token.tag is Tag.NAME:
        return _NAME
    if token.word in _implied():
        return _IMPLIED
    return _VAGUE if token.word in _vague() else 1.0


@cache
def _implied() -> frozenset[str]:
    return frozenset(lemma(word) for word in IMPLIED)


@cache
def _vague() -> frozenset[str]:
    return frozenset(lemma(word) for word in VAGUE)

"""The word that stands for a word: aliases of names, and synonyms that are really interchangeable."""

from functools import cache, lru_cache

from core.cache.inflection import lemma
from core.cache.known import known
from core.cache.pieces import Tag
from core.cache.vocabulary.names import ALIASES, MENDED
from core.cache.vocabulary.opposites import OPPOSITES
from core.cache.vocabulary.same import HEADS, PHRASES, STRICT, WIDE
from core.cache.vocabulary.verbs import LOOKS, PROPERTIES, VERBS


def _groups(lines: list[str], bend: bool) -> dict[str, str]:
    table: dict[str, str] = {}
    for line in lines:
        words = line.split()
        for word in words:
            key = lemma(word) if bend else word
            table.setdefault(key, lemma(words[0]) if bend else words[0])
    return table


@cache
def names() -> dict[str, str]:
    """Every spelling of a known language, tool or system, and its one name."""
    return _groups(ALIASES, bend=False)


@cache
def _strict() -> dict[str, str]:
    return _groups(STRICT, bend=True)


@cache
def _heads() -> dict[str, str]:
    return _groups(HEADS, bend=True)


@cache
def _wide() -> dict[str, str]:
    return _groups(WIDE, bend=True)


@cache
def opposites() -> frozenset[tuple[str, str]]:
    """Pairs of canonical words that ask for contrary things, in both orders."""
    pairs = set()
    for line in OPPOSITES:
        if line:
            left, right = (_strict().get(lemma(word), lemma(word)) for word in line.split())
            pairs |= {(left, right), (right, left)}
    return frozenset(pairs)


@cache
def phrases() -> dict[str, str]:
    """Several words that are one."""
    return PHRASES


def strict(word: str, is_head: bool) -> str:
    """The word that stands for this one wherever a developer could exchange the two."""
    bent = lemma(word)
    if is_head:
        bent = _heads().get(bent, bent)
    return _strict().get(bent, bent)


def wide(word: str) -> str:
    """The word that stands for all that are related to this canonical one."""
    return _wide().get(word, word)


@cache
def _looks() -> frozenset[str]:
    return frozenset(lemma(verb) for verb in LOOKS)


def looks(word: str) -> bool:
    """Whether the verb only asks to see something."""
    return lemma(word) in _looks()


def is_property(word: str) -> bool:
    """Whether things have it, so that asking for it is asking what it is."""
    return strict(word, False) in _properties()


@cache
def _properties() -> frozenset[str]:
    return frozenset(strict(noun, False) for noun in PROPERTIES)


def name_of(word: str) -> str | None:
    """The known name this word spells, also with one slip in it."""
    known = names().get(word)
    if known is not None or len(word) < 5:
        return known
    return _mended(word)


@cache
def _vocabulary() -> frozenset[str]:
    lines = [*STRICT, *HEADS, *WIDE, *OPPOSITES]
    return frozenset({*names(), *VERBS, *(word for line in lines for word in line.split())})


def is_known(word: str) -> bool:
    """Whether the word, however bent, is a common English or developer's word."""
    bent = lemma(word)
    return (
        word in known()
        or word in _vocabulary()
        or bent in _vocabulary()
        or (bent != word and bent in known())
    )


@lru_cache(maxsize=4096)
def _mended(word: str) -> str | None:
    from core.cache.likeness import is_slip

    if is_known(word):
        return None
    return next((name for name in MENDED if abs(len(name) - len(word)) < 3 and is_slip(word, name)), None)


TAGS_BY_TEXT = frozenset({Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH})
"""Compared by what was written, case and all."""

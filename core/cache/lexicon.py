"""The word that stands for a word: aliases of names, and synonyms that are really interchangeable."""

import re
from functools import cache, lru_cache

from core.cache.inflection import lemma
from core.cache.known import known
from core.cache.vocabulary.late import Late
from core.cache.vocabulary.names import ALIASES, MENDED
from core.cache.vocabulary.opposites import OPPOSITES
from core.cache.vocabulary.same import HEADS, PHRASES, STRICT, WIDE
from core.cache.vocabulary.verbs import LOOKS, PROPERTIES, VERBS

_TREE = Late(
    r"""(?:,?\ ?(?:and|in|with|including|or|plus)\ )?(?:(?:in|under|below)\ )?(?:all\ )?(?:of\ )?
    (?:its|the|it's|all|any|their)?\ ?(?:all\ )?(?:sub\ ?directories|subdirectory)
    (?:\ of\ it|\ under\ it|\ below\ it|\ recursively)?(?=\ |$)""",
    "sub",
)
"""The tree below a directory: "and all its subdirectories" is "recursively"."""


def rephrased(line: str) -> str:
    """A line in lower case, with one word for what is said in several."""
    said = tuple(phrase for phrase in _phrases() if phrase in line)
    if said:
        line = _any_of(said).sub(lambda found: PHRASES[found.group()], line)
    return _TREE.sub(" recursively", line)


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(sorted(PHRASES, key=len, reverse=True))


@lru_cache(maxsize=512)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Those in one line only: a pattern of all takes longer to compile than a question to read."""
    either = "|".join(re.escape(phrase) for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")


def strict(word: str, is_head: bool) -> str:
    """The word that stands for this one wherever a developer could exchange the two."""
    bent = lemma(word)
    if is_head:
        bent = _heads().get(bent, bent)
    return _strict().get(bent, bent)


def wide(word: str) -> str:
    """The word that stands for all that are related to this canonical one."""
    return _wide().get(word, word)


def are_opposite(left: str, right: str) -> bool:
    """Whether two canonical words ask for contrary things."""
    return (left, right) in _opposites()


def is_verb(word: str) -> bool:
    """Whether the word opens an order, so that "to" before it is no direction."""
    return lemma(word) in _verbs()


def looks(word: str) -> bool:
    """Whether the verb only asks to see something."""
    return lemma(word) in LOOKS


def is_property(word: str) -> bool:
    """Whether things have it, so that asking for it is asking what it is."""
    return strict(word, False) in _properties()


def name_of(word: str) -> str | None:
    """The known name this word spells, also with a slip in it."""
    name = _names().get(word)
    if name is not None or len(word) < 5:
        return name
    return _mended(word)


def is_known(word: str) -> bool:
    """Whether the word, however bent, is a common English or developer's word."""
    bent = lemma(word)
    common, own = known(), _vocabulary()
    return word in common or word in own or bent in own or (bent != word and bent in common)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str | None:
    from core.cache.likeness import is_slip

    if is_known(word):
        return None
    return next((name for name in MENDED if abs(len(name) - len(word)) < 3 and is_slip(word, name)), None)


@cache
def _names() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in ALIASES:
        spellings = line.split()
        table.update(dict.fromkeys(spellings, spellings[0]))
    return table


@cache
def _strict() -> dict[str, str]:
    return _groups(STRICT)


@cache
def _heads() -> dict[str, str]:
    return _groups(HEADS)


@cache
def _wide() -> dict[str, str]:
    return _groups(WIDE)


def _groups(lines: tuple[str, ...]) -> dict[str, str]:
    """Each word, bent back, and the first of its group; a word belongs to the first group that has it."""
    table: dict[str, str] = {}
    for line in lines:
        first, *others = line.split()
        for word in (first, *others):
            table.setdefault(lemma(word), lemma(first))
    return table


@cache
def _opposites() -> frozenset[tuple[str, str]]:
    pairs = [[strict(word, False) for word in line.split()] for line in OPPOSITES]
    return frozenset((one, other) for pair in pairs for one, other in (pair, pair[::-1]))


@cache
def _verbs() -> frozenset[str]:
    return frozenset(lemma(verb) for verb in VERBS)


@cache
def _properties() -> frozenset[str]:
    return frozenset(strict(noun, False) for noun in PROPERTIES)


@cache
def _vocabulary() -> frozenset[str]:
    groups = (*STRICT, *HEADS, *WIDE, *OPPOSITES)
    return frozenset({*_names(), *VERBS, *(word for line in groups for word in line.split())})

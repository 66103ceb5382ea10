"""Words without a match: opposites, other numbers, flags, names, and words that were added."""

from collections.abc import Iterator

from core.cache import lexicon
from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.pieces import Tag
from core.cache.token import Token
from core.cache.vocabulary.opposites import PREFIXES

KINDS = {
    Tag.NUMBER: "number",
    Tag.VERSION: "version",
    Tag.FLAG: "flag",
    Tag.PATH: "path",
    Tag.LITERAL: "literal",
    Tag.IDENTIFIER: "identifier",
    Tag.EXTENSION: "path",
    Tag.OPERATOR: "operator",
    Tag.COMPARATOR: "comparator",
    Tag.NAME: "language",
}
"""Special things: another one is another question."""
_NARROWING = frozenset(KINDS) - {Tag.NAME, Tag.VERSION}
"""Named in one question only, they make the other a question about something else."""
_SAID = frozenset({Tag.WORD, Tag.NAME})
_FILES = frozenset({Tag.PATH, Tag.LITERAL, Tag.IDENTIFIER, Tag.EXTENSION})


def left_over(alignment: Alignment) -> Iterator[Difference]:
    """Each word of one question without a match in the other."""
    asked, stored = (list(tokens) for tokens in alignment.left_over)
    if not (any(t.is_light for t in asked) and any(t.is_light for t in stored)):
        asked = [token for token in asked if not token.is_light]
        stored = [token for token in stored if not token.is_light]
    yield from _opposed(asked, stored)
    yield from _exchanged(asked, stored)
    for token in asked:
        yield Difference(_extra(token), token.text, "", token.tag in _NARROWING)
    for token in stored:
        yield Difference(_extra(token), "", token.text, token.tag in _NARROWING)


def _extra(token: Token) -> str:
    return KINDS.get(token.tag, "extra-word")


def _opposed(asked: list[Token], stored: list[Token]) -> Iterator[Difference]:
    """Antonyms, and a word beside the same word with un-, dis-, de- or in- before it."""
    for left in list(asked):
        for right in list(stored):
            if left.tag in _SAID and right.tag in _SAID and are_opposite(left, right):
                asked.remove(left)
                stored.remove(right)
                yield Difference("opposite", left.text, right.text, is_hard=True)
                break


def are_opposite(left: Token, right: Token) -> bool:
    """Whether two words ask for contrary things."""
    if lexicon.are_opposite(left.word, right.word):
        return True
    short, long = sorted((left.word, right.word), key=len)
    return len(short) > 2 and long.endswith(short) and long.removesuffix(short) in PREFIXES


def _exchanged(asked: list[Token], stored: list[Token]) -> Iterator[Difference]:
    """One special thing in the place of another of its sort."""
    for left in list(asked):
        if left.tag is Tag.WORD:
            continue
        for right in list(stored):
            if right.tag is left.tag or (left.tag in _FILES and right.tag in _FILES):
                asked.remove(left)
                stored.remove(right)
                yield Difference(_kind_of_change(left, right), left.text, right.text, is_hard=True)
                break


def _kind_of_change(left: Token, right: Token) -> str:
    if left.tag is Tag.NUMBER and _digits(left) == _digits(right):
        return "unit"
    return KINDS[left.tag]


def _digits(token: Token) -> str:
    first = token.text.split()[0]
    return first if first.isalpha() else first.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%")

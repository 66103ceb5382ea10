"""Which word of one question is which word of the other."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from core.cache import lexicon
from core.cache.likeness import is_slip
from core.cache.pieces import Tag
from core.cache.question import Parsed
from core.cache.token import Token

_BY_TEXT = frozenset({Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH})
"""Compared by what was written, case and all."""


@dataclass(frozen=True)
class Alignment:
    """Two questions side by side: what is in both, and what is in one of them only."""

    asked: Parsed
    stored: Parsed
    pairs: tuple[tuple[int, int], ...]
    only_asked: tuple[int, ...]
    only_stored: tuple[int, ...]

    @cached_property
    def shared(self) -> list[tuple[Token, Token]]:
        """The tokens that both have, in the order of the asked question."""
        return [(self.asked.tokens[i], self.stored.tokens[j]) for i, j in self.pairs]

    @cached_property
    def left_over(self) -> tuple[list[Token], list[Token]]:
        """The tokens that only the asked one has, and those only the stored one has."""
        return [self.asked.tokens[i] for i in self.only_asked], [
            self.stored.tokens[j] for j in self.only_stored
        ]


def align(asked: Parsed, stored: Parsed) -> Alignment:
    """Match equal words first, then words with a slip in one of them."""
    places: dict[str, list[int]] = defaultdict(list)
    for j, token in enumerate(stored.tokens):
        places[_key(token)].append(j)
    pairs: list[tuple[int, int]] = []
    alone = list(range(len(asked.tokens)))
    for is_strict in (True, False):
        for i in list(alone):
            token = asked.tokens[i]
            found = places.get(_key(token), [])
            best = next((j for j in found if _plays_alike(token, stored.tokens[j], is_strict)), None)
            if best is not None:
                alone.remove(i)
                found.remove(best)
                pairs.append((i, best))
    rest = [j for found in places.values() for j in found]
    for i in list(alone):
        slip = next((j for j in rest if _is_slip(asked.tokens[i], stored.tokens[j])), None)
        if slip is not None:
            alone.remove(i)
            rest.remove(slip)
            pairs.append((i, slip))
    return Alignment(asked, stored, tuple(sorted(pairs)), tuple(alone), tuple(sorted(rest)))


def _plays_alike(left: Token, right: Token, is_strict: bool) -> bool:
    """A first look takes the same word in the same role; a second one any, but no mere label for a thing."""
    return left.role == right.role if is_strict else left.is_light == right.is_light


def _key(token: Token) -> str:
    """What must be equal; a quoted word and the bare word are the same thing."""
    if token.tag in _BY_TEXT:
        return (
            "=" + token.word
            if not token.word.isalpha() or not token.word.islower()
            else lexicon.strict(token.word, False)
        )
    return token.word


def _is_slip(left: Token, right: Token) -> bool:
    """A slip is between a known word and one that is none; two good words are two words."""
    if left.tag is not Tag.WORD or right.tag is not Tag.WORD:
        return False
    if left.text[:1] != right.text[:1]:
        return False  # the first letter is right; it is also what tells most words apart at once
    a, b = left.text.removesuffix("'s"), right.text.removesuffix("'s")
    if lexicon.is_known(a) == lexicon.is_known(b):
        return False
    unknown, known = (b, a) if lexicon.is_known(a) else (a, b)
    return is_slip(unknown, known)

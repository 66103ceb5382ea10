"""What only the whole question shows: a harmless "from", and nouns that only announce a name."""

from dataclasses import replace
from functools import cache

from core.cache import lexicon
from core.cache.inflection import lemma
from core.cache.pieces import Tag
from core.cache.token import Token
from core.cache.vocabulary.verbs import LIGHT, MOTION

_NAMED = frozenset({Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH, Tag.EXTENSION})


def settled(tokens: list[Token]) -> tuple[Token, ...]:
    """The tokens, each knowing what its neighbours make of it."""
    is_moving = any(token.role == "to" for token in tokens)
    is_moving = is_moving or any(token.word in _motion() for token in tokens[:2])
    done: list[Token] = []
    for at, token in enumerate(tokens):
        if token.role == "from" and not is_moving:
            token = replace(token, role="of")
        neighbours = (*tokens[at + 1 : at + 2], *done[-1:])
        if token.tag is Tag.WORD and any(_announces(token, other) for other in neighbours):
            token = replace(token, is_light=True)
        done.append(token)
    return tuple(done)


def _announces(noun: Token, named: Token) -> bool:
    if noun.word not in _light() or noun.role != named.role:
        return False
    if noun.word == "user" and noun.role == "by":
        return True
    if noun.word in _places() and named.tag in (Tag.LITERAL, Tag.IDENTIFIER) and "." not in named.text:
        return False
    return named.tag in _NAMED


@cache
def _light() -> frozenset[str]:
    return frozenset(lexicon.strict(noun, False) for noun in LIGHT)


@cache
def _places() -> frozenset[str]:
    """What may hold a text or be called by it: "the file foo" is not "foo", "the file a.txt" is "a.txt"."""
    return frozenset(lexicon.strict(noun, False) for noun in ("file", "directory"))


@cache
def _motion() -> frozenset[str]:
    return frozenset(lemma(verb) for verb in MOTION)

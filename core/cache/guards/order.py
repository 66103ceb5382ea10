"""Who does what to whom: roles ("from", "to", "than") and the order of words."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.guards.leftover import are_opposite
from core.cache.lexicon import is_verb, strict
from core.cache.pieces import Tag
from core.cache.token import Token
from core.cache.vocabulary.stops import STRONG
from core.cache.vocabulary.units import ORDINALS
from core.cache.vocabulary.verbs import MOVABLE, PICKING


def roles(alignment: Alignment) -> Iterator[Difference]:
    """The same word behind another preposition: "from a" and "to a", "before x" and "after x"."""
    for asked, stored in alignment.shared:
        if asked.role == stored.role or not _clash(asked, stored):
            continue
        both = asked.role in STRONG and stored.role in STRONG
        kind = "direction" if {asked.role, stored.role} & {"to", "from", "than"} else "place"
        yield Difference(
            kind, f"{asked.role} {asked.text}".strip(), f"{stored.role} {stored.text}".strip(), both
        )
        return


def compounds(alignment: Alignment) -> Iterator[Difference]:
    """Two neighbours with "of" between them in one question only: a "user pool" is no "user of a pool"."""
    asked, stored = alignment.asked.tokens, alignment.stored.tokens
    nouns = [(i, j) for i, j in alignment.pairs if asked[i].word not in _movable()]
    place = {j: at for at, j in enumerate(sorted(j for _, j in nouns))}
    for (i, j), (k, m) in pairwise(nouns):
        if (
            place[m] != place[j] + 1
            or {asked[k].role, stored[m].role} != {"of", ""}
            or asked[k].tag is not Tag.WORD
        ):
            continue
        if asked[i].role == stored[j].role == "" and not asked[i].is_light:
            yield Difference(
                "place",
                f"{asked[k].role} {asked[k].text}".strip(),
                f"{stored[m].role} {stored[m].text}".strip(),
            )
            return


def _clash(asked: Token, stored: Token) -> bool:
    if {asked.role, stored.role} == {"in", "under"}:
        return True  # what lies in a directory, and what lies anywhere below it
    if asked.role and stored.role and "about" in (asked.role, stored.role):
        return True  # a poem about India, and one in India
    if {asked.role, stored.role} <= {"to", "for"}:
        return asked.tag is not Tag.WORD  # "prepare to the exam", "prepare for the exam"
    if {asked.role, stored.role} == {"with", ""} and asked.tag is Tag.WORD:
        return True  # to encrypt with a key, and to encrypt a key
    if asked.role in STRONG or stored.role in STRONG:
        return not (
            asked.tag is Tag.NAME and {asked.role, stored.role} <= {"with", "in", "by", "for", "of", ""}
        )
    if asked.tag is Tag.NUMBER:
        return bool(asked.role and stored.role) and {asked.role, stored.role} != {"in", "of"}
    if asked.tag in (Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH) and asked.role and stored.role:
        return "with" in (asked.role, stored.role)
    return False


def order(alignment: Alignment) -> Iterator[Difference]:
    """Shared words in another order, unless a whole phrase has moved or an adjective."""
    asked, stored = alignment.asked, alignment.stored
    pairs = [
        (i, j) for i, j in alignment.pairs if not (asked.tokens[i].is_light and stored.tokens[j].is_light)
    ]
    is_symmetric = asked.kind == "difference"
    only_name = sum(asked.tokens[i].tag is Tag.NAME for i, _ in pairs) == 1
    for at, (i, j) in enumerate(pairs):
        for k, m in pairs[at + 1 :]:
            if m > j or is_symmetric:
                continue
            first, second = (asked.tokens[i], stored.tokens[j]), (asked.tokens[k], stored.tokens[m])
            if k == i + 1 and m == j - 1 and _are_swappable(first, second):
                continue
            if (
                _may_move(first, second, alignment, only_name)
                or _may_move(second, first, alignment, only_name)
                or (_is_turned(first, second) and not _leaves(alignment, first, second))
            ):
                continue
            yield Difference(
                "order", f"{first[0].text} … {second[0].text}", f"{second[1].text} … {first[1].text}"
            )
            return


@cache
def _picking() -> frozenset[str]:
    return frozenset(strict(word, False) for word in PICKING)


@cache
def _movable() -> frozenset[str]:
    return frozenset(strict(word, False) for word in MOVABLE)


def _are_swappable(first: tuple[Token, Token], second: tuple[Token, Token]) -> bool:
    """Whether two neighbours may change places: "size and path", "permission 777"."""
    if second[0].is_joined and first[1].is_joined:
        if are_opposite(first[0], second[0]):
            return False
        return not (is_verb(first[0].text.lower()) and is_verb(second[0].text.lower()))  # "stop and remove"
    number, other = sorted((first[0], second[0]), key=lambda token: token.tag is not Tag.NUMBER)
    is_counting = number.tag is Tag.NUMBER and number.text not in ORDINALS
    return is_counting and other.tag is not Tag.NUMBER


def _may_move(
    one: tuple[Token, Token], other: tuple[Token, Token], alignment: Alignment, only_name: bool
) -> bool:
    asked, stored = one
    stays = other[0].role == other[1].role
    if stays and only_name and asked.tag is Tag.NAME:
        return True
    if stays and asked.word in _movable() and not _has_left(asked, stored, alignment):
        return True
    if asked.phrase == other[0].phrase and stored.phrase == other[1].phrase:
        return False
    return bool(asked.role) and asked.role == stored.role


def _leaves(alignment: Alignment, *pairs: tuple[Token, Token]) -> bool:
    return any(_has_left(asked, stored, alignment) for asked, stored in pairs)


def _has_left(asked: Token, stored: Token, alignment: Alignment) -> bool:
    """Whether a word that picks one has another beside it: "the first author of the commit"."""
    if asked.word not in _picking():
        return False
    before, after = _beside(asked, alignment.asked.tokens), _beside(stored, alignment.stored.tokens)
    return before.isdisjoint(after)


def _beside(token: Token, tokens: tuple[Token, ...]) -> set[str]:
    at = next(at for at, other in enumerate(tokens) if other is token)
    near = (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])
    return {other.word for other in near if other.phrase == token.phrase}


def _is_turned(first: tuple[Token, Token], second: tuple[Token, Token]) -> bool:
    """Whether one is a turned "of": "the history of a file", "the file history"; no "string of arrays"."""
    weak = ("of", "in", "for")
    second_asked, second_stored = second[0].role in weak, second[1].role in weak
    first_asked, first_stored = first[0].role in weak, first[1].role in weak
    if second_asked and not second_stored and not first_stored and not first_asked:
        return first[0].role == first[1].role
    is_back = first_stored and not first_asked and not second_asked and not second_stored
    return is_back and second[0].role == second[1].role

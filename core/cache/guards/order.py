"""Who does what to whom: roles ("from", "to", "than") and the order of words."""

from collections.abc import Iterator

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.pieces import Tag
from core.cache.question import Token
from core.cache.vocabulary.stops import STRONG
from core.cache.vocabulary.verbs import MOVABLE


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


def _clash(asked: Token, stored: Token) -> bool:
    if asked.role in STRONG or stored.role in STRONG:
        return not (
            asked.tag is Tag.NAME and {asked.role, stored.role} <= {"with", "in", "by", "for", "of", ""}
        )
    if asked.tag in (Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH) and asked.role and stored.role:
        return "with" in (asked.role, stored.role)
    return False


def order(alignment: Alignment) -> Iterator[Difference]:
    """Shared words in another order, unless a whole phrase has moved or an adjective stands behind its noun."""
    asked, stored = alignment.asked, alignment.stored
    pairs = alignment.pairs
    is_symmetric = asked.kind == "difference"
    only_name = sum(asked.tokens[i].tag is Tag.NAME for i, _ in pairs) == 1
    for at, (i, j) in enumerate(pairs):
        for k, m in pairs[at + 1 :]:
            if m > j or is_symmetric:
                continue
            first, second = (asked.tokens[i], stored.tokens[j]), (asked.tokens[k], stored.tokens[m])
            if (
                _may_move(first, second, only_name)
                or _may_move(second, first, only_name)
                or _is_turned(first, second)
            ):
                continue
            yield Difference(
                "order", f"{first[0].text} … {second[0].text}", f"{second[1].text} … {first[1].text}"
            )
            return


def _may_move(one: tuple[Token, Token], other: tuple[Token, Token], only_name: bool) -> bool:
    asked, stored = one
    if asked.word in MOVABLE or (only_name and asked.tag is Tag.NAME):
        return True
    if asked.phrase == other[0].phrase or stored.phrase == other[1].phrase:
        return False
    return bool(asked.role) and asked.role == stored.role


def _is_turned(first: tuple[Token, Token], second: tuple[Token, Token]) -> bool:
    """ "the history of a file" and "the file history", but not "a string of arrays" and "an array of strings"."""
    weak = ("of", "in", "for")
    second_asked, second_stored = second[0].role in weak, second[1].role in weak
    first_asked, first_stored = first[0].role in weak, first[1].role in weak
    if second_asked and not second_stored and not first_stored and not first_asked:
        return True
    return first_stored and not first_asked and not second_asked and not second_stored

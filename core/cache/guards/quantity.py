"""How many: all, any, each, several; one thing or more of them."""

from collections.abc import Iterator

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.vocabulary import words

_SUMMED = words("count total sum average mean number size usage space")
_LOOKING = words("find show get count search check list")
_PICKED = words(
    """first last largest smallest newest oldest longest shortest highest lowest latest nearest closest large
    small next previous random only"""
)


def counted(alignment: Alignment) -> Iterator[Difference]:
    """Object to "any" for "all"; where things are added up, "each" is not "all"."""
    asked, stored = set(alignment.asked.quantifiers), set(alignment.stored.quantifiers)
    if asked == stored:
        return
    for one, other in ((asked, stored), (stored, asked)):
        if "any" in one and other & {"all", "each"} and "any" not in other:
            yield _quantifier(alignment)
            return
        if "some" in one and other & {"all", "each"} and "some" not in other:
            yield _quantifier(alignment)
            return
        if (
            "each" in one
            and "each" not in other
            and any(a.word in _SUMMED | _PICKED for a, _ in alignment.shared)
        ):
            yield _quantifier(alignment)
            return


def all_of_them(alignment: Alignment) -> Iterator[Difference]:
    """To look at files is to look at all of them; to delete files is not to delete all of them."""
    asked, stored = alignment.asked.quantifiers, alignment.stored.quantifiers
    if ("all" in asked) == ("all" in stored) or "each" in asked + stored:
        return
    is_looking = any(token.word in _LOOKING for token, _ in alignment.shared)
    if not is_looking or not any(one.is_plural or other.is_plural for one, other in alignment.shared):
        yield Difference("quantifier", " ".join(asked), " ".join(stored))


def _quantifier(alignment: Alignment) -> Difference:
    return Difference(
        "quantifier",
        " ".join(alignment.asked.quantifiers),
        " ".join(alignment.stored.quantifiers),
        is_hard=True,
    )


def singular_or_plural(alignment: Alignment) -> Iterator[Difference]:
    """One thing or several, where the question turns on it: "all branches", "the largest values"."""
    quantified = {*alignment.asked.quantifiers, *alignment.stored.quantifiers}
    loose = quantified & {"each"} or (alignment.asked.quantifiers and alignment.stored.quantifiers)
    picked = any(a.word in _PICKED for a, _ in alignment.shared)
    is_order = not alignment.asked.kind and not alignment.stored.kind and not quantified
    if loose or not (picked or is_order or quantified & {"all"}):
        return
    for asked, stored in alignment.shared:
        if asked.is_plural != stored.is_plural:
            yield Difference("quantifier", asked.text, stored.text)
            return

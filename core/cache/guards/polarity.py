"""What is denied, and whether things are joined by "and" or by "or"."""

from collections.abc import Iterator

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference


def negated(alignment: Alignment) -> Iterator[Difference]:
    """Something is denied in one question only: "with" and "without" are near in every embedding."""
    counts = alignment.asked.negations, alignment.stored.negations
    is_hard = counts[0] != counts[1] and 0 in counts
    for asked, stored in alignment.shared:
        if asked.is_negated != stored.is_negated:
            yield Difference(
                "negation",
                _said(asked.is_negated, asked.text),
                _said(stored.is_negated, stored.text),
                is_hard,
            )
            return
    if counts[0] != counts[1]:
        yield Difference("negation", "not" if counts[0] else "", "not" if counts[1] else "", is_hard)


def _said(is_negated: bool, text: str) -> str:
    return f"not {text}" if is_negated else text


def joined(alignment: Alignment) -> Iterator[Difference]:
    """Object to "a or b" for "a and b"."""
    asked, stored = set(alignment.asked.joins), set(alignment.stored.joins)
    if ("or" in asked) != ("or" in stored):
        yield Difference("and-or", " ".join(sorted(asked)), " ".join(sorted(stored)))

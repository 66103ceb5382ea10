"""What is wanted to know: how, what, why, when, if; and of which time."""

from collections.abc import Iterator

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference

_OPEN = frozenset({"", "how"})
_NAMED = frozenset({"", "what"})


def question_kind(alignment: Alignment) -> Iterator[Difference]:
    """Object to "why" for "how"; an order without a question word is "how", a bare noun may be "what"."""
    asked, stored = alignment.asked.kind, alignment.stored.kind
    if asked == stored or {asked, stored} <= _OPEN or {asked, stored} <= _NAMED:
        return
    yield Difference("question-kind", asked or "how", stored or "how")


def tense(alignment: Alignment) -> Iterator[Difference]:
    """What was is not what will be."""
    asked, stored = alignment.asked.tense, alignment.stored.tense
    if asked != stored:
        yield Difference("tense", asked or "present", stored or "present")


def person(alignment: Alignment) -> Iterator[Difference]:
    """What one should do is not what *you* do: "your favourite", "have you ever"."""
    asked, stored = alignment.asked.asks_you, alignment.stored.asks_you
    if asked != stored:
        yield Difference("person", "you" if asked else "", "you" if stored else "")

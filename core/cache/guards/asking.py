"""What is wanted to know: how, what, why, when, if; and of which time."""

from collections.abc import Iterator

from core.cache.alignment import Alignment
from core.cache.guards.difference import Difference
from core.cache.inflection import lemma, singular

_OPEN = frozenset({"", "how"})
_NAMED = frozenset({"", "what"})
_TIMELESS = frozenset({"what", "who", "why", "how does"})


def question_kind(alignment: Alignment) -> Iterator[Difference]:
    """Object to "why" for "how"; an order without a question word is "how", a bare noun may be "what"."""
    asked, stored = alignment.asked.kind, alignment.stored.kind
    if asked == stored or {asked, stored} <= _OPEN or {asked, stored} <= _NAMED:
        return
    yield Difference("question-kind", asked or "how", stored or "how")


def term(alignment: Alignment) -> Iterator[Difference]:
    """Where one word is asked after, its form is what is asked: "googling" is not "google"."""
    if alignment.asked.kind != "what" or len(alignment.shared) != 1:
        return
    asked, stored = (token.text.lower() for token in alignment.shared[0])
    if singular(asked) != singular(stored) and lemma(asked) == lemma(stored):
        yield Difference("term", asked, stored)


def tense(alignment: Alignment) -> Iterator[Difference]:
    """What was is not what will be; but what a thing was it is, and who one was, and why."""
    asked, stored = alignment.asked.tense, alignment.stored.tense
    is_timeless = alignment.asked.kind in _TIMELESS and {asked, stored} == {"", "past"}
    if asked != stored and not is_timeless:
        yield Difference("tense", asked or "present", stored or "present")


def owner(alignment: Alignment) -> Iterator[Difference]:
    """Object to "my account" for "an account": what is somebody's is there already."""
    asked, stored = alignment.asked.is_owned, alignment.stored.is_owned
    if asked != stored:
        yield Difference("owner", "one's own" if asked else "", "one's own" if stored else "")


def person(alignment: Alignment) -> Iterator[Difference]:
    """What one should do is not what *you* do: "your favourite", "have you ever"."""
    asked, stored = alignment.asked.asks_you, alignment.stored.asks_you
    if asked != stored:
        yield Difference("person", "you" if asked else "", "you" if stored else "")

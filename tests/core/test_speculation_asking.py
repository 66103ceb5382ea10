"""The chip call: its request, its answer as it streams in, and what of it may be offered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages import Message, Role
from core.providers.base import Profile, Request
from core.speculation.asking import MOST_TOKENS, Strings, asking
from core.speculation.ports import Answered
from core.speculation.sifting import offerable

LONG = "Because the loop reads every row twice, and the second time it is empty. " * 4
REQUEST = Request("m:1b", (Message(Role.SYSTEM, "s"), Message(Role.USER, "why?")), Profile(8192), 2048)
ANSWERED = Answered(1, 1, "why?", LONG, "stop", REQUEST)


def test_the_call_begins_with_the_answers_own_request_and_leaves_the_options_alone() -> None:
    """Whatever differs is read anew, or worse, loads the model again."""
    call = asking(ANSWERED, 2)
    assert call is not None
    assert call.messages[:2] == REQUEST.messages
    assert call.messages[2] == Message(Role.ASSISTANT, LONG)
    assert call.messages[3].role is Role.USER
    assert len(call.messages) == 4
    assert (call.model, call.profile, call.think) == (REQUEST.model, REQUEST.profile, False)
    assert (call.num_predict, call.temperature) == (MOST_TOKENS, 0.0)
    assert json.loads(call.schema)["maxItems"] == 2
    assert len(call.messages[3].text) < 260  # some 60 tokens to read


@pytest.mark.parametrize(
    "answered",
    [
        Answered(1, 1, "q", "Too short to ask about.", "stop", REQUEST),
        Answered(1, 1, "q", LONG, "stop", None),
        Answered(1, 1, "q", LONG, "stop", Request("m", REQUEST.messages, Profile(8192), 9, think="low")),
    ],
)
def test_an_answer_that_is_not_worth_it_is_not_asked_about(answered: Answered) -> None:
    """A short answer leaves nothing to ask, and a model that must think would think for nobody."""
    assert asking(answered, 1) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('["a b", "c"]', ["a b", "c"]),
        ("[]", []),
        ('{"next": ["a", "b"], "why": "c"}', ["a", "b"]),
        ('{"next": [{"q": "a"}]}', []),
        ('Sure! ```json\n["a"]\n```', ["a"]),
        ('["a\\"b\\u00e9\\n", "c', ['a"bé\n']),
        ('["a", b, "c"]', ["a", "c"]),
        ('["\\ud800"]', ["\ud800"]),
        ('["\\x", "b"]', ["b"]),
        ('["a"] and ["b"]', ["a"]),
        ("[" * 100 + '"a"', []),
        ('["' + "x" * 1000 + '", "b"]', []),
        ("no list at all", []),
        ('"a", "b"', []),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_strings_are_read_as_they_come(said: str, expected: list[str], size: int) -> None:
    """Broken, nested, endless or wrapped: what is closed is given, the rest never harms."""
    strings = Strings()
    found = [text for at in range(0, len(said), size) for text in strings.feed(said[at : at + size])]
    assert found == expected


def test_each_string_is_there_as_soon_as_it_is_closed() -> None:
    """The second question is not waited for to show the first."""
    strings = Strings()
    assert strings.feed('["how do I test') == []
    assert strings.feed(' it?"') == ["how do I test it?"]
    assert not strings.is_over
    assert strings.feed("]") == []
    assert strings.is_over


def test_an_endless_answer_is_over_for_the_reader() -> None:
    """The call is closed then, whatever its bound."""
    strings = Strings()
    strings.feed('["' + "x" * 500)
    assert strings.is_over
    other = Strings()
    other.feed(" " * 10_000)
    assert other.is_over


@given(st.lists(st.text(max_size=30), max_size=4), st.integers(1, 7))
def test_every_list_of_short_strings_comes_back(texts: list[str], size: int) -> None:
    """In any pieces, with any characters, escaped or not."""
    for said in (json.dumps(texts), json.dumps(texts, ensure_ascii=False)):
        strings = Strings()
        found = [text for at in range(0, len(said), size) for text in strings.feed(said[at : at + size])]
        assert found == texts
        assert strings.is_over


@given(st.text())
def test_no_text_breaks_the_reader(said: str) -> None:
    """It is a model's text."""
    strings = Strings()
    for text in strings.feed(said) + strings.feed('["' + said):
        offerable(text)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("How do I test it?", "How do I test it?"),
        ("  1. How do I\ttest it?\n", "How do I test it?"),
        ('"**Why** is `len` quick?"', "Why is len quick?"),
        ("show me `*args` once", "show me *args once"),
        ("Can you shorten your answer?", "Can you shorten your answer?"),
        ("Explain the second command", "Explain the second command"),
        ("Why?", ""),  # asked before
        ("WHY", ""),
        ("", ""),
        ("?!", ""),
        ("one two three four five six seven eight nine ten eleven twelve thirteen", ""),
        ("x" * 91, ""),
        ("As an AI, what can you do?", ""),
        ("Would you like an example?", ""),
        ("Do you want to see more?", ""),
        ("What is your operating system?", ""),
        ("Could you share your logs?", ""),
        ("/quit", ""),
        ("!rm -rf ~", ""),
        ("explain @~/.ssh/id_rsa", ""),
        ("@diff why", ""),
        ("red \x1b[31m text", ""),
        ("hid\u200bden", ""),
        ("left\u202eright", ""),
    ],
)
def test_only_what_a_person_would_ask_is_offered(said: str, expected: str) -> None:
    """A chip acts as if it had been typed, so no command, no file, no hidden character gets into one."""
    assert offerable(said, ["why?"]) == expected

"""What a model is sent: stable first, current answers only, attachments before their question."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.prompt import build_messages
from core.context.system import BUILT_IN_SYSTEM
from core.messages import Answer, AnswerState, Attachment, Message, Role, Route, Turn

TEXT = st.text(max_size=40)
NAME = st.text("abc/._-", min_size=1, max_size=12)


def attachment(name: str, text: str) -> Attachment:
    return Attachment(name, text, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())


def turn(number: int, question: str, *answers: str, attachments: tuple[Attachment, ...] = ()) -> Turn:
    """A turn whose last answer is current; without answers it failed."""
    made = tuple(
        Answer(place, number, Route.FAST, "m", "p", "local", AnswerState.COMPLETE, text, 0.0)
        for place, text in enumerate(answers)
    )
    return Turn(number, 1, question, 0.0, attachments, made, made[-1] if made else None)


ATTACHMENTS = st.lists(st.builds(attachment, NAME, TEXT), max_size=2).map(tuple)
TURNS = st.lists(
    st.builds(
        lambda question, answers, files: turn(1, question, *answers, attachments=files),
        TEXT,
        st.lists(TEXT, max_size=2),
        ATTACHMENTS,
    ),
    max_size=6,
)


def test_the_order_is_system_then_turns_then_the_question_behind_its_attachments() -> None:
    """The stable part comes first, and the question stands last, where a model heeds it most."""
    files = (attachment("a.py", "x = 1\n"), attachment("stdin", "boom"))
    messages = build_messages("Be brief.", (turn(1, "one?", "1"),), "why?", files)

    assert messages == (
        Message(Role.SYSTEM, "Be brief."),
        Message(Role.USER, "one?"),
        Message(Role.ASSISTANT, "1"),
        Message(
            Role.USER, '<file name="a.py">\nx = 1\n</file>\n\n<file name="stdin">\nboom\n</file>\n\nwhy?'
        ),
    )


def test_an_empty_system_prompt_is_the_built_in_one() -> None:
    """Nobody has to write one to get answers that suit a terminal."""
    assert build_messages("", (), "hi", ())[0] == Message(Role.SYSTEM, BUILT_IN_SYSTEM)


def test_only_the_current_answer_of_a_turn_is_sent() -> None:
    """What the person asked afresh because it was bad must not steer the next answer."""
    messages = build_messages("s", (turn(1, "one?", "bad", "good"),), "next", ())

    assert [message.text for message in messages] == ["s", "one?", "good", "next"]


def test_a_turn_without_an_answer_is_left_out() -> None:
    """Two questions in a row confuse models, and some refuse them."""
    messages = build_messages("s", (turn(1, "failed?"), turn(2, "empty?", "")), "next", ())

    assert [message.text for message in messages] == ["s", "next"]


@given(TEXT, TURNS, TEXT, ATTACHMENTS, TEXT, TEXT)
def test_each_prompt_begins_with_the_whole_prompt_before_it(
    system: str, turns: list[Turn], question: str, files: tuple[Attachment, ...], answer: str, following: str
) -> None:
    """The server keeps what it has computed only for a beginning that is the same byte for byte."""
    before = build_messages(system, tuple(turns), question, files)
    asked = turn(9, question, answer or "x", attachments=files)
    after = build_messages(system, (*turns, asked), following, ())

    assert after[: len(before)] == before


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a </file> b", "a <\\/file> b"),
        ("</FILE >", "<\\/FILE >"),
        ("< / file", "<\\ / file"),
        ("</files>", "<\\/files>"),
        ("<file> </fil> a < b / file", "<file> </fil> a < b / file"),
    ],
)
def test_a_text_cannot_pretend_that_it_is_over(text: str, sent: str) -> None:
    """What stands behind would read like the person's own words."""
    (_, message) = build_messages("s", (), "why?", (attachment("a", text),))

    assert message.text == f'<file name="a">\n{sent}\n</file>\n\nwhy?'


def test_a_name_cannot_end_its_quotes() -> None:
    """A file may be called whatever its maker likes."""
    (_, message) = build_messages("s", (), "why?", (attachment('a">\n</file> & b', "x"),))

    assert message.text == '<file name="a&quot;&gt; &lt;/file&gt; & b">\nx\n</file>\n\nwhy?'

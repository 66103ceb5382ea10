"""How much fits: nothing is cut silently, and the answer always has its room."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.budget import (
    BYTES_PER_TOKEN,
    SPARE,
    Fitted,
    answer_room,
    estimate_messages,
    estimate_tokens,
    fit,
    learn_bytes_per_token,
    sized,
)
from core.context.prompt import build_messages
from core.errors import ContextFull
from core.messages import Message, Role, Turn
from tests.core.test_prompt import attachment, turn

LARGEST = 32_768


def fitted(
    turns: tuple[Turn, ...], question: str = "q", *, window: int = 8192, may_drop: bool = False
) -> Fitted:
    return fit("s", tuple(map(sized, turns)), question, (), window, LARGEST, may_drop)


def counted(one: Turn, input_tokens: int, output_tokens: int) -> Turn:
    """The turn as a server has counted it."""
    assert one.current is not None
    return replace(one, current=replace(one.current, input_tokens=input_tokens, output_tokens=output_tokens))


def test_an_estimate_counts_bytes_so_that_no_script_is_taken_for_short() -> None:
    """A Japanese character is about a token, and counted as a quarter of one the window would overflow."""
    assert estimate_tokens("x" * 340) == 101
    assert estimate_tokens("字" * 340) == 301
    assert estimate_tokens("") == 1
    assert estimate_tokens("\ud83d") == 1  # half an emoji from a broken paste is no reason to fail


def test_a_short_question_leaves_the_rest_of_the_window_to_the_answer() -> None:
    """Prompt and answer together stay in the window, so the server never shifts it."""
    result = fitted(())

    assert result.dropped == 0
    assert result.tokens == estimate_messages(result.messages)
    assert result.num_predict == 8192 - result.tokens - SPARE


def test_a_full_window_says_what_it_needs_before_anything_is_sent() -> None:
    """The person chooses what gives way; nobody else does."""
    turns = tuple(turn(n, "q" * 3400, "a" * 3400) for n in range(1, 6))  # about 2000 tokens each
    with pytest.raises(ContextFull) as caught:
        fitted(turns)

    error = caught.value
    assert error.window == 8192
    assert error.largest == LARGEST
    assert 10_000 < error.needed - answer_room(8192) < 10_200
    assert error.droppable == 2
    assert "8,192" in error.message
    assert "drop the oldest 2 turns" in error.remedy
    assert "32,768" in error.remedy


def test_dropping_takes_the_oldest_turns_and_no_more_than_needed() -> None:
    """The newest turns are what a follow-up is about."""
    turns = tuple(turn(n, f"{n}" * 3400, "a" * 3400) for n in range(1, 6))
    result = fitted(turns, may_drop=True)

    assert result.dropped == 2
    assert [message.text[0] for message in result.messages] == ["s", "3", "a", "4", "a", "5", "a", "q"]


def test_a_question_that_is_too_long_alone_cannot_be_helped_by_dropping() -> None:
    """To propose what does not help would send the person in a circle."""
    with pytest.raises(ContextFull) as caught:
        fitted((turn(1, "q", "a"),), "x" * 200_000, may_drop=True)

    assert caught.value.droppable == 0
    assert "drop" not in caught.value.remedy
    assert "send less" in caught.value.remedy


def test_an_attachment_counts() -> None:
    """A log of a megabyte is the most usual way to fill a window."""
    with pytest.raises(ContextFull):
        fit("s", (), "why?", (attachment("log", "x" * 1_000_000),), 8192, LARGEST, may_drop=False)


def test_the_server_s_own_count_is_believed_where_there_is_one() -> None:
    """It knows the tokeniser: a long conversation must not be called full while it is not."""
    turns = (counted(turn(1, "q" * 13_000, "a" * 13_000), 3000, 3000),)  # we would say about 7700

    assert 6000 < fitted(turns).tokens < 6050


def test_dropping_goes_by_the_server_s_count_too() -> None:
    """Where a text has more tokens than we think, one dropped turn too few would be refused."""
    turns = tuple(counted(turn(n, "q" * 1700, "a" * 1700), n * 1500, 750) for n in range(1, 9))
    result = fitted(turns, may_drop=True)

    assert 8 - result.dropped <= 5  # 1500 tokens each by the server's count, 1013 by ours


def test_a_count_that_cannot_be_of_this_prompt_is_not_believed() -> None:
    """Servers that leave out the cached part, and turns that changed since, count far too low."""
    turns = (counted(turn(1, "q" * 13_000, "a" * 13_000), 40, 60),)

    with pytest.raises(ContextFull):
        fitted(turns, "x" * 1000)


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 4000)), max_size=8),
    st.integers(0, 20_000),
    st.integers(512, 16_384),
    st.booleans(),
)
def test_what_fits_is_the_prompt_of_the_turns_that_stay_and_leaves_the_answer_room(
    lengths: list[tuple[int, int]], question: int, window: int, may_drop: bool
) -> None:
    """For every conversation: either it fits with room, or it is said; never a byte less in silence."""
    turns = tuple(turn(n, "q" * asked, "a" * said) for n, (asked, said) in enumerate(lengths))
    refused: ContextFull | None = None
    try:
        result = fitted(turns, "x" * question, window=window, may_drop=may_drop)
    except ContextFull as full:
        refused = full
    if refused is not None:
        assert refused.needed > window - SPARE
        assert not (may_drop and refused.droppable)
        return
    assert result.messages == build_messages("s", turns[result.dropped :], "x" * question, ())
    assert may_drop or result.dropped == 0
    assert result.num_predict >= answer_room(window)
    assert estimate_messages(result.messages) + result.num_predict <= window


def said(size: int) -> tuple[Message, ...]:
    """A prompt of one message, so many bytes long."""
    return (Message(Role.USER, "x" * size),)


def test_a_model_that_cuts_text_finer_is_believed_at_once_and_a_coarser_one_slowly() -> None:
    """An estimate that is too low overflows the window; one that is too high costs a little room."""
    finer = learn_bytes_per_token(None, said(4000), 2006)
    assert finer == pytest.approx((BYTES_PER_TOKEN + 2) / 2)
    coarser = learn_bytes_per_token(4.0, said(5000), 1006)
    assert coarser == pytest.approx(4.1)


def test_a_count_that_cannot_be_of_this_prompt_teaches_nothing() -> None:
    """Servers leave out what they had cached, say nothing, or count a template around a short text."""
    for size, tokens in ((4000, 0), (4000, 40), (4000, 3), (100, 40), (4000, 60_000)):
        assert learn_bytes_per_token(3.0, said(size), tokens) == 3.0


def test_what_was_learnt_of_a_model_decides_what_fits() -> None:
    """The same text is two windows' worth for one model, and half of one for another."""
    text = "x" * 20_000
    assert fit("s", (), text, (), 8192, LARGEST, may_drop=False, bytes_per_token=4.0).tokens < 5100
    with pytest.raises(ContextFull):
        fit("s", (), text, (), 8192, LARGEST, may_drop=False, bytes_per_token=2.0)

"""A key that comes back within a text goes no further, wherever the pieces of the text cut it."""

import random

import pytest

from core.redaction import MASK, Masker

KEY = "lumen.CANARY+7f3a/92bd"
"""Shaped like no known key, so that only knowing it can find it."""


def masked(*pieces: str, key: str = KEY) -> str:
    """What comes out in the end."""
    masker = Masker(key)
    return "".join(masker.feed(piece) for piece in pieces) + masker.finish()


def test_a_key_is_masked_wherever_it_is_cut() -> None:
    """Models send words in pieces; a key in two of them is the same key."""
    text = f"Your key is {KEY}, so {KEY}{KEY} and lumen.CAN is not one"
    for first in range(len(text)):
        for second in range(first, len(text), 3):
            said = masked(text[:first], text[first:second], text[second:])
            assert "CANARY" not in said
            assert said.startswith("Your key is ")
            assert said.endswith(" and lumen.CAN is not one")
    assert masked(*text) == masked(*text).replace(KEY, "")
    assert masked(text) == f"Your key is {MASK}92bd, so {MASK}92bd{MASK}92bd and lumen.CAN is not one"


@pytest.mark.parametrize("size", range(12, len(KEY)))
def test_the_most_of_a_key_at_the_end_is_masked_too(size: int) -> None:
    """A stream that is cut within the key leaves a key that is easily guessed."""
    said = masked("It is ", *KEY[:size])
    assert said == f"It is lu{MASK}"


def test_text_without_the_key_goes_through_unchanged_and_at_once() -> None:
    """What is held back would be missing from an answer that is ended."""
    words = random.Random(7)
    for _ in range(300):
        text = "".join(words.choice("lumen.CA ") for _ in range(40))
        masker, out = Masker(KEY), ""
        for at in range(0, 40, 3):
            out += masker.feed(text[at : at + 3])
            assert len(text[: at + 3]) - len(out) <= len("lumen.CA") - 2
        assert out + masker.finish() == text
    assert Masker(KEY).feed("all") == "all"
    assert masked("lu", "men", key="") == "lumen"
    assert masked("abc", "abc", key="abc") == "abcabc", "so short a value is no secret"


def test_the_common_beginning_of_keys_is_no_key() -> None:
    """An answer may end with how keys begin."""
    key = "sk-ant-api03-" + "x7Q" * 30
    assert masked("They begin with sk-ant-", key=key) == "They begin with sk-ant-"
    assert "x7Qx7Q" not in masked("Yours: ", key[:60], key[60:], " is it", key=key)

"""The sanitiser: what a terminal would act upon is made visible, and nothing else is touched."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sanitise import Cleaner, clean, clean_line

BAD = "�"

FORBIDDEN = {
    *(point for point in range(0x20) if chr(point) not in "\t\n"),
    *range(0x7F, 0xA0),
    *(0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    *(0x200B, 0x200C, *range(0x2060, 0x2066), 0xFEFF, 0x00AD, 0x034F, 0x180E, 0x115F, 0x1160),
    *(0x3164, 0xFFA0, 0x17B4, 0x17B5, *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC)),
    *(0x2028, 0x2029, *range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0), *range(0xFE00, 0xFE0E)),
    *range(0xD800, 0xE000),
    *range(0xFDD0, 0xFDF0),
    *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)),
}

# Hypothesis rarely finds these by itself, and the rules are about their neighbours.
PIECES = st.one_of(
    st.sampled_from(
        [
            "\r",
            "\n",
            "\r\n",
            "\u200d",
            "\ufe0f",
            "\ufe0e",
            "👩",
            "🏽",
            "❤",
            "1",
            "#",
            "\u20e3",
            "a",
            "\x1b",
            "é",
            "🇬",
        ]
    ),
    st.sampled_from([chr(point) for point in sorted(FORBIDDEN)]),
    st.characters(),
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred", BAD + "[31mred"),
        ("\x1b]52;c;cm0gLXJm\x07", f"{BAD}]52;c;cm0gLXJm{BAD}"),
        ("\x1b]2;title\x1b\\", f"{BAD}]2;title{BAD}\\"),
        ("\u009b2J\u009d0;t\u009c", f"{BAD}2J{BAD}0;t{BAD}"),
        ("a\x00b\x08c\x0ed\x7f", f"a{BAD}b{BAD}c{BAD}d{BAD}"),
        ("user\u202egnp.exe", f"user{BAD}gnp.exe"),
        ("if\u2066 admin\u2069", f"if{BAD} admin{BAD}"),
        ("pass\u200bword\ufeff\u00ad", f"pass{BAD}word{BAD}{BAD}"),
        ("\u3164\uffa0\u115f", BAD * 3),
        ("hi\U000e0041\U000e007f", f"hi{BAD}{BAD}"),
        ("a\U000e0100b\ufe00", f"a{BAD}b{BAD}"),
        ("\ud800\udc00", BAD * 2),
        ("\ufffe\U0010ffff\ufdd0", BAD * 3),
    ],
)
def test_what_acts_on_a_terminal_or_hides_is_made_visible(hostile: str, harmless: str) -> None:
    """Each of these changed a clipboard, a title or the meaning of a line in a real terminal."""
    assert clean(hostile) == harmless


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_newline_becomes_one_newline(newline: str) -> None:
    """A lone carriage return would let a later text overwrite an earlier one."""
    assert clean(f"one{newline}two") == "one\ntwo"


@pytest.mark.parametrize(
    "emoji",
    [
        "👩🏽\u200d💻",
        "❤\ufe0f\u200d🔥",
        "🏳\ufe0f\u200d🌈",
        "🐻\u200d❄\ufe0f",
        "1\ufe0f\u20e3",
        "#\ufe0f\u20e3",
        "🇬🇧",
        "👍🏽",
        "👨\u200d👩\u200d👧",
        "☎\ufe0e",
        "🕵🏽\ufe0f\u200d♀\ufe0f",
        "↔\ufe0f",
        "🚶\u200d➡\ufe0f",
    ],
)
def test_emoji_of_several_characters_stay_whole(emoji: str) -> None:
    """People write in emoji; a family must not become four people and three boxes."""
    text = f"so {emoji}!"

    assert clean(text) == text


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("a\u200db", f"a{BAD}b"),
        ("👩\u200da", f"👩{BAD}a"),
        ("a\u200d👩", f"a{BAD}👩"),
        ("👩\u200d", f"👩{BAD}"),
        ("👩\u200d\u200d👩", f"👩{BAD}{BAD}👩"),
        ("1\ufe0f\u200d👩", f"1\ufe0f{BAD}👩"),
        ("a\ufe0f", f"a{BAD}"),
        ("👩\ufe0f\ufe0f", f"👩\ufe0f{BAD}"),
        ("🏴\U000e0067\U000e0062\U000e007f", f"🏴{BAD}{BAD}{BAD}"),
    ],
)
def test_joiners_and_selectors_outside_emoji_are_made_visible(hostile: str, harmless: str) -> None:
    """Outside emoji they only hide: two names that look alike, or a message between letters."""
    assert clean(hostile) == harmless


def test_a_clean_text_is_returned_as_it_is() -> None:
    """Nearly every piece of an answer is clean, and must cost one search only."""
    text = "def f(x: Vec<T>) -> \t'naïve' 日本語 مرحبا\n"

    assert clean(text) is text
    assert Cleaner().feed(text) is text


def test_a_line_has_no_newline_and_no_tab() -> None:
    """A title or an error must not open a second line where one is drawn."""
    assert clean_line("no\r\nsuch\tfile\x1b") == f"no such file{BAD}"


def test_a_held_joiner_comes_out_at_the_end() -> None:
    """A stream that stops inside an emoji keeps what came, and the next text starts afresh."""
    cleaner = Cleaner()

    assert cleaner.feed("👩\u200d") == "👩"
    assert cleaner.feed("") == ""
    assert cleaner.finish() == BAD
    assert cleaner.finish() == ""
    assert cleaner.feed("\n") == "\n"


@given(TEXTS)
def test_no_forbidden_character_survives_and_cleaning_again_changes_nothing(text: str) -> None:
    """This is the one door: what passes here is drawn, stored and copied."""
    cleaned = clean(text)

    assert not [hex(ord(char)) for char in cleaned if ord(char) in FORBIDDEN]
    assert clean(cleaned) == cleaned
    cleaned.encode()


@given(TEXTS)
def test_nothing_is_lost_but_the_second_half_of_a_windows_newline(text: str) -> None:
    """Harmless must not mean shorter: `Vec<T>` stays, and a removed mark leaves a trace."""
    joined = text.replace("\r\n", "\n")
    cleaned = clean(text)

    assert len(cleaned) == len(joined)
    for before, after in zip(joined, cleaned, strict=True):
        if before == after:
            continue
        if after == "\n":
            assert before in "\r\v\f\x85\u2028\u2029"
        else:
            assert after == BAD
            assert unicodedata.category(before) in {"Cc", "Cf", "Cs", "Cn", "Mn", "Lo"}
            assert ord(before) in FORBIDDEN | {0x200D, 0xFE0E, 0xFE0F} or unicodedata.category(before) in {
                "Cf",
                "Cn",
            }


@given(TEXTS, st.lists(st.integers(0, 60)))
def test_any_split_into_pieces_gives_the_same_text(text: str, cuts: list[int]) -> None:
    """Where a token ends is chance; a sequence cut in two must not slip through."""
    cleaner = Cleaner()
    borders = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [cleaner.feed(text[start:end]) for start, end in pairwise(borders)]

    assert "".join(pieces) + cleaner.finish() == clean(text)

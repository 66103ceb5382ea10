"""The layout: every visible character of an answer reaches the screen, harmless and within the width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.messages import AnswerState
from tests.screen.markdown_texts import CUTS, MARKDOWN, SAMPLE, cut
from tui.transcript.answer import Answer
from tui.transcript.block import Block
from tui.transcript.fences import Colours
from tui.transcript.layout import lay_out
from tui.transcript.lines import ADDRESS, Line, wrap
from tui.transcript.paint import STYLE_NAMES


def lines_of(text: str, width: int = 60) -> list[Line]:
    return drawn(answered(text), width)


def answered(text: str) -> Answer:
    answer = Answer(Colours(), 0, AnswerState.COMPLETE)
    answer.append(text)
    return answer


def drawn(answer: Answer, width: int) -> list[Line]:
    """All lines of an answer but its foot's two, with their colours."""
    answer.flush(is_whole=True)
    while answer.lay_out(0, answer.height, width, []) or answer.colours.has_work:
        answer.colours.work()
    return [answer.line(y) for y in range(answer.height)][:-2]


def shown(text: str, width: int = 60) -> str:
    return "\n".join(line.text.rstrip() for line in lines_of(text, width)).rstrip()


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())


def names_of(lines: list[Line]) -> set[str]:
    styles = {name for line in lines for _, style in line.spans for name in style.split()}
    return {name for name in styles if not name.startswith(ADDRESS)}


def styles_of(text: str, part: str) -> set[str]:
    return {style for line in lines_of(text) for words, style in line.spans if part in words}


def test_an_answer_looks_as_its_source_means() -> None:
    """The one picture of everything an answer is made of."""
    assert shown(SAMPLE, 46) == (
        """\
Undoing a commit

The last commit is easy: use git reset, which
moves the branch.

1. Look first:

   [1] bash
   git log -1 --stat

2. Then go back
   • --soft keeps the changes
   • --hard drops them for ever
3. Check

▌ Never reset what is pushed. Revert it.

option │ changes │ index
───────┼─────────┼──────
soft   │    kept │ kept
mixed  │    kept │ reset
hard   │    gone │ reset

[2] python
def undo(depth: int = 1) -> None:
    # as far as asked
    run(["git", "reset", f"HEAD~{depth}"])

• [ ] push
• [x] panic

Setext

[3]
indented code

goes on

See the book (git-scm.com) or
https://example.org/x.
"""
        + "─" * 46
        + "\nLast Vec<T> and <div> line"
    )


@given(MARKDOWN, st.integers(60, 90))
def test_no_letter_is_lost_or_moved_and_no_line_is_too_long(text: str, width: int) -> None:
    """An answer with a word missing is a wrong answer."""
    lines = lines_of(text, width)

    assert letters("".join(line.text for line in lines)) == letters(text)
    assert max((cell_len(line.text) for line in lines), default=0) <= width
    assert names_of(lines) <= set(STYLE_NAMES)


@given(MARKDOWN, st.integers(1, 30))
def test_a_narrow_screen_loses_nothing(text: str, width: int) -> None:
    """A pane of a few columns is still a screen; tables become lists there, with their columns' names."""
    lines = lines_of(text, width)

    if "|" not in text:
        assert letters("".join(line.text for line in lines)) == letters(text)
    assert max((cell_len(line.text) for line in lines), default=0) <= max(width, 8)


@given(MARKDOWN, CUTS)
def test_a_streamed_answer_ends_as_it_would_look_at_once(text: str, cuts: list[int]) -> None:
    """What was watched as it grew must be what is there after a restart."""
    answer = Answer(Colours(), 70, AnswerState.STREAMING)
    for piece in cut(text, cuts):
        answer.append(piece)
        answer.flush()
        answer.lay_out(0, answer.height, 70, [])
    answer.state = AnswerState.COMPLETE

    assert drawn(answer, 70) == lines_of(text, 70)
    assert answer.text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vec<T> and <div class='x'>", "Vec<T> and <div class='x'>"),
        ("<div>\n*block*\n</div>", "<div>\n*block*\n</div>"),
        ("<!-- a\n\n*b* -->\n*c*", "<!-- a\n\n*b* -->\nc"),
        ('a <b title="*x*">', 'a <b title="*x*">'),
        ("[/nope] [@click=app.quit]x[/]", "[/nope] [@click=app.quit]x[/]"),
        ("a &#x202e; b &lt;", "a � b <"),
        ("`&#x202e;` &#x9b;31m", "`&#x202e;` �31m".replace("`", "")),
        ("a\\\nb\nc  \nd", "a\nb c\nd"),
        ("[ok](https://google.com@evil.example/x)", "ok (evil.example)"),
        ("[https://good.example](https://evil.example)", "https://good.example (evil.example)"),
        ("[file](src/a.py)", "file (src/a.py)"),
        ("![a cat](https://cats.example/1.png)", "a cat (cats.example)"),
        ("[a][1]\n\n[1]: https://x.example/y", "a (x.example)\n\n[1]: https://x.example/y"),
        ("[a][1]\n\n[2]: https://x.example/y", "[a][1]\n\n[2]: https://x.example/y"),
        ("[a]: /u\n===\nb", "[a]: /u\n=== b"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("| a | b |\n|---|---|\n| `x|y` | z |", "a  │ b\n───┼───────\n`x │ y` | z"),
    ],
)  # fmt: skip
def test_what_looks_like_markup_is_shown_and_never_acted_upon(text: str, expected: str) -> None:
    """Model text is untrusted, and `Vec<T>` must stay `Vec<T>`."""
    assert shown(text) == expected


def test_a_long_line_of_code_goes_on_below_and_is_whole() -> None:
    """Code that is cut off at the edge cannot be read or trusted."""
    code = "x = " + "abcdefghij" * 10
    lines = [line.text for line in lines_of(f"```python\n{code}\n```", 40)][1:]

    assert "".join(line.removeprefix("↪ ") for line in lines) == code
    assert lines[1].startswith("↪ ")


def test_code_is_coloured_by_the_language_it_names_and_never_by_a_guess() -> None:
    """Guessing tries every lexer there is; a name that is not known is plain code."""
    assert styles_of("```python\ndef f(): pass\n```", "def") == {"block keyword"}
    assert styles_of("```nonsense\ndef f(): pass\n```", "def") == {"block"}
    assert styles_of("```\ndef f(): pass\n```", "def") == {"block"}


def test_styles_within_each_other_add_up() -> None:
    """A bold word in a quote is both."""
    assert styles_of("> a **b `c`**", "b") == {"quote strong"}
    assert styles_of("> a **b `c`**", "c") == {"quote strong code"}


def test_wide_and_joined_characters_keep_the_width() -> None:
    """A line that is wider than it says pushes everything behind it out of place."""
    for line in wrap([("日本語のテキストはどこでも改行できる👩🏽\u200d💻 e\u0301", "")], 9):
        assert cell_len(line.text) <= 9
    assert [line.text for line in wrap([("ab 日本語", "")], 5)] == ["ab 日", "本語"]


def test_a_table_too_wide_becomes_a_list_and_a_wide_column_wraps() -> None:
    """At 80 columns a table of ten columns has no place, but its words have."""
    wide = "| a | b |\n|---|---|\n| x | " + "word " * 20 + "|\n"
    assert max(len(line) for line in shown(wide, 30).split("\n")) <= 30
    assert shown(wide, 30).count("word") == 20

    many = "|" + "h|" * 12 + "\n|" + "-|" * 12 + "\n|" + "v|" * 12
    assert shown(many, 30).count("h: v") == 12


@pytest.mark.parametrize(
    "piece", ["[", ">", "*a ", "**", "- ", "`", "![", "<", "\\", "_a", "| ", "1. ", "> - "]
)
def test_hostile_nesting_ends_soon_and_loses_nothing(piece: str) -> None:
    """An answer that never ends is often one character repeated; pytest's timeout is the limit here."""
    text = piece * 3_000 + "end"

    assert "end" in "".join(line.text for line in lines_of(text, 80))


def test_an_ordinal_carries_on_a_list() -> None:
    """Items are laid out one by one, but numbered as one list."""
    assert [line.text for line in lay_out(Block("1. b\n1. c", ordinal=2), 20)] == ["2. b", "3. c"]

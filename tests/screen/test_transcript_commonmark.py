"""CommonMark on the screen: nothing visible is lost, and streaming changes nothing."""

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len
from textual.pilot import Pilot

from core.messages import AnswerState
from tests.screen.transcript_stage import ask, play
from tui.transcript.answer import Answer
from tui.transcript.fences import Colours
from tui.transcript.lines import Line
from tui.transcript.view import Transcript

EXAMPLES: list[dict[str, str]] = json.loads(
    Path(__file__).with_name("transcript_commonmark.json").read_text(encoding="utf-8")
)
DOCUMENTS = 500
_TEXTS = {"text", "code_inline", "code_block", "fence", "html_block", "html_inline", "image"}


def drawn(answer: Answer, width: int) -> list[Line]:
    """An answer laid out to its end, colours and all."""
    answer.flush(is_whole=True)
    while answer.lay_out(0, answer.height, width, []) or answer.colours.has_work:
        answer.colours.work()
    return [answer.line(y) for y in range(answer.height)]


def whole(text: str, width: int) -> list[Line]:
    """A stored answer."""
    answer = Answer(Colours(), width, AnswerState.COMPLETE)
    answer.append(text)
    return drawn(answer, width)


def streamed(pieces: Iterable[str], width: int) -> list[Line]:
    """The same, as it would have come."""
    answer = Answer(Colours(), width, AnswerState.STREAMING)
    for piece in pieces:
        answer.append(piece)
        answer.flush()
        answer.lay_out(0, answer.height, width, [])
    answer.state = AnswerState.COMPLETE
    return drawn(answer, width)


def visible(text: str) -> str:
    """What CommonMark says must be seen: the characters of every text, code, HTML and image's words."""

    def walk(tokens: Iterable[Token]) -> Iterator[str]:
        for token in tokens:
            if token.type in _TEXTS:
                yield token.content
            elif token.children:
                yield from walk(token.children)

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return "".join("".join(walk(parser.parse(text))).split())


def first_missing(wanted: str, found: str) -> str:
    """What is wanted from the first character on that does not come in order; empty when all do."""
    rest = iter(found)
    for at, character in enumerate(wanted):
        if character not in rest:
            return wanted[at:]
    return ""


def chopped(text: str, chance: random.Random) -> list[str]:
    """A text in pieces of random lengths."""
    pieces = []
    at = 0
    while at < len(text):
        size = chance.choice((1, 2, 3, 5, 8, 40))
        pieces.append(text[at : at + size])
        at += size
    return pieces


def document(chance: random.Random) -> str:
    """Some blocks in a random order, cut and joined as no one would."""
    parts = chance.choices(EXAMPLES, k=chance.randrange(1, 9))
    joints = chance.choices(["\n", "\n\n", "\n\n\n", "", "\n- ", "\n> ", "\n    "], k=len(parts))
    return "".join(part["markdown"] + joint for part, joint in zip(parts, joints, strict=True))


@pytest.mark.parametrize("width", [100, 40, 9])
def test_every_example_is_laid_out_and_no_visible_character_is_lost(width: int) -> None:
    """An answer with a character missing is a wrong answer."""
    assert len(EXAMPLES) >= 150
    for example in EXAMPLES:
        text = example["markdown"]
        if any(rule in text for rule in ("--|", "|--")) and width < 20:
            continue  # a table that has no room is a list, with its columns' names at every cell
        found = "".join("".join(line.text for line in whole(text, width)).split())
        assert first_missing(visible(text), found) == "", text


def test_hundreds_of_documents_end_on_the_screen_as_they_would_be_at_once() -> None:
    """What was watched as it grew must be what is there after a restart."""
    chance = random.Random(20)
    for number in range(DOCUMENTS):
        text = document(chance)
        width = chance.choice((24, 60, 118))
        assert streamed(chopped(text, chance), width) == whole(text, width), (number, text)


def test_long_documents_are_cut_at_the_same_places_however_they_come() -> None:
    """Where a text that is too long is cut must not depend on the pieces."""
    chance = random.Random(21)
    row = "| some `code` | and **more** words |\n"
    texts = [
        "word " * 4_500,
        "x" * 9_000 + " **b** " + "y" * 5_000,
        "```python\n" + "value = 1\n" * 1_500 + "```\ntext",
        "```\n" + "long " * 3_000 + "\n```\ntext",
        "text\n| a | b |\n|---|---|\n" + row * 300 + "\nend",
        "- item\n\n" + "  more of it\n" * 2_000 + "\nend",
        "    code\n" * 1_000 + "\nend",
        "> quoted words\n" * 600 + "\nend",
        "# " + "heading " * 900 + "\nend",
        "<!-- " + "comment " * 900 + "-->\n*end*",
        "- " + "item " * 3_000 + "\n- next",
    ]
    for text in texts:
        at_once = whole(text, 80)
        for _ in range(2):
            assert streamed(_large(text, chance), 80) == at_once, text[:20]
        letters = "".join(filter(str.isalpha, text))
        assert first_missing(letters, "".join(line.text for line in at_once)) == ""


def _large(text: str, chance: random.Random) -> Iterator[str]:
    at = 0
    while at < len(text):
        size = chance.randrange(1, 900)
        yield text[at : at + size]
        at += size


def test_every_row_of_the_screen_is_as_wide_as_the_screen() -> None:
    """Wide characters, emoji and marks keep their columns, or everything behind them is out of place."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        for number, example in enumerate(EXAMPLES):
            ask(view, number, example["markdown"])
            for y in range(view.size.height):
                strip = view.render_line(y)
                assert strip.cell_length == view.size.width
                assert sum(cell_len(segment.text) for segment in strip) == view.size.width
        view.begin_turn(-1, "日本語 👩\u200d💻 e\u0301 " * 20)
        assert all(cell_len(line) <= 59 for line in view.visible_text().split("\n"))

    play(scene)


def test_a_document_streamed_into_the_widget_looks_as_one_that_is_shown() -> None:
    """The same through the real widget, whatever was in view meanwhile."""
    chance = random.Random(22)
    texts = [document(chance) for _ in range(25)]

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        for text in texts:
            view.clear()
            ask(view, 1, text)
            view.scroll_home()
            at_once = view.visible_text()
            view.clear()
            view.begin_turn(1, "question 1")
            view.begin_answer(1)
            for piece in chopped(text, chance):
                view.append(1, piece)
                view._tick()
            view.end_answer(1, AnswerState.COMPLETE)
            view.scroll_home()
            assert view.visible_text() == at_once, text

    play(scene, (60, 60))

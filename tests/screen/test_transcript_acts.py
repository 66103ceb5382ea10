"""What a reader does with a transcript: find, fold, follow a link."""

import pytest
from textual.pilot import Pilot

from core.messages import AnswerState
from tests.screen.transcript_stage import Shelf, Stage, ask, numbered, play
from tui.transcript.view import Transcript

CODE = "Look:\n\n```python\n" + "".join(f"value_{n} = {n}\n" for n in range(34)) + "```\n\nand then"


def marked(view: Transcript) -> list[str]:
    """The texts that are marked in the view, the current one with a star."""
    usual, current = (view._painter.mark(name).bgcolor for name in ("match", "match-current"))
    found = []
    for y in range(view.size.height):
        for segment in view.render_line(y):
            if segment.style and segment.style.bgcolor in (usual, current):
                found.append(segment.text + ("*" if segment.style.bgcolor == current else ""))
    return found


def test_find_marks_counts_and_goes_from_one_to_the_next() -> None:
    """Who looks for a word in an afternoon's answers wants the next, and to know how many there are."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "a Needle here\n\n" + numbered(40))
        ask(view, 2, numbered(40) + "and **nee**dle again")
        view.scroll_home()
        assert view.find("needle") == 2
        assert marked(view) == ["Needle*"]
        assert view.find("needle") == 2
        assert "and needle again" in view.visible_text()
        assert marked(view) == ["nee*", "dle*"]
        view.find("needle")
        assert "a Needle here" in view.visible_text()
        view.find("needle", backwards=True)
        assert "needle again" in view.visible_text()
        view.clear_find()
        assert marked(view) == []
        assert view.find("nowhere") == 0
        assert view.find("  ") == 0

    play(scene)


def test_find_reads_across_the_end_of_a_line() -> None:
    """Where a line happens to end is nothing the reader knows."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "word " * 10 + "a phrase of several words that goes on and on for more than one line")
        assert view.find("phrase of several words that goes on and on") == 1
        ask(view, 2, "> " + "x" * 130)
        assert view.find("x" * 120) == 1

    play(scene)


def test_find_unfolds_what_holds_it() -> None:
    """A match that cannot be seen is none."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, CODE)
        view.toggle_fold(1, code=1)
        assert "value_33" not in view.visible_text()
        assert view.find("value_33") == 1
        assert "value_33 = 33" in view.visible_text()
        view.toggle_fold(1)
        assert view.find("look") == 1
        assert "Look:" in view.visible_text()

    play(scene)


def test_find_looks_into_stored_turns_that_are_loaded() -> None:
    """They are what can be scrolled to at once."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(1_000))
        assert view.find("answer 999") == 1
        assert view.find("answer") >= 30
        assert view.laid_out_lines < 500

    play(scene)


def test_an_answer_folds_to_one_line_and_unfolds() -> None:
    """An answer that has been dealt with should not stand in the way."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, numbered(17) + "end")
        view.label(1, "qwen3:4b")
        ask(view, 2, "short")
        before = view.visible_text()
        assert view.toggle_fold(1)
        assert view.visible_text().startswith(
            "› question 1\n\n… 35 lines\nqwen3:4b\n\n› question 2\n\nshort\n"
        )
        view.begin_answer(2)
        assert view.toggle_fold(1)
        view.append(2, "short")
        view.end_answer(2, AnswerState.COMPLETE)
        view.scroll_end()
        assert view.visible_text() == before
        assert not view.toggle_fold(99)
        assert not view.toggle_fold(1, code=1)

    play(scene)


def test_a_code_block_folds_and_its_header_stays() -> None:
    """Its number is still what it is copied by."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, CODE)
        before = view.visible_text()
        assert view.toggle_fold(code=1)
        assert "Look:\n\n[1] python\n… 34 lines\n\nand then" in view.visible_text()
        assert view.code_blocks()[0][1].count("\n") == 33
        assert view.toggle_fold(code=1)
        view.scroll_end()
        assert view.visible_text() == before

    play(scene)


def test_an_answer_can_be_folded_while_it_comes() -> None:
    """What still comes is kept, and shown when it is unfolded."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, numbered(5))
        view.toggle_fold(1)
        view.append(1, numbered(5, first=5) + "tail")
        assert "line 4" not in view.visible_text()
        view.end_answer(1, AnswerState.COMPLETE)
        view.toggle_fold(1)
        assert "line 4" in view.visible_text()
        assert "tail" in view.visible_text()
        assert view.answer_text(1) == numbered(10) + "tail"

    play(scene)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("[book](https://git-scm.com/book)", ["https://git-scm.com/book"]),
        ("<https://x.org/a>", ["https://x.org/a"]),
        ("![cat](http://cats.example/1.png)", ["http://cats.example/1.png"]),
        ("[me](mailto:a@b.org)", ["mailto:a@b.org"]),
        ("[run](javascript:alert)", []),
        ("[file](file:///etc/passwd)", []),
        ("[data](data:text/html,x)", []),
        ("[local](src/a.py)", []),
        ("[odd](vscode://open/x)", []),
        ("plain text", []),
    ],
)
def test_a_link_that_is_clicked_is_told_and_never_opened(text: str, chosen: list[str]) -> None:
    """Where a model wants somebody to go is for the person to decide."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, text)
        await pilot.pause()
        await pilot.click(Transcript, offset=(1, 2))
        await pilot.pause()
        assert isinstance(pilot.app, Stage)
        assert pilot.app.chosen == chosen

    play(scene)


def test_a_link_by_reference_leads_where_its_definition_says_once_that_is_there() -> None:
    """Models put their sources at the end; until then a link that names one is text."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "[book][1] and [1], not [2]\n\n[1]: https://x.org/y")
        assert "[book][1] and [1]" in view.visible_text()
        view.append(1, "\n[3]: javascript:alert\n\nend [3]")
        view.end_answer(1, AnswerState.COMPLETE)
        assert "book (x.org) and 1 (x.org), not [2]\n\n[1]: https://x.org/y\n[3]: " in view.visible_text()
        assert "end [3]" in view.visible_text()
        await pilot.pause()
        await pilot.click(Transcript, offset=(2, 2))
        await pilot.pause()
        assert isinstance(pilot.app, Stage)
        assert pilot.app.chosen == ["https://x.org/y"]

    play(scene)


def test_a_link_that_is_pointed_at_looks_like_one() -> None:
    """One sees what a click would take."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "go [there](https://x.org) now")
        await pilot.pause()
        before = view.render_line(2)
        await pilot.hover(Transcript, offset=(5, 2))
        await pilot.pause()
        assert list(view.render_line(2)) != list(before)
        await pilot.hover(Transcript, offset=(0, 2))
        await pilot.pause()
        assert list(view.render_line(2)) == list(before)

    play(scene)

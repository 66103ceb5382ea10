"""A transcript of any length: read from its end, a page at a time, and never held whole."""

import time

from textual.pilot import Pilot

from core.messages import AnswerState
from tests.screen.transcript_stage import Shelf, numbered, play
from tui.transcript.column import MOST_LINES, MOST_PAGES
from tui.transcript.pages import PAGE
from tui.transcript.view import Transcript

LONG = "\n\n".join(f"part {part} of an answer, with **words** and `code`" for part in range(8))


def test_ten_thousand_turns_open_at_their_end_at_once() -> None:
    """Only the last page is read, and only what is near the view is laid out."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        shelf = Shelf(10_000, LONG)
        began = time.process_time()
        view.show(shelf)
        took_ms = (time.process_time() - began) * 1000

        assert view.visible_text().rstrip().endswith("`code` 9999\nqwen3:4b · 0.2 s".replace("`", ""))
        assert shelf.read <= 2 * PAGE
        assert view.laid_out_lines < 200
        assert took_ms < 4_000, "100 ms on a quiet machine; the benchmark holds it to that"

    play(scene)


def test_scrolling_through_all_of_it_holds_a_bounded_part() -> None:
    """Memory must not grow with what was once looked at."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(10_000, LONG))
        for step in range(1, 101):
            view.scroll_to(y=view.max_scroll_y * (100 - step) // 100)
            column = view._column
            assert column.kept_lines <= MOST_LINES + 500
            assert column.kept_entries <= (MOST_PAGES + 2) * PAGE
            for _ in range(3):
                view.scroll_page_up()
        view.scroll_home()
        assert view.visible_text().startswith("› question 0\n")
        view.scroll_end()
        assert "question 9999" in view.visible_text()

    play(scene)


def test_no_line_is_skipped_where_pages_meet() -> None:
    """A page is read with guessed heights around it, and a wrong guess must not swallow a line."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(4 * PAGE + 7, "short\n\n- a\n- b\n" + "long words " * 40))
        seen = set[str]()
        while view.scroll_offset.y:
            seen |= set(view.visible_text().split("\n"))
            view.scroll_page_up()
        seen |= set(view.visible_text().split("\n"))

        assert {f"› question {number}" for number in range(4 * PAGE + 7)} <= seen

    play(scene)


def test_going_up_and_down_again_shows_the_same() -> None:
    """What was given up and is read again must be what it was."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(600, LONG))
        pages = []
        for _ in range(300):
            pages.append(view.visible_text())
            view.scroll_page_up()
        for page in reversed(pages[200:]):
            view.scroll_page_down()
            assert view.visible_text() == page

    play(scene)


def test_an_answer_to_a_turn_far_above_reads_only_its_page() -> None:
    """A deep answer may come for a turn of last week, and what is read does not move."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        shelf = Shelf(3_000, LONG)
        view.show(shelf)
        view.scroll_page_up()
        before, read = view.visible_text(), shelf.read
        key = view.begin_answer(4, beside=True)
        view.append(key, numbered(50))
        view.end_answer(key, AnswerState.COMPLETE)

        assert view.visible_text() == before
        assert shelf.read - read <= PAGE
        assert view.answer_text(key) == numbered(50)
        view.scroll_home()
        view.scroll_page_down()
        view.scroll_page_down()
        view.scroll_page_down()
        view.scroll_page_down()
        view.scroll_page_down()
        assert "line 5\n" in view.visible_text()

    play(scene)


def test_new_turns_follow_stored_ones() -> None:
    """Going on with a conversation is what it was opened for."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(100, LONG))
        view.begin_turn(7_000, "and now?")
        view.begin_answer(7_000)
        view.append(7_000, "this")
        assert view.visible_text().rstrip().endswith("› and now?\n\nthis")
        assert view.last_answer() == "this"

    play(scene)


def test_a_resize_far_from_the_end_keeps_the_place_and_lays_out_little() -> None:
    """Turning a pane in a long conversation must cost what is in view."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(2_000, LONG))
        view.scroll_to(y=view.max_scroll_y // 2)
        place = next(line for line in view.visible_text().split("\n") if "question" in line)
        work = view.laid_out_lines
        await pilot.resize_terminal(34, 21)
        await pilot.pause()

        assert place in view.visible_text()
        assert view.laid_out_lines - work < 400

    play(scene)

"""Answers that grow, several at once and anywhere: what is read stays where it is."""

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from core.messages import AnswerState
from tests.screen.markdown_texts import SAMPLE
from tests.screen.transcript_stage import Shelf, ask, numbered, play
from tui.transcript.view import Transcript


def watched(view: Transcript) -> list[Region]:
    """The regions that are painted again from now on; the whole view is one too."""
    regions: list[Region] = []
    refresh = view.refresh

    def noted(*given: Region, **options: bool) -> Transcript:
        regions.extend(given or [view.size.region])
        return refresh(*given, **options)

    view.refresh = noted  # type: ignore[method-assign]  # a test looks over the widget's shoulder
    return regions


PIECES = [SAMPLE[at : at + 11] for at in range(0, len(SAMPLE), 11)] * 3


def test_two_answers_above_and_one_below_grow_and_the_view_stays() -> None:
    """Deep answers run in the background for minutes, while something else is read."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        for key in (1, 2):
            view.begin_turn(key, f"question {key}")
            view.begin_answer(key)
            view.append(key, "begun\n\n")
        ask(view, 3, numbered(60))
        view.begin_turn(4, "last")
        view.begin_answer(4)
        view.scroll_to(y=view.max_scroll_y - 40)
        before = view.visible_text()
        assert "line 4" in before
        for number in range(200):
            for key in (1, 2, 4):
                view.append(key, PIECES[number % len(PIECES)])
            assert view.visible_text() == before
        for key in (1, 2, 4):
            view.end_answer(key, AnswerState.COMPLETE)
        assert view.visible_text() == before
        assert view.lines_below_unseen > 0

    play(scene)


def test_while_following_the_end_stays_in_view_whatever_grows_above() -> None:
    """Who follows one answer does not care for another that grows above it."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "first")
        view.begin_answer(1)
        view.begin_turn(2, "second")
        view.begin_answer(2)
        for number in range(120):
            view.append(1, f"above {number}\n\n")
            view.append(2, f"below {number}\n\n")
            assert f"below {number}" in view.visible_text()
            assert view.is_following

    play(scene)


def test_answers_stand_beside_each_other_each_with_its_label() -> None:
    """The fast draft stays, and the deep answer comes below it."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "why?")
        view.begin_answer(1)
        view.append(1, "quick")
        view.label(1, "qwen3:4b · 0.2 s")
        deep = view.begin_answer(1, beside=True)
        view.append(deep, "thorough")
        view.append(1, " words")
        view.label(deep, "deep · local")
        view.end_answer(1, AnswerState.COMPLETE)
        view.end_answer(deep, AnswerState.PARTIAL)
        view.note(deep, "the stream was cut", "error")

        assert view.visible_text().rstrip() == (
            "› why?\n\nquick words\nqwen3:4b · 0.2 s\n\n"
            "thorough\ndeep · local · stopped early\nthe stream was cut"
        )
        assert (view.answer_text(1), view.answer_text(deep)) == ("quick words", "thorough")
        view.begin_answer(1)
        view.append(1, "afresh")
        assert "afresh" in view.visible_text()
        assert "thorough" in view.visible_text()

    play(scene)


def test_beside_nothing_is_the_first_answer() -> None:
    """A question may be asked deep only."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "why?")
        assert view.begin_answer(1, beside=True) == 1
        assert view.begin_answer(1, beside=True) == (1, 1)

    play(scene)


@pytest.mark.parametrize("is_following", [True, False])
def test_the_end_of_an_answer_moves_nothing(is_following: bool) -> None:
    """There is room for the label from the beginning, so that the last lines stay where they are."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, SAMPLE * 2)
        if not is_following:
            view.scroll_page_up()
        before = view.visible_text().split("\n")
        height = view.virtual_size.height
        view.label(1, "qwen3:4b · 0.2 s")
        view.end_answer(1, AnswerState.COMPLETE)
        after = view.visible_text().split("\n")

        assert view.virtual_size.height == height
        assert after == [*before[:-2], "qwen3:4b · 0.2 s", ""] if is_following else after == before

    play(scene)


def test_reading_in_the_middle_of_an_open_answer_it_stays() -> None:
    """Blocks that finish while the view is within them take nothing away from under the reader."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "```\n" + "".join(f"code {number}\n" for number in range(100)))
        view.scroll_page_up()
        view.scroll_page_up()
        before = view.visible_text()
        view.append(1, "more\n" * 300 + "```\n\nand text\n\n" + numbered(20))
        assert view.visible_text() == before
        view.end_answer(1, AnswerState.COMPLETE)
        assert view.visible_text() == before

    play(scene)


def test_only_the_rows_that_change_are_painted() -> None:
    """At fifty tokens a second the cost is in painting, not in the tokens."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "some words")
        await pilot.pause()
        regions = watched(view)
        view.append(1, " more")
        view._tick()
        assert [(region.y, region.height) for region in regions] == [(2, 1)]

    play(scene)


def test_growth_above_paints_nothing() -> None:
    """Nothing has changed for who reads."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(Shelf(100))
        view.scroll_page_up()
        key = view.begin_answer(3, beside=True)
        await pilot.pause(0.05)
        view._tick()
        regions = watched(view)
        view.append(key, numbered(5))
        view._tick()
        assert numbered(5) in view.answer_text(key)
        assert regions == []

    play(scene)

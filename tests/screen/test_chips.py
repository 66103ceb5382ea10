"""Follow-up questions under an answer: they move nothing, are asked at once, and are only text."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from core.settings.model import Settings, SpeculationSettings
from core.speculation.chip import Chip, Mark, Offer
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED, Judgement
from tests.screen.driving import Person
from tests.screen.scripted_ahead import EXPLAIN, LONG, THREE, YES, Stage, stage
from tests.screen.test_chat_sizes import compare
from tests.server import Script

__all__ = ["stage"]

ROW = "1 ● yes   2 ◐ explain the code   3 ○ write tests"
LONG_ONCE = Script(reply="first paragraph\n\n" + "word\n\n" * 60 + "an answer")


def noting(widget: Widget, done: list[str]) -> Callable[[Region], list[Strip]]:
    """The widget's own way to paint, noted."""
    paint = widget.render_lines

    def render_lines(crop: Region) -> list[Strip]:
        done.append(type(widget).__name__)
        return paint(crop)

    return render_lines


def row_of(person: Person) -> str:
    """What the row says."""
    at = person.chat.chips.region.y
    return person.screen().split("\n")[at].strip()


def test_chips_come_into_a_row_that_was_there_so_nothing_moves(stage: Stage) -> None:
    """An answer that jumps while it is being read is the price nobody wants to pay for a suggestion."""

    async def scene(person: Person) -> None:
        await stage.answer(person, ())
        before = (await person.still()).split("\n")
        await stage.offer(person, THREE)
        await person.sees(ROW)
        after = (await person.still()).split("\n")
        assert [at for at, line in enumerate(after) if line != before[at]] == [person.chat.chips.region.y]
        assert person.chat.transcript.size.height >= 16

    stage.play(scene, LONG_ONCE)


def test_nothing_moves_from_the_end_of_an_answer_to_the_next_question(stage: Stage) -> None:
    """The row is kept free while an answer is made, and between two of them."""

    async def scene(person: Person) -> None:
        await person.until(lambda: stage.ahead.begun)
        await person.still()
        region = person.chat.transcript.region
        await stage.answer(person)
        await person.still()
        assert person.chat.transcript.region == region
        await person.ask("another")
        assert row_of(person) == ""
        await person.has_answer()
        await person.still()
        assert person.chat.transcript.region == region

    stage.play(scene)


def test_a_mark_that_changes_repaints_its_row_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer made ahead goes on for a while; the screen must not be laid out for it."""

    async def scene(person: Person) -> None:
        await stage.answer(person, (replace(YES, mark=Mark.ASKED),))
        await person.sees("1 ○ yes")
        done: list[str] = []
        chat, row = person.chat, person.chat.chips
        for widget in (chat.transcript, row):
            monkeypatch.setattr(widget, "render_lines", noting(widget, done))
        monkeypatch.setattr(chat, "_refresh_layout", lambda *_, **__: done.append("laid out"))
        await stage.offer(person, (YES,))
        await person.until(lambda: done)
        await person.pilot.pause()
        assert set(done) == {"ChipRow"}
        monkeypatch.undo()
        await person.sees("1 ● yes")

    stage.play(scene)


def test_chips_look_as_they_should(stage: Stage) -> None:
    """The picture of the screen after most answers."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        wait = person.screen().split("qwen3.5:4b · ")[1].split(" s")[0]
        compare("chips", person.screen().replace(f"qwen3.5:4b · {wait} s", "qwen3.5:4b · 0.0 s"))

    stage.play(scene)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, ROW),
        (44, "1 ● yes   2 ◐ explain t…   3 ○ write tes…"),
        (34, "1 ● yes   2 ◐ expl…   3 ○ writ…"),
        (24, "1 ● yes   2 ◐ explain…"),
    ],
)
def test_chips_are_cut_to_the_room_there_is(stage: Stage, width: int, shown: str) -> None:
    """A row that wraps would move everything; short questions stay whole."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        assert row_of(person) == shown

    stage.play(scene, size=(width, 24))


def test_short_questions_stand_side_by_side(stage: Stage) -> None:
    """Nothing is cut from "yes" and "no", so neither is too short to be shown."""

    async def scene(person: Person) -> None:
        await stage.answer(person, (Chip(1, "yes", "yes"), Chip(2, "no", "no")))
        assert row_of(person) == "1 ○ yes   2 ○ no"

    stage.play(scene)


def test_wide_letters_are_cut_by_the_cells_they_take(stage: Stage) -> None:
    """Two cells a letter: counted by letters, the row would run over its end."""

    async def scene(person: Person) -> None:
        await stage.answer(person, (Chip(1, "説明してください" * 6, "model"), Chip(2, "はい" * 20, "model")))
        shown = row_of(person)
        assert "1 ○ 説明" in shown
        assert "2 ○ はい" in shown
        assert shown.count("…") == 2

    stage.play(scene, size=(60, 24))


def test_markup_and_control_characters_in_a_chip_are_shown_and_do_nothing(stage: Stage) -> None:
    """A model may write anything; on the screen it is text."""

    async def scene(person: Person) -> None:
        await stage.answer(person, (Chip(1, "[red]a[/red] \x1b[31mb", "model"),))
        shown = row_of(person)
        assert "[red]a[/red]" in shown
        assert "\x1b" not in shown

    stage.play(scene)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(speculation=SpeculationSettings(chips=0)),
        Settings(speculation=SpeculationSettings(enabled=False)),
    ],
    ids=["no chips", "nothing ahead"],
)
def test_one_setting_ends_the_chips_and_their_row(stage: Stage, settings: Settings) -> None:
    """Who does not want them gets the row back."""

    async def scene(person: Person) -> None:
        await person.ask("first question")
        await person.has_answer("an answer")
        await person.until(lambda: not person.chat.chips.display)
        await person.until(lambda: person.chat.transcript.size.height == 21)
        assert stage.ahead.begun == ([None] if settings.speculation.enabled else [])

    stage.play(scene, settings=settings)


def test_ten_ignored_offers_hide_the_row_and_its_slash_form_brings_it_back(stage: Stage) -> None:
    """What nobody takes is in the way; what is offered unseen can still be asked for."""
    stage.ignored = MOST_IGNORED

    async def scene(person: Person) -> None:
        await stage.answer(person)
        assert not person.chat.chips.display
        assert ROW not in person.screen()
        await person.press("tab")
        assert person.typed == ""
        await person.type("/")
        await person.type("2")
        await person.sees(f"/2  ask: {EXPLAIN.question}")
        stage.ignored = 0  # as taking one makes it; the answer may be over at once
        await person.press("enter")
        await person.until(lambda: stage.ahead.taken == [EXPLAIN])
        await person.has_answer()
        await person.until(lambda: person.chat.chips.display)

    stage.play(scene)


def test_where_nothing_may_be_done_no_row_is_kept(stage: Stage) -> None:
    """A model on another machine is asked nothing ahead, so a blank row would be for nothing."""
    stage.ahead.says = Judgement(Level.OFF, "qwen3:cloud runs at ollama.com")

    async def scene(person: Person) -> None:
        await person.until(lambda: stage.ahead.begun and not person.chat.chips.display)

    stage.play(scene)


def test_a_passing_reason_does_not_take_the_row_away(stage: Stage) -> None:
    """A terminal that was looked away from would else find its answer in another place."""

    async def scene(person: Person) -> None:
        await stage.answer(person, ())
        stage.ahead.says = Judgement(Level.OFF, "the terminal has no focus")
        person.app.app_focus = False
        await person.settle()
        person.chat.chipper.settle()
        assert person.chat.chips.display
        person.app.app_focus = True
        stage.ahead.says = Judgement(Level.WARM, "on battery")
        person.chat.chipper.settle()
        assert person.chat.chips.display

    stage.play(scene)


def test_while_something_is_typed_no_chip_comes_up(stage: Stage) -> None:
    """Who writes has decided; what was there stays, dimmer."""

    async def scene(person: Person) -> None:
        await stage.answer(person, (YES,))
        await person.type("half")
        assert person.chat.chips.has_class("-typing")
        await stage.offer(person, (replace(YES, mark=Mark.STARTED), EXPLAIN))
        assert row_of(person) == "1 ◐ yes"

    stage.play(scene)


def test_an_offer_for_another_turn_is_never_shown(stage: Stage) -> None:
    """A late word of speculation's must not stand under an answer that it does not know."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        await person.press("ctrl+n")
        assert row_of(person) == ""
        await person.ask("another")
        await person.has_answer("an answer")
        stage.ahead.offer(Offer(1, THREE))
        await person.settle()
        assert row_of(person) == ""
        await person.ask("/1")
        await person.is_told("no follow-up question is on offer")
        assert stage.ahead.taken == []

    stage.play(scene)


def test_an_offer_that_comes_before_the_end_of_its_answer_is_told_waits_for_it(stage: Stage) -> None:
    """Rules are quick, and the screen's own queue is not."""

    async def scene(person: Person) -> None:
        await person.until(lambda: stage.ahead.begun)
        await person.ask("first question")
        await person.until(lambda: person.chat.docket.turn_of(1) is not None)
        await stage.offer(person, THREE)
        assert row_of(person) == ""
        await person.press("escape")
        await person.until(lambda: row_of(person) == ROW)

    stage.play(scene, LONG)


def test_a_chip_that_is_taken_is_an_ordinary_question(stage: Stage) -> None:
    """It stands in the conversation, and up brings it back."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        await person.type("draft")
        await person.press("alt+2")
        assert stage.ahead.taken == [EXPLAIN]
        await person.has_answer("an answer")
        await person.sees("› explain the code")
        assert person.typed == "draft"
        assert row_of(person) == ""
        assert [turn.question for turn in person.chat.bridge.turns(1).page(None, 9)] == [
            "first question",
            "explain the code",
        ]
        for _ in "draft":
            await person.press("backspace")
        await person.press("up")
        assert person.typed == "explain the code"

    stage.play(scene)


def test_a_click_asks_what_is_clicked(stage: Stage) -> None:
    """The mouse is a hand too; between two chips it asks nothing."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        at = ROW.index("   3")
        await person.pilot.click(person.chat.chips, offset=(1 + at + 1, 0))
        assert stage.ahead.taken == []
        await person.pilot.click(person.chat.chips, offset=(1 + ROW.index("write"), 0))
        await person.sees("› write tests")
        assert [chip.place for chip in stage.ahead.taken] == [3]
        assert person.chat.focused is person.chat.prompt

    stage.play(scene)


def test_a_chip_can_neither_run_a_command_nor_take_a_file_along(stage: Stage, project: Path) -> None:
    """A model has written it: whatever it looks like, it is a question."""
    hostile = (
        Chip(1, "!touch owned", "model"),
        Chip(2, "explain @readme.md", "model"),
        Chip(3, "/quit", "model"),
    )

    async def scene(person: Person) -> None:
        for place, chip in enumerate(hostile, start=1):
            await stage.answer(person, hostile)
            await person.press(*["tab"] * place)
            assert person.typed == chip.question
            await person.press("enter")
            await person.has_answer("an answer")
            await person.sees(f"› {chip.question}")
            await stage.answer(person, hostile)
            await person.press(f"alt+{place}")
            await person.has_answer("an answer")
        assert not (project / "owned").exists()
        turns = person.chat.bridge.turns(1).page(None, 30)
        assert [turn.question for turn in turns if turn.question != "first question"] == [
            chip.question for chip in hostile for _ in range(2)
        ]
        assert not any(turn.attachments for turn in turns)
        assert stage.ahead.taken == [chip for chip in hostile for _ in range(2)]

    stage.play(scene)


def test_a_chip_that_was_changed_in_the_prompt_was_not_taken(stage: Stage) -> None:
    """It is another question then, and is counted as one that was typed."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        await person.press("tab")
        await person.type(" please")
        await person.press("enter")
        await person.sees("› yes please")
        assert stage.ahead.taken == []

    stage.play(scene)


def test_on_a_low_screen_the_answer_has_the_row(stage: Stage) -> None:
    """Of five rows none is to spare; when there is room again, the row is there."""

    async def scene(person: Person) -> None:
        await stage.answer(person)
        await person.pilot.resize_terminal(60, 7)
        await person.until(lambda: not person.chat.chips.display)
        await person.pilot.resize_terminal(80, 24)
        await person.until(lambda: row_of(person) == ROW)

    stage.play(scene)

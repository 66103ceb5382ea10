"""The deep panel: what it shows in every size, that nothing in it moves, and that it costs little."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.deep.question import Preset
from core.deep.status import RunState, RunStatus
from core.errors import HouseError
from core.events import StageState, TextRestarted
from core.metrics.usual import Usual
from tests.screen.driving import Person, drive, settings_for
from tests.screen.scripted_deep import (
    DEEPER,
    STATUS,
    ScriptedDeepening,
    deep_stages,
    deepened,
    deeper_stages,
    depth_of,
)
from tests.screen.test_chat_sizes import compare
from tests.server import OllamaServer, Script
from tui.cells import beginning
from tui.run_wording import is_plain, plain, status_text, summary
from tui.screens.finding import FindingScreen
from tui.widgets.panel_lines import low_height, low_lines, tall_lines

DRAFT = Script(reply="the draft")
SAY = "It is the **connector** that holds them: every task has one, and none is closed."


def rows_of(status: RunStatus, width: int = 76) -> list[str]:
    return [line.text for line in low_lines(status, width, 9)]


def test_the_panel_at_80x24_leaves_the_transcript_its_rows(tmp_path: Path) -> None:
    """Eleven rows at most; the picture people will see."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        run = await deepened(person, deep)
        run.write(SAY)
        await person.sees("none is closed")
        await person.sees("last byte 0.2 s ago")
        await person.until(lambda: person.chat.depth.panel.size.height == 11)
        await person.until(lambda: person.chat.transcript.size.height == 10)
        await person.still()
        compare("deep_panel_80x24", re.sub(r"qwen3.5:4b · \d\.\d s", "qwen3.5:4b · 0.0 s", person.screen()))

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, settings=settings_for(server.url, "qwen3.5:4b"))


def test_the_panel_at_200x50_stands_at_the_side(tmp_path: Path) -> None:
    """Where there is room nothing of the conversation is covered."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        run = await deepened(person, deep)
        run.write(SAY)
        await person.sees("none is closed")
        panel, transcript = person.chat.depth.panel, person.chat.transcript
        await person.until(lambda: panel.region.x == 128 and panel.size.height == 47)
        assert transcript.size.height == 47
        shown = re.sub(r"qwen3.5:4b · \d\.\d s", "qwen3.5:4b · 0.0 s", person.screen())
        compare("deep_panel_200x50", shown)
        await person.press("shift+tab", "c")
        await person.until(lambda: transcript.size.width == 199)

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, settings=settings_for(server.url, "qwen3.5:4b"), size=(200, 50))


@pytest.mark.parametrize("size", [(150, 12), (40, 10), (10, 3), (1, 1), (300, 100)])
def test_no_size_is_too_small_for_a_panel(tmp_path: Path, size: tuple[int, int]) -> None:
    """A split pane can be five rows high; a run under way must not break it."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        await person.ask("why?")
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.until(lambda: deep.runs)
        await person.press("shift+tab", "down", "enter", "escape", "c", "c", "b")
        for other in ((80, 24), (200, 50), size):
            await person.pilot.resize_terminal(*other)
            person.chat.depth.board.set_shape("open")
            await person.settle()
        deep.runs[0].finish()
        await person.settle()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        app = drive(scene, tmp_path, server.url, size=size)
    assert app._exception is None


@pytest.mark.parametrize("preset", Preset)
def test_no_row_moves_when_a_stage_ends(preset: Preset) -> None:
    """An eye that found its row must find it there again."""
    stages = deep_stages if preset is Preset.DEEP else deeper_stages
    count = 3 if preset is Preset.DEEP else 5
    names = ("context", "write", "check") if preset is Preset.DEEP else ("context", "plan", "parts", "write")
    places, heights = set(), set()
    for now in range(-1, count + 1):
        status = replace(STATUS, preset=preset, stages=stages(now))
        rows = low_lines(status, 76, low_height(preset))
        assert len(rows) == low_height(preset)
        places.add(tuple(at for at, row in enumerate(rows) if row.key in names))
        heights.add(len(tall_lines(status, (), 68, 60)))
    assert len(heights) == 1
    assert len(places) == 1


def test_a_plan_of_fewer_parts_than_three_leaves_every_row_where_it_was() -> None:
    """One call is enough: the parts' row stays, and says nothing."""
    stages = tuple(each for each in deeper_stages(3) if not each.id.startswith("part"))
    rows = rows_of(replace(DEEPER, stages=stages))

    assert [row[:11].strip() for row in rows[2:7]] == [
        "✓ 1 context",
        "✓ 2 plan",
        "· 3 parts",
        "◐ 4 write",
        "· 5 check",
    ]


def test_what_matters_most_stays_when_there_is_little_room() -> None:
    """State and elapsed, the usual time, the last fact, the cost: in that order, whatever must go."""
    for most in range(1, 10):
        rows = [line.text for line in low_lines(DEEPER, 76, most)]
        assert len(rows) == most
        assert "0:31" in rows[0]
        assert "usual 0:38" in rows[0]
        if most >= 2:
            assert "writes since 0:24" in rows[1]
        if most >= 3:
            assert any("◐ 4 write" in row for row in rows), "the stage that runs goes last"
    narrow = low_lines(DEEPER, 30, 9)[0].text
    assert narrow == "◐ write  0:31 elapsed  ≈$0.07" or narrow == "◐ write  0:31 elapsed"


def test_every_state_has_a_sign_and_a_word() -> None:
    """Colour is never the only sign."""
    said = {state: summary(replace(STATUS, state=state)) for state in RunState}

    assert "✓" in said[RunState.COMPLETE]
    assert "failed" in said[RunState.FAILED]
    assert "not whole" in said[RunState.PARTIAL]
    assert "waits for the fast answer" in said[RunState.YIELDING]
    assert len(set(said.values())) == len(RunState)


def test_without_utf8_every_mark_is_ascii() -> None:
    """A serial console must not show question marks where a state should be."""
    rows = [line.text for line in low_lines(DEEPER, 76, 9)] + [
        line.text for line in tall_lines(DEEPER, (STATUS,), 68, 45)
    ]

    assert all(plain(row).isascii() for row in rows)
    assert plain("✓ ◐ · ! – ≈") == "+ > - ! x ~"
    assert is_plain({"LANG": "de_DE.ISO-8859-1"})
    assert is_plain({"LANG": "en_US.UTF-8", "LC_ALL": "C"})
    assert not is_plain({"LANG": "en_US.utf8"})
    assert not is_plain({})


def test_a_terminal_without_utf8_gets_an_ascii_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, on the screen."""
    monkeypatch.setenv("LC_ALL", "POSIX")
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        await deepened_plain(person, deep)
        panel = [line for line in person.screen().splitlines() if line.startswith(("|", "+"))]
        assert len(panel) == 11
        assert all(line.isascii() for line in panel), panel

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


async def deepened_plain(person: Person, deep: ScriptedDeepening) -> None:
    await person.ask("why?")
    await person.has_answer("the draft")
    await person.press("ctrl+t")
    await person.sees("last byte 0.2 s ago")


def test_the_usual_time_is_never_a_bar_that_stands_at_its_end() -> None:
    """Nothing sits at 99 %: past the median it is words."""

    def bar(elapsed_s: float) -> str:
        lines = tall_lines(replace(DEEPER, elapsed_s=elapsed_s), (), 68, 45)
        return "".join(line.text for line in lines if "█" in line.text or "░" in line.text)

    assert 0.4 < bar(19.0).count("█") / (bar(19.0).count("█") + bar(19.0).count("░")) < 0.6
    assert bar(37.5) == ""
    assert bar(50.0) == ""
    assert "longer than usual" in rows_of(replace(DEEPER, elapsed_s=50.0))[0]
    assert "slower than 9 of 10" in rows_of(replace(DEEPER, elapsed_s=70.0))[0]
    assert "3 runs so far" in rows_of(replace(DEEPER, usual=Usual(3, 22.0, 51.0)))[0]


def test_the_panel_is_drawn_again_at_most_four_times_a_second_and_only_where_it_changed(
    tmp_path: Path,
) -> None:
    """A run must not cost the terminal, or an ssh line, more than its text does."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        panel = person.chat.depth.panel
        await person.settle()
        before, began = panel.redraws, time.monotonic()
        while (lasted := time.monotonic() - began) < 1.0 or panel.redraws - before < 2:
            run.change(elapsed_s=31 + lasted, alive_s=lasted, fact=f"fact {lasted}")
            await person.pilot.pause(0.02)
        assert panel.redraws - before <= 1 + 4 * (time.monotonic() - began)
        still = panel.redraws
        await person.pilot.pause(0.6)  # nothing is another: nothing is drawn
        assert panel.redraws <= still + 1

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_finding_is_read_while_the_rest_runs_and_grows(tmp_path: Path) -> None:
    """Results on the way are what makes a wait worth it."""
    deep = ScriptedDeepening(status=replace(DEEPER, stages=deeper_stages(2)))

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.press("shift+tab", "enter")
        await person.until(lambda: isinstance(person.app.screen, FindingScreen))
        await person.sees("The finding of pool limit")
        stages = tuple(
            replace(each, finding="The finding of pool limit, and more of it")
            if each.id == "part-3"
            else each
            for each in run.now.stages
        )
        run.change(stages=stages)
        await person.sees("and more of it")
        await person.press("escape")
        await person.until(lambda: person.app.screen is person.chat)
        assert run.acts == []
        await person.ask("/finding 2")
        await person.until(lambda: isinstance(person.app.screen, FindingScreen))
        await person.sees("› what does wait_for cancel?")
        assert "pool limit" not in person.screen()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_plan_shows_its_parts_and_what_is_struck(tmp_path: Path) -> None:
    """Three seconds are enough to leave out what one knows."""
    planned = replace(DEEPER, state=RunState.PLANNED, stages=deeper_stages(1), goes_on_in_s=3.0)
    deep = ScriptedDeepening(status=planned)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.sees("plan of 4 parts · goes on in 3 s")
        await person.press("shift+tab", "down", "down", "x")
        await person.sees("– 3 pool limit")
        await person.sees("plan of 3 parts · waits for your word")
        await person.press("g")
        await person.until(lambda: ("go on",) in run.acts)
        assert run.acts == [("hold",), ("strike", "part-3"), ("go on",)]

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_several_runs_are_listed_and_one_is_open(tmp_path: Path) -> None:
    """A second deep question neither waits unseen nor hides the first."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        await deepened(person, deep)
        await person.ask("another?")
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.sees("deep · run 2 · stage 2 of 3 · 1 more, n: next")
        await person.press("shift+tab", "n")
        await person.sees("deep · run 1 · stage")
        await person.ask("/runs")
        await person.is_told('1 ◐ deep write 0:31 "why?"\n2 ◐ deep write 0:31 "another?"')
        await person.ask("/runs 2")
        await person.sees("deep · run 2 · stage")
        await person.ask("/end")
        assert [run.acts for run in deep.runs] == [[], [("end",)]]

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_the_hint_key_fills_the_prompt_and_never_what_is_typed(tmp_path: Path) -> None:
    """A draft is worth more than a key."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.press("shift+tab", "u")
        assert person.typed == "/hint "
        await person.type("only on Windows")
        await person.press("enter")
        await person.until(lambda: run.acts == [("hint", "only on Windows")])
        await person.type("a draft")
        await person.press("shift+tab", "u")
        await person.is_told("the prompt is not empty")
        assert person.typed == "a draft"

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_an_answer_that_begins_again_leaves_nothing_of_its_first_try(tmp_path: Path) -> None:
    """Two beginnings of one answer would be read as one."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("a first try")
        await person.sees("a first try")
        run.say(TextRestarted("overloaded"))
        await person.sees("begins again: overloaded")
        assert "a first try" not in person.screen()
        run.write("a second")
        run.finish()
        await person.sees("a second")
        assert person.chat.transcript.last_answer() == "a second"

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_hostile_words_in_a_run_are_one_line_and_no_markup(tmp_path: Path) -> None:
    """Titles and facts come from a model."""
    stages = tuple(
        replace(each, title="[red]\x1b[2Jx\ny") if each.state is not StageState.WAITS else each
        for each in deeper_stages(2)
    )
    error = HouseError("[bold]no\x1b]0;x\x07", "[link]Do.")
    status = replace(DEEPER, stages=stages, thinking="[b]\x1b[1m\nline", fact="[i]\x1b[0m", error=error)
    deep = ScriptedDeepening(status=status)

    async def scene(person: Person) -> None:
        await deepened(person, deep)
        await person.sees("[bold]no")
        assert "\x1b" not in person.screen()
        assert "[red]" in person.screen()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_the_view_stays_where_the_person_reads_while_a_deep_answer_grows(tmp_path: Path) -> None:
    """Lines in view never move because of what runs behind them."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("\n\n".join(f"paragraph {number}" for number in range(60)))
        await person.until(lambda: person.chat.transcript.max_scroll_y > 60)
        await person.sees("/end keeps")  # the panel stands, and has taken its rows
        await person.settle()
        await person.press("pageup", "pageup")
        shown = person.chat.transcript.visible_text()
        for _ in range(5):
            run.write("\n\nmore and more")
            await person.pilot.pause(0.05)
        assert person.chat.transcript.visible_text() == shown
        run.finish()
        await person.sees("deep ✓ 0:31")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_the_status_line_names_a_hidden_run() -> None:
    """Hidden is not forgotten."""
    assert status_text(STATUS) == "deep 1 write 0:31/~0:38"
    assert beginning(status_text(replace(STATUS, usual=None)), 80) == "deep 1 write 0:31"


def test_a_hint_that_was_taken_is_said_to_be(tmp_path: Path) -> None:
    """A low panel has no row for hints; silence would read as if it were lost."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.ask("/hint only on Windows")
        await person.is_told("the next stage will be told")
        assert run.status().hints == ("only on Windows",)

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)

"""`/stats`: how fast it was is seen where one asks, and looking disturbs nothing."""

import threading
import time
from pathlib import Path

import pytest

from core.engine import figures
from core.store.database import Database
from tests.answers import answered
from tests.screen.driving import Person, drive
from tests.server import Loaded, OllamaServer, Script
from tui.screens.stats import StatsScreen
from tui.stats_sections import Section, lines_of


def lived_with(folder: Path) -> None:
    """Answers of the last hours, and one of ten days ago."""
    database = Database.open(folder / "leadline.db", time.time)
    for hour in range(6):
        at = time.time() - hour * 3600 - 5
        answered(database, at=at, model="qwen3:4b", ttft_ms=150.0 + hour, paint_ms=190.0, total_ms=4000.0)
    answered(database, at=time.time() - 10 * 24 * 3600, model="[b]old[/b]\x1b[31m", ttft_ms=20_000.0)
    database.close()


async def opened(person: Person) -> StatsScreen:
    """It lies over the screen, and has looked."""
    await person.until(lambda: person.chat.bridge.is_open)
    await person.ask("/stats")
    await person.until(lambda: isinstance(person.app.screen, StatsScreen))
    screen = person.app.screen
    assert isinstance(screen, StatsScreen)
    return screen


def test_it_shows_waits_times_and_charts_of_a_time_that_can_be_changed(tmp_path: Path) -> None:
    """A week at first; the same words as in the shell, the whole of it to be scrolled, and esc leads back."""
    lived_with(tmp_path)

    async def scene(person: Person) -> None:
        screen = await opened(person)
        await person.sees("within 0.2 s 100.0%")
        await person.sees("The last 7 days · s: the last 30 days · esc closes")
        assert "above 10 s      0.0%" in person.screen()
        assert "old" not in person.screen()
        await person.press("s")
        await person.sees("The last 30 days")
        await person.sees("above 10 s 14.3%")
        await person.sees("[b]old[/b]")
        scroll = screen.query_one("VerticalScroll")
        assert scroll.max_scroll_y > 0
        await person.press("end")
        await person.until(lambda: "nothing was done ahead" in person.screen())
        await person.press("escape")
        assert person.app.screen is person.chat
        assert person.typed == ""

    drive(scene, tmp_path)


def test_an_answer_streams_on_while_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of years are read in a thread: however long that takes, nothing on the screen waits for it."""
    held, gather = threading.Event(), figures.gather

    def slowly(database: Database, since: float, failure_cost_s: float) -> figures.Figures:
        assert held.wait(20)
        return gather(database, since, failure_cost_s)

    monkeypatch.setattr(figures, "gather", slowly)

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("tell me")
        await opened(person)
        await person.sees("looking …")
        await person.until(lambda: not person.is_answering)
        assert "word 29" in person.chat.transcript.last_answer()
        assert "looking" in person.screen()
        held.set()
        await person.sees("1: 1 complete")

    script = Script(
        loaded=(Loaded("qwen3.5:4b", 8192),), reply="".join(f"word {n} " for n in range(30)), ttft_s=0.2
    )
    with OllamaServer(script) as server:
        try:
            drive(scene, tmp_path, server.url)
        finally:
            held.set()


def test_before_anything_was_asked_it_says_so_in_a_sentence(tmp_path: Path) -> None:
    """Who looks first finds no empty table; and a narrow screen has room for it."""

    async def scene(person: Person) -> None:
        await opened(person)
        await person.sees("Nothing was asked in that time")

    drive(scene, tmp_path, size=(40, 12))


def test_words_too_long_for_their_column_go_on_below_themselves() -> None:
    """At the left edge they would look like another row's label."""
    section = Section("made ahead", [("now", "warm, typed text read meanwhile, follow-ups answered")])
    first, second = lines_of(section, 50)
    assert first.startswith("  now  warm, ")
    assert second.startswith("       ")
    assert max(len(first), len(second)) <= 50

"""Models are measured over the screen, and the best one is taken at a key."""

import re
import time
from pathlib import Path

import pytest

from core.store.database import Database
from core.store.tuned import COMPLETE, TuneAnswer, TunedStore
from core.tuning.machine import this_machine
from core.tuning.quiz import quiz, quiz_name
from tests.screen.driving import NOBODY, Person, drive
from tests.server import Model, OllamaServer, Script
from tests.server.quiz import pupil_scene

SMALL, LARGE = "small:1b", "large:8b"


def script() -> Script:
    """A small model that is quick, and a larger one that knows more."""
    return Script(
        models=(Model(SMALL, size=1_000_000_000), Model(LARGE, size=2_000_000_000)),
        scenes=(pupil_scene(SMALL, 0.6, 0.0), pupil_scene(LARGE, 0.9, 0.0)),
    )


def test_models_are_measured_compared_and_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the middle, gone on with, and the setting is written where all settings are."""
    monkeypatch.setenv("LEADLINE_HOME", str(tmp_path))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.status.model)
        await person.ask("/tune")
        await person.sees(f"To measure: {SMALL}, {LARGE}")
        await person.press("k")
        # Not one figure of them: it may pass between two looks.
        await person.until(lambda: re.search(r"\b[1-9]\d* of 20", person.screen()))
        await person.press("escape")
        await person.is_told("/tune goes on where it is")
        await person.ask("/tune")
        await person.sees("k with a third")
        await person.press("k")
        await person.sees("All of them are measured")
        await person.sees(f"* {LARGE}")
        await person.sees(f"y takes {LARGE} from now on")
        await person.press("y")
        await person.is_told(f"fast.model = {LARGE}")
        await person.until(lambda: person.chat.status.model == LARGE)
        await person.until(lambda: "the strongest installed" not in person.screen())
        assert f'model = "{LARGE}"' in (tmp_path / "config.toml").read_text("utf-8")

    with OllamaServer(script()) as server:
        drive(scene, tmp_path, server.url)
        questions = [record for record in server.requests("/api/chat") if record.status == 200]
    # Two models, twenty questions each, and the few that load, read and write: none was asked twice but one.
    assert len(questions) <= 2 * (20 + 3) + 3


def test_without_a_server_the_screen_says_what_is_missing(tmp_path: Path) -> None:
    """And closes again."""

    async def scene(person: Person) -> None:
        await person.ask("/tune")
        await person.sees("ollama serve")
        await person.press("enter", "escape")
        await person.until(lambda: person.app.screen is person.chat)

    drive(scene, tmp_path, NOBODY)


def test_a_model_that_was_measured_under_another_name_is_taken_under_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured is known by its digest; the name that it had then may be gone."""
    monkeypatch.setenv("LEADLINE_HOME", str(tmp_path))
    database = Database.open(tmp_path / "leadline.db", time.time)
    store = TunedStore(database)
    copied = Model("new:1b", size=1_000_000_000)

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.status.model)
        await person.ask("/tune")
        await person.sees("y takes new:1b from now on")
        await person.press("y")
        await person.is_told("fast.model = new:1b")

    with OllamaServer(Script(models=(copied,))) as server:
        run = store.begin(
            server.url, this_machine(), "old:1b", copied.hash, quiz_name(is_quick=True)
        ).result()
        for question in quiz(is_quick=True):
            store.answer(run, TuneAnswer(question.id, True, question.reference, 100.0, 200.0)).result()
        store.end(run, COMPLETE).result()
        database.close()
        drive(scene, tmp_path, server.url)

"""Models are measured over the screen, and the best one is taken at a key."""

from pathlib import Path

import pytest

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
        await person.sees("5 of 20")
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

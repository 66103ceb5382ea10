"""The directory in which the person stands is gone: nothing breaks, and no text is lost."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive
from tests.server import OllamaServer
from tui.screens.completing import Completer


@pytest.fixture
def gone(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that was deleted while somebody stood in it."""
    monkeypatch.setenv("PWD", str(project))
    shutil.rmtree(project)
    return project


@pytest.mark.usefixtures("gone")
def test_the_screen_starts_and_answers_in_a_deleted_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch that was switched takes folders away; a question needs none."""
    monkeypatch.setattr("tui.screens.chat.PREPARE_AFTER_S", 0.01)
    prepare, prepared = Completer.prepare, asyncio.Event()

    async def observed(self: Completer) -> None:
        try:
            await prepare(self)
        finally:
            prepared.set()

    monkeypatch.setattr(Completer, "prepare", observed)

    async def scene(person: Person) -> None:
        await person.until(prepared.is_set)
        await person.ask("is @readme.md there?")
        await person.has_answer("git")
        await person.ask("!pwd")
        await person.type("see @diff")
        await person.press("escape", "enter")
        await person.sees("see @diff")
        assert person.app.is_running

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def test_the_directory_that_is_deleted_meanwhile_costs_no_letter(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is being typed stands where it stood, and goes as text."""
    monkeypatch.setenv("PWD", str(project))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        shutil.rmtree(project)
        await person.type("see @a")
        await person.until(lambda: not [w for w in person.chat.workers if w.group in ("paths", "index")])
        assert person.typed == "see @a"
        await person.press("enter")
        await person.has_answer("git")
        await person.sees("› see @a")

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None

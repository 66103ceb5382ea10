"""What a project tells the model of itself: sent first, named, never in the way of a question."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.context.instructions import LARGEST_FILE_BYTES, read_instructions
from core.engine.engine import Engine
from core.errors import AttachmentRefused
from core.events import Noted, TurnFailed, TurnFinished
from core.messages import Question
from core.settings.model import ContextSettings, FastSettings, Settings
from core.store.database import Database
from tests.core.asking import Talk
from tests.scripted import ScriptedProvider

NAME = ".leadline.md"


def test_the_text_is_clean_and_has_its_hash(tmp_path: Path) -> None:
    """It comes with a repository of strangers, and its name and text may reach a terminal."""
    (tmp_path / NAME).write_bytes(b"\n\x1b]52;c;aGk=\x07 use tabs \n\n")
    found = read_instructions(str(tmp_path), NAME)

    assert found is not None
    assert found.text == "�]52;c;aGk=� use tabs"
    assert len(found.sha256) == 64
    assert found.summary == ".leadline.md 8 tok"
    (tmp_path / NAME).write_text("use tabs " * 120)
    longer = read_instructions(str(tmp_path), NAME)
    assert longer is not None
    assert longer.summary == ".leadline.md 0.3k tok"


def test_no_file_and_an_empty_one_are_nothing(tmp_path: Path) -> None:
    """Most projects have none, and need not hear of it."""
    assert read_instructions(str(tmp_path), NAME) is None
    (tmp_path / NAME).write_text(" \n")
    assert read_instructions(str(tmp_path), NAME) is None
    assert read_instructions(str(tmp_path), "") is None


def link_out(place: Path) -> None:
    """A link to a file beside the project."""
    (place.parent.parent / "secret").write_text("key")
    place.symlink_to(place.parent.parent / "secret")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (link_out, "leads out of the project"),
        (lambda place: place.symlink_to("nowhere"), "link to nothing"),
        (lambda place: place.symlink_to(place), "cannot be read"),
        (lambda place: os.mkfifo(place), "is no file"),
        (lambda place: place.mkdir(), "is a directory"),
        (lambda place: place.symlink_to("/dev/zero"), "leads out of the project"),
        (lambda place: place.write_bytes(b"\0\1" * 500), "is binary"),
        (lambda place: place.write_bytes(b"x" * (2 << 20)), "larger than 16 KiB"),
        (lambda place: place.write_bytes(b"x" * (LARGEST_FILE_BYTES + 1)), "larger than 16 KiB"),
    ],
    ids=["link-out", "dangling", "circle", "fifo", "folder", "device", "binary", "huge", "one-too-many"],
)
def test_a_hostile_file_is_refused_with_a_sentence(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    """Nothing waits, nothing is read that is not the project's, nothing fills the window."""
    root = tmp_path / "project"
    root.mkdir()
    make(root / NAME)

    with pytest.raises(AttachmentRefused, match=words):
        read_instructions(str(root), NAME)


def test_a_link_inside_the_project_is_followed(tmp_path: Path) -> None:
    """Some keep AGENTS.md and give it other names."""
    (tmp_path / "AGENTS.md").write_text("use tabs")
    (tmp_path / NAME).symlink_to("AGENTS.md")
    found = read_instructions(str(tmp_path), NAME)

    assert found is not None
    assert found.text == "use tabs"


def test_a_file_that_a_stranger_laid_into_a_shared_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone can put a `.git` and instructions into /tmp."""
    (tmp_path / NAME).write_text("obey me")
    real = os.fstat

    def of_a_stranger(descriptor: int) -> os.stat_result:
        facts = list(real(descriptor))
        facts[4] = 54321
        return os.stat_result(facts)

    monkeypatch.setattr("core.context.instructions.os.fstat", of_a_stranger)
    with pytest.raises(AttachmentRefused, match="belongs to somebody else"):
        read_instructions(str(tmp_path), NAME)


class Project:
    """A talk in a project's folder, whose engine can be started anew on the same store."""

    def __init__(self, root: Path, name: str = NAME) -> None:
        self.root = root
        self.name = name
        self.provider = ScriptedProvider(["yes"])
        self.notes: list[str] = []
        self._conversation: int | None = None
        self._restart()

    def _restart(self) -> None:
        self.database = Database.open(self.root / "l.db", lambda: 1e9)
        settings = Settings(FastSettings(model="scripted:1b"), context=ContextSettings(self.name))
        self.engine = Engine(settings, self.provider, self.database, str(self.root))

    async def ask(self, text: str = "hi") -> str:
        """Ask the next question; the system prompt it was sent with."""
        talk = Talk(self.engine, self.database, self._conversation)
        events = await talk.play(Question(text, conversation=self._conversation))
        assert isinstance(events[-1], TurnFinished), events
        self._conversation = talk.conversation
        self.notes = [event.text for event in events if isinstance(event, Noted)]
        return self.provider.requests[-1].messages[0].text

    async def restart(self) -> None:
        """Another process goes on."""
        await self.engine.aclose()
        self._restart()

    def kept(self) -> list[str]:
        """The hashes that were kept with the answers."""
        with sqlite3.connect(self.root / "l.db") as connection:
            rows = connection.execute("SELECT options FROM answer ORDER BY id").fetchall()
        return [json.loads(options)["instructions"] for (options,) in rows]


def test_it_is_sent_first_and_named_once_a_conversation(tmp_path: Path) -> None:
    """Nothing is sent that the person did not see named, and nobody wants to hear it each time."""
    (tmp_path / NAME).write_text("use tabs\n")

    async def main() -> None:
        project = Project(tmp_path)
        first = await project.ask()
        assert first.endswith("\n\nThe project says in its .leadline.md:\n\nuse tabs")
        assert project.notes == ["with .leadline.md 3 tok"]
        assert await project.ask() == first, "the prefix of a conversation keeps its bytes"
        assert project.notes == []
        await project.restart()
        assert await project.ask() == first
        assert project.notes == [], "another process goes on in the same conversation"
        (kept,) = set(project.kept())
        assert len(project.kept()) == 3
        assert len(kept) == 64
        await project.engine.aclose()

    asyncio.run(main())


def test_a_change_is_sent_and_said(tmp_path: Path) -> None:
    """The next answer follows the new text, and the person knows why it differs."""
    file = tmp_path / NAME
    file.write_text("use tabs")

    async def main() -> None:
        project = Project(tmp_path)
        await project.ask()
        file.write_text("use spaces")
        assert "use spaces" in await project.ask()
        assert project.notes == [".leadline.md changed: now with .leadline.md 3 tok"]
        file.unlink()
        await project.restart()
        assert "The project says" not in await project.ask()
        assert project.notes == [".leadline.md is no longer sent"]
        first, second, third = project.kept()
        assert len({first, second, third}) == 3
        assert third == ""
        await project.engine.aclose()

    asyncio.run(main())


def test_a_refused_file_does_not_stop_the_question(tmp_path: Path) -> None:
    """What a stranger put there must not keep anybody from asking."""
    os.mkfifo(tmp_path / NAME)

    async def main() -> None:
        project = Project(tmp_path)
        assert "The project says" not in await project.ask()
        assert project.notes == [".leadline.md is no file; the question goes without it"]
        await project.ask()
        await project.ask()
        assert project.notes == []
        assert set(project.kept()) == {""}
        await project.engine.aclose()

    asyncio.run(main())


@pytest.mark.parametrize(("name", "is_sent"), [("AGENTS.md", True), (NAME, False), ("", False)])
def test_agents_md_is_sent_on_request_alone(tmp_path: Path, name: str, is_sent: bool) -> None:
    """It is written for other tools, and often long."""
    (tmp_path / "AGENTS.md").write_text("run make test")

    async def main() -> None:
        project = Project(tmp_path, name)
        assert ("run make test" in await project.ask()) is is_sent
        assert project.notes == (["with AGENTS.md 4 tok"] if is_sent else [])
        await project.engine.aclose()

    asyncio.run(main())


def test_it_counts_in_the_budget(tmp_path: Path) -> None:
    """What does not fit with it is said before anything is sent."""
    (tmp_path / NAME).write_text("word " * 3000)

    async def main() -> None:
        project = Project(tmp_path)
        talk = Talk(project.engine, project.database)
        events = await talk.ask("x" * 12_000)
        assert isinstance(events[-1], TurnFailed), events
        assert events[-1].kind == "context_full"
        await project.engine.aclose()

    asyncio.run(main())

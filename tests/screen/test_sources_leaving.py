"""Leaving while the sources of a question are still being read: what was typed is not lost."""

import asyncio
from pathlib import Path

import pytest

from core.context.sources.gathered import Gathered
from tests.screen.driving import Person, drive
from tests.server import OllamaServer
from tui.pasted import Span
from tui.screens.attaching import Attacher

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Reading sources takes until this is set: a slow disk, a large folder, a pane that does not answer."""
    gather, is_over = Attacher.gather, asyncio.Event()

    async def slowly(self: Attacher, text: str, pasted: tuple[Span, ...]) -> Gathered:
        await is_over.wait()
        return await gather(self, text, pasted)

    monkeypatch.setattr(Attacher, "gather", slowly)
    return is_over


@pytest.mark.usefixtures("held")
def test_quitting_while_sources_are_read_leaves_the_questions_in_the_scrollback(tmp_path: Path) -> None:
    """Enter was pressed: the person takes it for sent."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("why does @src/adder.py fail?")
        await person.ask("and then?")
        await person.leave()

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
        assert not server.requests("/api/chat")
    assert app.left.strip() == "not asked:\n› why does @src/adder.py fail?\n› and then?"


def test_a_new_conversation_begun_while_sources_are_read_is_asked_nothing_and_up_brings_it_back(
    tmp_path: Path, held: asyncio.Event
) -> None:
    """It was meant for the conversation that was left."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("why does @src/adder.py fail?")
        await person.press("ctrl+n")
        held.set()
        await person.until(lambda: not [one for one in person.chat.workers if one.group == "sending"])
        assert person.queued == []
        assert not person.is_answering
        assert person.chat.unsent() == ()
        assert person.chat.docket.unasked() == ("why does @src/adder.py fail?",)
        await person.press("up")
        assert person.typed == "why does @src/adder.py fail?"
        await person.press("enter")
        await person.has_answer("git")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
        assert len(server.requests("/api/chat")) == 1

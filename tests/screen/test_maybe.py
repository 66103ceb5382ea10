"""Stored answers on the screen: served with their label, offered above the fresh one, kept or ruled out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.events import TurnEvent
from core.messages import Question, Route
from tests.screen.driving import Person, drive
from tests.server import OllamaServer, Script
from tui.screens.maybe import MaybeScreen

MERGE = "how do I undo a merge commit in git?"
LAST = "how do I undo the last commit in git?"
OFFER = 'similar, just now: "how do I undo a mer'
"""Its end is always seen, so a long question is cut."""


def stored(person: Person) -> int:
    """How many answers may serve again."""
    return len(person.chat.bridge._there.recall._entries.list(99))


async def asked(person: Person, question: str, answer: str) -> None:
    """Ask, and wait until a fresh answer may serve again: that is seen to behind it."""
    await person.until(lambda: person.chat.bridge.is_open)
    before = stored(person)
    await person.ask(question)
    await person.has_answer(answer)
    await person.until(lambda: "cached" in person.screen() or stored(person) > before)


async def offered(person: Person) -> None:
    """Two conversations, the second with an offer of the first one's answer."""
    await asked(person, MERGE, "reply")
    await person.press("ctrl+n")
    await asked(person, LAST, "reply")
    await person.sees(OFFER)


def test_the_same_question_is_answered_from_the_store_and_says_so(tmp_path: Path) -> None:
    """Instant, labelled, and no request is made."""
    with OllamaServer(Script(reply="the reply")) as server:

        async def scene(person: Person) -> None:
            await asked(person, MERGE, "the reply")
            chats = len(server.requests("/api/chat"))
            await person.press("ctrl+n")
            await asked(person, MERGE, "the reply")
            await person.sees("cached · just now")
            assert len(server.requests("/api/chat")) == chats
            await person.ask("/again")
            await person.until(
                lambda: len(server.requests("/api/chat")) == chats + 1 and not person.is_answering
            )

        drive(scene, tmp_path, server.url)


@pytest.mark.usefixtures("looks_often")
def test_a_stored_answer_comes_at_once_while_the_server_is_missing(tmp_path: Path) -> None:
    """It needs no server; what has none is looked up once, waits, and is asked when the server is back."""

    async def first(person: Person) -> None:
        await asked(person, MERGE, "the reply")

    async def later(person: Person) -> None:
        await person.sees("ollama serve")
        await person.ask("something else?")
        await person.sees("› something else? queued")
        await person.ask(MERGE)
        await person.sees("cached · just now")
        assert person.queued == ["something else?"]
        await person.press("ctrl+n")
        await person.ask(MERGE)
        await person.sees("cached · just now")
        await person.ask("and this?")
        await person.sees("› and this? queued")
        await person.until(lambda: person.queued == ["and this?"])
        looks = len(told)
        await asyncio.sleep(0.3)  # several looks of the screen's; none of them may ask again
        assert told[looks:] == []
        assert person.toasts() == []
        server.start()
        await person.until(lambda: not person.queued and not person.is_answering)
        assert len(server.requests("/api/chat")) == chats + 1
        assert person.chat.transcript.last_answer() == "the reply"

    told: list[TurnEvent] = []

    def overhear(self: Engine, question: Question) -> AsyncGenerator[TurnEvent, None]:
        async def listen() -> AsyncGenerator[TurnEvent, None]:
            async with aclosing(ask(self, question)) as events:
                async for event in events:
                    told.append(event)
                    yield event

        return listen()

    ask = Engine.ask
    with OllamaServer(Script(reply="the reply")) as server:
        drive(first, tmp_path, server.url)
        chats = len(server.requests("/api/chat"))
        server.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Engine, "ask", overhear)
            drive(later, tmp_path, server.url)


def test_an_offer_stands_above_the_fresh_answer_and_tab_opens_it(tmp_path: Path) -> None:
    """Nothing on the screen is replaced; esc leaves everything as it was."""

    async def scene(person: Person) -> None:
        await offered(person)
        lines = person.screen().splitlines()
        at = [number for number, line in enumerate(lines) if "similar, just now" in line]
        assert at == [next(n for n, line in enumerate(lines) if LAST in line) + 1]
        await person.press("tab")
        await person.until(lambda: isinstance(person.app.screen, MaybeScreen))
        await person.sees(f"› {MERGE}")
        await person.press("escape")
        await person.until(lambda: not isinstance(person.app.screen, MaybeScreen))
        assert OFFER in person.screen()

    with OllamaServer(Script(reply="the reply")) as server:
        drive(scene, tmp_path, server.url)


def test_a_kept_offer_becomes_the_turns_answer_beside_the_fresh_one(tmp_path: Path) -> None:
    """It is what is copied, and what the next question follows."""

    async def scene(person: Person) -> None:
        await offered(person)
        await person.press("tab")
        await person.until(lambda: isinstance(person.app.screen, MaybeScreen))
        await person.press("enter")
        await person.sees(f'kept · from "{MERGE}"')
        assert person.chat.docket.conversation is not None
        turns = person.chat.bridge.turns(person.chat.docket.conversation).page(None, 1)
        assert turns[0].current is not None
        assert turns[0].current.route is Route.MAYBE_KEPT

    with OllamaServer(Script(reply="the reply")) as server:
        drive(scene, tmp_path, server.url)


def test_what_is_ruled_out_is_never_offered_for_that_question_again(tmp_path: Path) -> None:
    """One word against a pair is for ever."""

    async def scene(person: Person) -> None:
        await offered(person)
        await person.ask("/notthis")
        await person.is_told("not offered for this question again")
        await person.press("ctrl+n")
        await person.ask(f"/nocache {LAST}")
        await person.has_answer("the reply")
        assert "similar" not in person.screen()

    with OllamaServer(Script(reply="the reply")) as server:
        drive(scene, tmp_path, server.url)


def test_a_kept_offer_stops_the_answer_that_is_being_made(tmp_path: Path) -> None:
    """Who has their answer needs no other; what came of it stays."""

    async def scene(person: Person) -> None:
        await asked(person, MERGE, "word")
        await person.press("ctrl+n")
        server.script = replace(server.script, reply="slow " * 400, tokens_per_s=20.0)
        await person.ask(LAST)
        await person.sees("slow slow")
        await person.ask("/keep")
        await person.sees("kept · from")
        assert not person.is_answering
        assert "stopped" in person.screen()

    with OllamaServer(Script(reply="word")) as server:
        drive(scene, tmp_path, server.url)

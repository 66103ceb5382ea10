"""A store that is locked, or fails as nobody foresaw: the answer comes, and what was lost is said."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from core.engine import turn
from core.events import Noted, TextDelta, TurnEvent, TurnFinished, TurnStarted
from core.messages import AnswerState, Question
from core.providers.base import Ended, Piece
from core.store.facts import ModelFact
from tests.core.asking import only, talk, text_of
from tests.scripted import ScriptedProvider

T = TypeVar("T")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program in the midst of a long write."""
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        yield
        stranger.execute("ROLLBACK")


def broken(work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
    future: Future[T] = Future()
    future.set_exception(OverflowError("int too big to convert"))
    return future


def notes(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


def test_a_locked_database_holds_no_text_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup runs, and the model has answered: the person reads, and the file follows."""
    monkeypatch.setattr(turn, "COMMIT_S", 0.05)

    async def main() -> None:
        path = tmp_path / "leadline.db"
        async with talk(ScriptedProvider(["Hel", "lo"]), path) as t:
            await t.ask("warm")
            events: list[TurnEvent] = []
            async with aclosing(t.engine.ask(Question("hi"))) as stream:
                with locked(path):
                    async for event in stream:
                        events.append(event)
                        if text_of(events) == "Hello":
                            break
            assert any(note.startswith("not saved yet") for note in notes(events))
            assert not [event for event in events if isinstance(event, TurnStarted)]
            # Left in the midst: once the other program is done, all of it is in the file.
            assert (t.turns()[-1].question, t.answer().text) == ("hi", "Hello")
            assert t.answer().state is AnswerState.CANCELLED

    asyncio.run(main())


def test_a_question_that_is_saved_late_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next question belongs to the same conversation, so the screen must learn its number."""
    monkeypatch.setattr(turn, "COMMIT_S", 0.05)

    async def main() -> None:
        path = tmp_path / "leadline.db"
        door = asyncio.Event()
        provider = ScriptedProvider(["one"], ["two", door, " three"])
        async with talk(provider, path) as t:
            await t.ask("warm")
            events: list[TurnEvent] = []
            with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
                stranger.execute("BEGIN IMMEDIATE")
                async with aclosing(t.engine.ask(Question("hi"))) as stream:
                    async for event in stream:
                        events.append(event)
                        if isinstance(event, TextDelta) and event.text == "two":
                            stranger.execute("ROLLBACK")
                            door.set()

            started = only(TurnStarted, events)
            finished = only(TurnFinished, events)
            assert (finished.turn, finished.answer) == (started.turn, started.answer)
            assert events.index(started) > events.index(TextDelta("two"))
            assert (t.answer().id, t.answer().text) == (started.answer, "two three")
            assert t.answer().state is AnswerState.COMPLETE

    asyncio.run(main())


@pytest.mark.parametrize("since", [None, TextDelta])
def test_a_writer_that_breaks_costs_no_answer(since: type[TurnEvent] | None) -> None:
    """An error that nobody foresaw must be told like the others, and never end the screen."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello"])) as t:
            await t.ask("warm")
            submit = t.database.submit
            events: list[TurnEvent] = []
            if since is None:
                t.database.submit = broken  # type: ignore[method-assign]  # a bug of ours
            async with aclosing(t.engine.ask(Question("hi"))) as stream:
                async for event in stream:
                    events.append(event)
                    if since and isinstance(event, since):
                        t.database.submit = broken  # type: ignore[method-assign]  # a bug of ours
            t.database.submit = submit  # type: ignore[method-assign]

            assert text_of(events) == "Hello"
            assert isinstance(events[-1], TurnFinished)
            (note,) = [note for note in notes(events) if note.startswith("not saved")]
            assert "OverflowError" in note
            assert "report" in note

    asyncio.run(main())


def test_a_writer_that_breaks_does_not_break_leaving() -> None:
    """Esc while the store is broken must still be esc."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello", asyncio.Event()])) as t:
            submit = t.database.submit
            t.database.submit = broken  # type: ignore[method-assign]  # a bug of ours
            await t.play_until(Question("hi"), lambda event: isinstance(event, TextDelta))
            t.database.submit = submit  # type: ignore[method-assign]

    asyncio.run(main())


def test_the_largest_number_that_a_server_may_say_can_be_stored() -> None:
    """What passes the provider's bound must pass SQLite's too."""

    async def main() -> None:
        pieces: list[str | Piece] = ["Hello", Ended("stop", 2**53, 2**53, 2.0**53, 1.0, 1.0, 1.0)]
        async with talk(ScriptedProvider(pieces)) as t:
            events = await t.ask("hi")

            assert not [note for note in notes(events) if "not saved" in note]
            assert t.answer().output_tokens == 2**53
            assert t.answer().state is AnswerState.COMPLETE

    asyncio.run(main())


def test_closing_a_locked_database_leaves_the_loop_alive(tmp_path: Path) -> None:
    """The screen is still there while the last words are written: it must not stand still for seconds."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        async with talk(ScriptedProvider(["Hello"]), path) as t:
            await t.ask("warm")
            with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
                stranger.execute("BEGIN IMMEDIATE")
                t.engine._conversations.rename(1, "late")
                closing_it = asyncio.ensure_future(t.engine.aclose())
                for _ in range(20):  # on a loop that stands still, not one of these comes to its turn
                    await asyncio.sleep(0.005)
                assert not closing_it.done()
                stranger.execute("ROLLBACK")
                await closing_it

        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("SELECT title FROM conversation").fetchall() == [("late",)]

    asyncio.run(main())


def test_a_cloud_model_is_remote_whatever_an_old_fact_says(tmp_path: Path) -> None:
    """A row without a host, from an older version or from someone's hand, said that nothing leaves."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        provider = ScriptedProvider(["Hello"])
        async with talk(provider, path) as t:
            fact = ModelFact(provider.address, "big:120b-cloud", "d", 8192, 0, None, "")
            t.engine._models._facts.remember(fact).result()
            stream = t.engine.ask(Question("hi", model="big:120b-cloud"))
            async with aclosing(stream):
                routed = await anext(stream)

            assert getattr(routed, "place", "") == "REMOTE https://ollama.com"

    asyncio.run(main())

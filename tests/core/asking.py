"""An engine with a scripted provider and a real store, and short ways to ask it."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.engine.engine import Engine
from core.errors import StoreUnavailable
from core.events import TextDelta, TurnEvent, TurnStarted
from core.messages import Answer, Question, Turn
from core.providers.base import Provider
from core.settings.model import CacheSettings, FastSettings, Settings
from core.store.database import Database

E = TypeVar("E")

WITHOUT_CACHE = CacheSettings(enabled=False)
"""Most tests ask the same thing many times, and want it answered each time."""


@dataclass(slots=True)
class Talk:
    """An engine, and the conversation that is had with it."""

    engine: Engine
    database: Database
    conversation: int | None = None
    turn: int | None = None

    async def ask(self, text: str, **more: object) -> list[TurnEvent]:
        """Ask the next question; all events."""
        question = Question(text, conversation=self.conversation, **more)  # type: ignore[arg-type]  # a shorthand
        return await self.play(question)

    async def again(self, *, fit: bool = False) -> list[TurnEvent]:
        """Have the last question answered once more."""
        return await self.play(Question("", again=self.turn, fit=fit, use_cache=False))

    async def play(self, question: Question) -> list[TurnEvent]:
        """Ask a question to its end."""
        events: list[TurnEvent] = []
        async with aclosing(self.engine.ask(question)) as stream:
            async for event in stream:
                self.heard(event)
                events.append(event)
        with suppress(StoreUnavailable):  # a few tests ask of a store that refuses
            self.database.submit(lambda connection: None).result()  # all that was handed over is written
        return events

    async def play_until(self, question: Question, is_enough: Callable[[TurnEvent], bool]) -> None:
        """Ask, and close the generator in the midst of it."""
        async with aclosing(self.engine.ask(question)) as stream:
            async for event in stream:
                self.heard(event)
                if is_enough(event):
                    return

    def heard(self, event: TurnEvent) -> None:
        """Go on in the conversation that was begun."""
        if isinstance(event, TurnStarted):
            self.conversation, self.turn = event.conversation, event.turn

    def turns(self) -> tuple[Turn, ...]:
        """The newest conversation as the store has it, read by nobody's cache."""
        latest = self.engine.latest()
        return self.engine.turns(latest.id) if latest else ()

    def answer(self) -> Answer:
        """The last answer that was begun."""
        return self.turns()[-1].answers[-1]


@asynccontextmanager
async def talk(
    provider: Provider,
    path: Path | None = None,
    fast: FastSettings | None = None,
    clock: Callable[[], float] = time.perf_counter,
    cache: CacheSettings = WITHOUT_CACHE,
    since: float = 1_000_000.0,
) -> AsyncGenerator[Talk, None]:
    """A talk with a provider; in memory, or in a file that outlives it. Begins at a time, and ticks."""
    ticks = itertools.count(since)
    database = Database.open(path, ticks.__next__)
    settings = Settings(fast=fast or FastSettings(), cache=cache)
    engine = Engine(settings, provider, database, "/somewhere", ticks.__next__, clock)
    try:
        yield Talk(engine, database)
    finally:
        await engine.aclose()


def text_of(events: list[TurnEvent]) -> str:
    """The answer's text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def only(kind: type[E], events: list[TurnEvent]) -> E:
    """The one event of a kind."""
    found = [event for event in events if isinstance(event, kind)]
    assert len(found) == 1, events
    return found[0]


async def settled() -> None:
    """Let everything that can run, run."""
    for _ in range(20):
        await asyncio.sleep(0)

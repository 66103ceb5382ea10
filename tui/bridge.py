"""The only door between the engine and the screen: plays a question's events to a listener as messages."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from core.errors import HouseError
from core.events import TextDelta, TurnCancelled, TurnEvent
from core.messages import Attachment, Conversation, Question, Turn
from tui.ahead import Ahead
from tui.judging import Judging

if TYPE_CHECKING:  # the engine brings the store and SQLite, which the first frame does not need
    from core.deep.run import Run
    from core.engine.deepening import Deepening
    from core.engine.details import Details
    from core.engine.engine import Engine
    from core.engine.figures import Figures
    from core.engine.instead import Instead
    from core.engine.models import Ready
    from core.engine.outlook import Outlook
    from core.engine.stepping import Smaller
    from core.providers.base import ModelInfo, PullProgress
    from core.store.search import FoundTurn
    from core.tuning.tuner import Tuner

MERGE_S = 0.012
"""Pieces that come within it reach the screen as one; the first piece of an answer never waits."""


class TurnProgressed(Message):
    """Something happened in a turn.

    Attributes:
        key: the listener's own number for the turn.
    """

    def __init__(self, key: int, event: TurnEvent) -> None:
        self.key = key
        self.event = event
        super().__init__()


class RunProgressed(Message):
    """Something happened in a deep run.

    Attributes:
        key: the listener's own number for the run.
    """

    def __init__(self, key: int, event: TurnEvent) -> None:
        self.key = key
        self.event = event
        super().__init__()


OpenEngine = Callable[[], "tuple[Engine, str]"]
"""Opens the engine and tells what the person must know about its store."""


class Bridge:
    """An engine that is opened behind the first paint, and everything the screen asks of it."""

    def __init__(self, open_engine: OpenEngine, prepare: Callable[[], None] | None = None) -> None:
        """Make it; nothing is opened yet.

        Args:
            open_engine: opens the engine.
            prepare: what only the first question needs; runs in a thread.
        """
        self._open_engine = open_engine
        self._prepare = prepare
        self._engine: Engine | None = None
        self.ahead = Ahead(lambda: self._engine)
        self.judging = Judging(lambda: self._engine)
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether questions can be asked yet."""
        return self._engine is not None

    async def open(self) -> str:
        """Open the engine; what to tell the person about its store."""
        await asyncio.to_thread(importlib.import_module, "core.engine.build")
        self._engine, note = self._open_engine()
        return note

    async def prepare(self) -> None:
        """Import what only the first question needs; a stored conversation is on the screen before."""
        if self._prepare is not None:
            await asyncio.to_thread(self._prepare)

    async def aclose(self) -> None:
        """Close the engine, if it was ever opened."""
        self.ahead.end()
        if self._asking:
            await asyncio.wait(self._asking)  # their last words go into the file that is closed next
        if self._engine is not None:
            await self._engine.aclose()

    async def play(self, question: Question, key: int, listener: MessagePump) -> None:
        """Ask the engine, and post each of its events; being cancelled stops the provider at once."""
        merger = _Merger(lambda event: listener.post_message(TurnProgressed(key, event)))
        asking = asyncio.ensure_future(self._ask(question, merger))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            await asyncio.shield(asking)
        except asyncio.CancelledError:
            # Passed on once: who presses esc twice, or quits meanwhile, must not cut the closing short.
            asking.cancel()
            merger.take(TurnCancelled(merger.is_partial))
            raise

    async def _ask(self, question: Question, merger: "_Merger") -> None:
        async with aclosing(self._there.ask(question)) as events:
            async for event in events:
                merger.take(event)

    async def has_deep(self, question: Question, depth: int) -> bool:
        """Whether a stored deep answer to this very question would be served."""
        return await self._there.has_deep(question, depth)

    async def deepen(self) -> "Deepening":
        """Depth; what it needs is imported the first time, in a thread."""
        await asyncio.to_thread(importlib.import_module, "core.engine.build_deep")
        return self.deep

    @property
    def deep(self) -> "Deepening":
        """Depth, where it was asked for before."""
        return self._there.deep

    def may_offer_depth(self, environ: Mapping[str, str]) -> bool:
        """Whether there may be something to say of depth unasked; sees it without importing what is deep."""
        there = self._there
        # Which of them belong to a vendor is known where keys are; most people have none at all.
        has_key = any(name.endswith("_API_KEY") for name in environ if not name.startswith("LEADLINE_"))
        if there.settings.deep.provider == "" and has_key:
            return True
        with suppress(HouseError):
            return there.archive.has_left_runs(there.project.places)
        return False

    @property
    def usual_preset(self) -> str:
        """What depth is, where nothing else is said: ``deep`` or ``deeper``."""
        return self._there.settings.deep.preset

    async def watch(self, run: "Run", key: int, listener: MessagePump) -> None:
        """Post each event of a deep run, from its beginning; being cancelled ends nothing of it."""
        merger = _Merger(lambda event: listener.post_message(RunProgressed(key, event)))
        async with aclosing(run.listen()) as events:
            async for event in events:
                merger.take(event)

    def figures(self, since: float) -> "Figures":
        """All that was measured since a moment (Unix seconds); blocks, for a thread; raises `HouseError`."""
        return self._there.archive.figures(since)

    async def choose_answer(self, turn: int, answer: int) -> None:
        """Make an answer its turn's current one; raises `HouseError`."""
        await self._there.archive.choose_answer(turn, answer)

    async def look(self) -> "Outlook":
        """What the server is like."""
        return await self._there.look()

    async def models(self) -> "tuple[ModelInfo, ...]":
        """Every model there is; raises `ProviderError`."""
        return await self._there.models()

    async def use(self, model: str) -> "Ready":
        """Answer with this model from now on; raises `HouseError`."""
        return await self._there.use(model)

    def place(self, model: "ModelInfo") -> str:
        """Where a model runs."""
        return self._there.place_of(model)

    def widen(self, window: int) -> "Ready | None":
        """Take another window."""
        return self._there.widen(window)

    def model_in_use(self) -> "Ready | None":
        """The model of the next question, when known."""
        return self._engine.model_in_use() if self._engine else None

    def smaller(self) -> "Smaller | None":
        """The model to step down to from the one in use, where one is known."""
        return self._engine.stepping.smaller() if self._engine else None

    def instead(self, waited_ms: float, usual_ms: float | None) -> "Instead | None":
        """What can be done instead of waiting on for a first token."""
        return self._engine.instead(waited_ms, usual_ms) if self._engine else None

    async def tuner(self) -> "Tuner":
        """What measures models; imported the first time, in a thread."""
        await asyncio.to_thread(importlib.import_module, "core.engine.build_tuning")
        return self._there.tuner

    @property
    def failure_cost_s(self) -> float:
        """What settling a question elsewhere costs, as it is set."""
        return self._there.settings.metrics.failure_cost_s

    def step_due(self) -> "Smaller | None":
        """The same, where the model in use was late three times running; once for each model."""
        return self._engine.stepping.due() if self._engine else None

    def pull(self, model: str) -> "AsyncGenerator[PullProgress, None]":
        """Fetch a model; raises `ProviderError`."""
        return self._there.pull(model)

    def latest(self) -> Conversation | None:
        """The last conversation of this project."""
        return self._there.latest()

    def turns(self, conversation: int) -> "StoredTurns":
        """A conversation's turns, to be read page by page."""
        return StoredTurns(self._there, conversation)

    def search(self, text: str, limit: int) -> "tuple[FoundTurn, ...]":
        """The turns that have all these words, best first; blocking, for a thread."""
        return self._there.archive.search(text, limit)

    def recent(self, limit: int) -> tuple[Conversation, ...]:
        """The conversations last asked anywhere, newest first."""
        return self._there.archive.recent(limit)

    async def rename(self, conversation: int, title: str) -> None:
        """Give a conversation another title; raises `HouseError`."""
        await self._there.archive.rename(conversation, title)

    async def delete(self, conversation: int) -> None:
        """Take a conversation out of sight; raises `HouseError`."""
        await self._there.archive.delete(conversation)

    async def undo_delete(self, conversation: int) -> None:
        """Bring a deleted conversation back; raises `HouseError`."""
        await self._there.archive.undo_delete(conversation)

    def followed(self, conversation: int) -> tuple[Attachment, ...]:
        """What a conversation was sent and is read again; nothing when the store cannot be read."""
        if self._engine is not None:
            with suppress(HouseError):
                return self._engine.archive.followed(conversation)
        return ()

    async def release(self, conversation: int, origin: str) -> None:
        """Read an origin no more for this conversation; raises `HouseError`."""
        await self._there.archive.release(conversation, origin)

    def questions(self, limit: int) -> tuple[str, ...]:
        """What was asked before, newest first; nothing when the store cannot be read."""
        if self._engine is not None:
            with suppress(HouseError):
                return self._engine.questions(limit)
        return ()

    async def keep_maybe(self, turn: int, entry: int) -> None:
        """Make a stored answer that was offered the turn's current one; raises `HouseError`."""
        if self._asking:
            await asyncio.wait(self._asking)  # the answer before is written first, and is then no longer it
        await self._there.keep_maybe(turn, entry)

    def details(self, turn: int) -> "Details | None":
        """How the answer of a turn came; None when it has none; raises `HouseError`."""
        return self._there.archive.details(turn)

    def painted(self, answer: int, paint_ms: float) -> None:
        """An answer's first text was on the screen so long after the key."""
        if self._engine is not None:
            self._engine.archive.painted(answer, paint_ms)

    def opened_maybe(self, entry: int) -> None:
        """The person reads a stored answer that was offered."""
        self._there.recall.opened(entry)

    def rule_out(self, question: str, entry: int) -> None:
        """Never offer this stored answer for this question again."""
        self._there.recall.rule_out(question, entry)

    @property
    def _there(self) -> "Engine":
        assert self._engine is not None, "asked before it was opened"
        return self._engine


class StoredTurns:
    """A stored conversation as the transcript reads it."""

    def __init__(self, engine: "Engine", conversation: int) -> None:
        self._engine = engine
        self._conversation = conversation

    def keys(self) -> tuple[int, ...]:
        """The ids of all turns, oldest first; raises `HouseError`."""
        return self._engine.turn_ids(self._conversation)

    def page(self, before: int | None, last: int) -> tuple[Turn, ...]:
        """At most so many turns, the newest that came before a turn; oldest first. None once it is closed."""
        with suppress(HouseError):
            return self._engine.turns(self._conversation, last, before)
        return ()


class _Merger:
    """Posts events; pieces of text that come close together are posted as one."""

    def __init__(self, post: Callable[[TurnEvent], object]) -> None:
        self._post = post
        self._held: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self.is_partial = False

    def take(self, event: TurnEvent) -> None:
        if not isinstance(event, TextDelta):
            self._flush()
            self._post(event)
        elif self.is_partial:
            self._held.append(event.text)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(MERGE_S, self._flush)
        else:
            self.is_partial = True
            self._post(event)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            text = "".join(self._held)
            self._held.clear()
            self._post(TextDelta(text))

"""What the tests of deep runs share: a caller that says what you wrote, a pack, a place, and runs there."""

import asyncio
import functools
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.context.prompt import with_attachments
from core.deep.arming import Prepared
from core.deep.caller import Caller
from core.deep.depth import Depth
from core.deep.doors import Doors, Pace, check_nothing
from core.deep.money import Estimate, Money
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem, Preset
from core.deep.run import Run
from core.engine.deepening import Deepening
from core.engine.depths import AfterOffline, OfflineWay
from core.events import TextDelta, TurnEvent
from core.messages import AnswerState, Message, Role, Route
from core.providers.deep.calls import (
    DeepEvent,
    DeepRequest,
    Effort,
    Failed,
    Finished,
    Reason,
    Started,
    Usage,
)
from core.settings.model import DeepSettings
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.conversations import Started as Stored
from core.store.database import Database
from core.store.deep_journal import DeepJournal
from core.store.deep_ledger import DeepLedger

Step = str | DeepEvent | asyncio.Event
Answer = Sequence[Step]
DIRECTORY = "/somewhere"
PLAN = (
    '{"parts": [{"title": "one", "question": "What is one?"}, {"title": "two", "question": "What is two?"},'
    ' {"title": "three", "question": "What is three?"}]}'
)
QUICK = Pace(plan_s=0.02)


def in_a_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """A test that is a coroutine, in a loop of its own."""

    @functools.wraps(test)
    def run(*given: object, **named: object) -> None:
        asyncio.run(asyncio.wait_for(test(*given, **named), 60))

    return run


def stage_of(request: DeepRequest) -> str:
    """Which stage a request is of, by its task: ``plan``, a part's title, or ``write``."""
    said = request.messages[-1].text
    if "Take it apart" in said:
        return "plan"
    if "answered in parts" in said:
        return said.rpartition("elsewhere:\n\n")[2].splitlines()[0]
    return "write"


class ScriptedCaller:
    """Says for each stage what you wrote for it; what it does not know, it answers with its name.

    Attributes:
        requests: what it was asked, in order.
        waits: by stage, set as soon as it stands before a door.
        open: calls under way.
        most_open: the most that were under way at the same time.
        closed: calls that were left before their end.
    """

    def __init__(self, **answers: Answer) -> None:
        self.address = "https://api.deep.example"
        self.answers = answers
        self.requests: list[DeepRequest] = []
        self.waits: dict[str, asyncio.Event] = {}
        self.open = self.most_open = self.closed = 0
        self.word = "REMOTE api.deep.example"

    @property
    def stages(self) -> list[str]:
        """The stages it was asked for, in order."""
        return [stage_of(request) for request in self.requests]

    def place(self, remote_host: str = "") -> str:
        """Where it is."""
        return f"REMOTE {remote_host}" if remote_host else self.word

    def waiting(self, stage: str) -> asyncio.Event:
        """Set when the stage stands before a door."""
        return self.waits.setdefault(stage, asyncio.Event())

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Say what was written."""
        self.requests.append(request)
        stage = stage_of(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        is_over = False
        try:
            yield Started(request.model)
            for step in self.answers.get(stage, [f"answer to {stage}"]):
                await asyncio.sleep(0)
                match step:
                    case str():
                        yield TextDelta(step)
                    case asyncio.Event():
                        self.waiting(stage).set()
                        await step.wait()
                    case Finished() | Failed():
                        is_over = True
                        yield step
                        return
                    case _:
                        yield step
            yield Usage(input_tokens=100, output_tokens=20)
            is_over = True
            yield Finished(Reason.STOP)
        finally:
            self.open -= 1
            self.closed += not is_over

    async def aclose(self) -> None:
        """Nothing to give back."""


class PlainPacking:
    """Sends turns before, sources and question, and no more."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def build(self, question: DeepQuestion, depth: Depth) -> Pack:
        items = tuple(
            PackItem(f"source-{n}", ItemKind.SOURCE, each.name, len(each.text) // 4, attachment=each)
            for n, each in enumerate(question.attachments, 1)
        )
        text = question.text
        if question.turn is not None:
            text = self._conversations.turn(question.turn).question
        return Pack(text, "Think.", items)

    def fits(self, pack: Pack, depth: Depth) -> bool:
        return True

    def asks(self, question: DeepQuestion, pack: Pack, depth: Depth, estimate: Estimate) -> tuple[str, ...]:
        return ()

    def messages(self, pack: Pack) -> tuple[Message, ...]:
        sources = tuple(item.attachment for item in pack.sent if item.attachment)
        return (
            Message(Role.SYSTEM, pack.system),
            Message(Role.USER, with_attachments(pack.question, sources)),
        )

    def tokens(self, pack: Pack) -> int:
        return sum(len(each.text) for each in self.messages(pack)) // 4

    def kinds(self, pack: Pack) -> tuple[str, ...]:
        return tuple(item.kind.value for item in pack.sent)

    def to_json(self, pack: Pack) -> str:
        return pack.question

    def from_json(self, text: str) -> Pack:
        return Pack(text, "Think.")


@dataclass
class Places:
    """One place, whatever is asked."""

    depth: Depth
    after: AfterOffline = field(default_factory=lambda: AfterOffline(OfflineWay.ASK))

    async def find(self, question: DeepQuestion) -> Depth:
        return self.depth

    def offer(self) -> str:
        return ""

    def take_offer(self) -> str:
        return ""

    async def after_offline(self, prepared: Prepared, *, can_ask: bool = True) -> AfterOffline:
        return self.after

    async def wait_for_way(self, depth: Depth, again: asyncio.Event) -> None:
        await again.wait()

    async def aclose(self) -> None:
        await self.depth.caller.aclose()


@dataclass
class Bench:
    """Deep runs with a real store, and short ways to ask."""

    deep: Deepening
    doors: Doors
    database: Database
    places: Places

    async def start(self, text: str = "Why?", preset: Preset = Preset.DEEP, **more: object) -> Run:
        """Ask in depth."""
        waits = bool(more.pop("waits_for_plan", False))
        question = DeepQuestion(text, preset, **more)  # type: ignore[arg-type]  # a shorthand
        return self.deep.start(await self.deep.prepare(question), waits_for_plan=waits)

    async def whole(self, text: str = "Why?", preset: Preset = Preset.DEEP, **more: object) -> Run:
        """Ask in depth, to its end."""
        run = await self.start(text, preset, **more)
        await run.over()
        return run

    async def asked(self, draft: str = "Because.", conversation: int | None = None) -> Stored:
        """A turn with a fast answer."""
        answer = NewAnswer(Route.FAST, "small", "scripted", "local")
        ending = Ending(AnswerState.COMPLETE, draft, reason="stop")
        return await asyncio.wrap_future(
            self.doors.conversations.ask("Why?", (), conversation, DIRECTORY, answer, ending)
        )


@asynccontextmanager
async def bench(
    caller: Caller,
    path: Path | None = None,
    *,
    pace: Pace = QUICK,
    settings: DeepSettings = DeepSettings(),  # noqa: B008  (frozen)
    clock: Callable[[], float] = time.monotonic,
    check: object = check_nothing,
    prices: dict[str, str] | None = None,
    **depth: object,
) -> AsyncGenerator[Bench, None]:
    """Deep runs at one caller's place."""
    database = Database.open(path, time.time)
    place = caller.place()
    at = Depth(caller, "big:1", Effort.HIGH, "scripted", "api.deep.example", place, is_free=prices is None)
    at = replace(at, **depth)  # type: ignore[arg-type]  # whatever the test gives
    ledger = DeepLedger(database)
    doors = Doors(
        settings,
        Conversations(database),
        DeepJournal(database),
        ledger,
        Money(settings, prices or {}, ledger, time.time),
        clock,
        DIRECTORY,
        check,  # type: ignore[arg-type]  # whatever the test gives
        pace=pace,
    )
    places = Places(at)
    deep = Deepening(doors, places, PlainPacking(doors.conversations))
    try:
        yield Bench(deep, doors, database, places)
    finally:
        await deep.aclose()
        await asyncio.to_thread(database.close)


async def heard(run: Run) -> list[TurnEvent]:
    """Everything that happens in a run, to its last event."""
    return [event async for event in run.listen()]


def text_of(events: Sequence[TurnEvent]) -> str:
    """The answer's text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something comes true."""
    for _ in range(20_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came true")

"""Depth that says what a test wrote: runs whose states are set by hand, and what a person did with them."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem, Preset
from core.deep.status import RunState, RunStatus, Spending, StageKind, StageStatus
from core.engine.deepening import LeftRun
from core.engine.engine import Engine
from core.errors import HouseError
from core.events import (
    Routed,
    StageState,
    TextDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from core.messages import Route
from core.metrics.usual import Usual
from core.providers.deep.calls import Effort
from tests.screen.driving import Person

WAITS, STARTED, FINISHED = StageState.WAITS, StageState.STARTED, StageState.FINISHED
USUAL = Usual(23, 20.0, 80.0, 38.0, 65.0)
REMOTE = Depth(
    caller=None,  # type: ignore[arg-type]  # nobody calls anything here
    model="claude-opus-4-1",
    effort=Effort.HIGH,
    provider="anthropic",
    host="api.anthropic.com",
    place="REMOTE api.anthropic.com",
)
LOCAL = replace(REMOTE, model="qwen3:4b", provider="ollama", host="", place="local", is_free=True)
SAME_SLOT = replace(LOCAL, shares_slot=True)
ASKS = ("first time to api.anthropic.com here",)
ITEMS = (
    PackItem("turn-1", ItemKind.TURN, "turn 1", 800),
    PackItem("source-1", ItemKind.SOURCE, "a.py", 1200),
)
PARTS = (
    "where is the session created?",
    "what does wait_for cancel?",
    "pool limit",
    "does the peer send FIN?",
)


def deep_stages(now: int = 1) -> tuple[StageStatus, ...]:
    """The stages of a plain run, the one of that place running."""
    kinds = (StageKind.CONTEXT, StageKind.WRITE, StageKind.CHECK)
    return tuple(_stage(kind.value, kind, kind.value, at, now) for at, kind in enumerate(kinds))


def deeper_stages(now: int = 2) -> tuple[StageStatus, ...]:
    """The stages of a run in parts: 0 context, 1 plan, 2 parts, 3 write, 4 check."""
    parts = [_stage(f"part-{at}", StageKind.PART, title, 2, now) for at, title in enumerate(PARTS, 1)]
    return (
        _stage("context", StageKind.CONTEXT, "context", 0, now),
        _stage("plan", StageKind.PLAN, "plan", 1, now),
        *(parts if now >= 1 else ()),
        _stage("write", StageKind.WRITE, "write", 3, now),
        _stage("check", StageKind.CHECK, "check", 4, now),
    )


def _stage(id: str, kind: StageKind, title: str, at: int, now: int) -> StageStatus:  # noqa: A002
    state = FINISHED if at < now else STARTED if at == now else WAITS
    notes = {"context": "3 files + diff, 6.2k tokens sent, 0 secrets", "plan": f"{len(PARTS)} questions"}
    return StageStatus(
        id,
        kind,
        title,
        state,
        None if state is WAITS else 7.0,
        USUAL if kind is StageKind.WRITE else None,
        412 if kind is StageKind.WRITE and state is STARTED else 0,
        0.02 if kind is StageKind.PLAN and state is FINISHED else None,
        notes.get(id, "") if state is not WAITS else "",
        f"The finding of {title}" if kind is StageKind.PART and state is not WAITS else "",
    )


STATUS = RunStatus(
    number=1,
    preset=Preset.DEEP,
    state=RunState.RUNNING,
    question="",
    model=REMOTE.model,
    effort="high",
    provider="anthropic",
    place=REMOTE.place,
    stages=deep_stages(),
    elapsed_s=31.0,
    usual=USUAL,
    fact="writes since 0:24",
    thinking="the connector limit is per loop, so a second loop doubles it",
    spending=Spending(8900, 4100, 3000, 400, 0.07, False, 0.11, 0.50),
    alive_s=0.2,
    silent_s=0.2,
    saved_s=0.4,
    sent=("worker.py", "pool.py", "diff"),
)
DEEPER = replace(STATUS, preset=Preset.DEEPER, stages=deeper_stages(3))


class ScriptedRun:
    """A run that stands as `now` says; what the person did is in `acts`."""

    def __init__(self, status: RunStatus, route: Route = Route.DEEP) -> None:
        self.now = status
        self.route = route
        self.acts: list[tuple[str, ...]] = []
        self.is_still = False  # True: what a person does is noted, and changes nothing
        self.told: list[TurnEvent] = []
        self._told = asyncio.Event()
        self._over = asyncio.Event()

    async def over(self) -> None:
        await self._over.wait()

    def status(self) -> RunStatus:
        return self.now

    def say(self, *events: TurnEvent) -> None:
        """These happen."""
        self.told += events
        self._told.set()
        self._told = asyncio.Event()

    def write(self, text: str) -> None:
        """A piece of the answer."""
        self.say(TextDelta(text))

    def change(self, **changes: object) -> None:
        """Stand otherwise from now on."""
        self.now = replace(self.now, **changes)  # type: ignore[arg-type]  # by their names

    def finish(self, state: RunState = RunState.COMPLETE, error: HouseError | None = None) -> None:
        """Be over."""
        stages = tuple(replace(each, state=FINISHED) for each in self.now.stages)
        self.change(state=state, error=error, stages=stages, alive_s=None)
        over: TurnEvent = TurnFinished(self.now.turn, self.now.answer, 1.0, 2.0, 3)
        if state is RunState.DROPPED:
            over = TurnCancelled(False)
        elif state is not RunState.COMPLETE and error is not None:
            over = TurnFailed(error.kind, error.message, error.remedy, state is RunState.PARTIAL)
        elif state is not RunState.COMPLETE:
            over = TurnCancelled(is_partial=True)
        self.say(over)
        self._over.set()

    async def listen(self) -> AsyncGenerator[TurnEvent, None]:
        yield Routed(self.route, self.now.model, self.now.provider, self.now.place)
        at = 0
        while True:
            while at < len(self.told):
                yield self.told[at]
                if isinstance(self.told[at], TurnFinished | TurnCancelled | TurnFailed):
                    return
                at += 1
            await self._told.wait()

    def end(self) -> None:
        self.acts.append(("end",))
        if not self.is_still and not self.now.state.is_over:
            self.finish(RunState.PARTIAL)

    def drop(self) -> None:
        self.acts.append(("drop",))
        if not self.is_still and not self.now.state.is_over:
            self.finish(RunState.DROPPED)

    def retry(self) -> None:
        self.acts.append(("retry",))

    def hint(self, text: str) -> None:
        self.acts.append(("hint", text))
        if not self.is_still:
            self.change(hints=(*self.now.hints, text))

    def strike(self, part: str) -> None:
        self.acts.append(("strike", part))
        stages = tuple(
            replace(each, state=StageState.STRUCK) if each.id == part else each for each in self.now.stages
        )
        self.change(stages=stages)

    def hold(self) -> None:
        self.acts.append(("hold",))
        if self.is_still:
            return
        self.change(goes_on_in_s=None)

    def go_on(self) -> None:
        self.acts.append(("go on",))
        if self.is_still:
            return
        self.change(state=RunState.RUNNING, goes_on_in_s=None)


@dataclass
class ScriptedDeepening:
    """Prepares what a test says, and keeps what it was asked."""

    depth: Depth = REMOTE
    asks: tuple[str, ...] = ()
    status: RunStatus = STATUS
    pack_items: tuple[PackItem, ...] = ITEMS
    is_still: bool = False
    left_runs: list[LeftRun] = field(default_factory=list)
    offered: str = ""
    refuses: HouseError | None = None
    prepared: list[DeepQuestion] = field(default_factory=list)
    started: list[Prepared] = field(default_factory=list)
    runs: tuple[ScriptedRun, ...] = ()
    settled: list[tuple[str, int]] = field(default_factory=list)

    async def prepare(self, question: DeepQuestion) -> Prepared:
        self.prepared.append(question)
        if self.refuses is not None:
            raise self.refuses
        pack = Pack(question.text, "", self.pack_items)
        return Prepared(question, self.depth, pack, Estimate(2000, 0.05), self.asks)

    def strike(self, prepared: Prepared, item: str) -> Prepared:
        return replace(prepared, pack=prepared.pack.toggled(item))

    def start(self, prepared: Prepared, *, waits_for_plan: bool = True) -> ScriptedRun:
        self.started.append(prepared)
        number = len(self.runs) + 1
        run = ScriptedRun(
            replace(
                self.status,
                number=number,
                question=prepared.question.text,
                turn=prepared.question.turn or 0,
                model=prepared.depth.model,
                place=prepared.depth.place,
            ),
            prepared.depth.route,
        )
        run.is_still = self.is_still
        self.runs = (*self.runs, run)
        return run

    def left(self) -> tuple[LeftRun, ...]:
        return tuple(self.left_runs)

    async def resume(self, run: int) -> ScriptedRun:
        self.settled.append(("resume", run))
        left = self.left_runs.pop(0)
        resumed = ScriptedRun(replace(self.status, turn=left.turn, question=left.question))
        self.runs = (*self.runs, resumed)
        return resumed

    async def keep(self, run: int) -> None:
        self.settled.append(("keep", run))
        self.left_runs.pop(0)

    async def drop(self, run: int) -> None:
        self.settled.append(("drop", run))
        self.left_runs.pop(0)

    def offer(self) -> str:
        return self.offered

    def take_offer(self) -> str:
        self.offered = ""
        return "deep questions go to claude now"


@contextmanager
def depth_of(deepening: ScriptedDeepening) -> Iterator[ScriptedDeepening]:
    """Every engine has this depth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "deep", deepening, raising=False)
        yield deepening


LEFT = LeftRun(7, 1, 1, "why?", "claude-opus-4-1", "api.anthropic.com", "interrupted", 3, 5, "write")


async def deepened(person: Person, deepening: ScriptedDeepening, question: str = "why?") -> ScriptedRun:
    """A question with its draft, and a run that thinks it through."""
    await person.ask(question)
    await person.has_answer("the draft")
    await person.press("ctrl+t")
    await person.until(lambda: deepening.runs)
    await person.sees("deep · run 1" if deepening.status.preset is Preset.DEEP else "deeper · run 1")
    return deepening.runs[0]


def stored(run: ScriptedRun, conversation: int, turn: int, answer: int = 99) -> None:
    """The store has the answer of a run now."""
    run.change(turn=turn, answer=answer)
    run.say(TurnStarted(conversation, turn, answer))

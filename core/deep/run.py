"""One deep run: a background job from its first second, that anyone may watch, end, or add a word to."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from enum import Enum, auto

from core.deep.board import Board, Hint
from core.deep.calling import CallEnd
from core.deep.closing import Closing
from core.deep.course import Course
from core.deep.depth import Depth
from core.deep.doors import Doors, Gate, Order
from core.deep.feed import Feed
from core.deep.outcome import ENDED, ended, explained, whole_or_not
from core.deep.pulse import safe_line
from core.deep.purse import Purse
from core.deep.question import Preset
from core.deep.saving import Saving
from core.deep.stage import Stage
from core.deep.status import RunState, RunStatus, StageKind
from core.errors import HouseError
from core.events import (
    Noted,
    Routed,
    StageState,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnStarted,
)
from core.metrics.times import Stopwatch
from core.metrics.usual import usual
from core.providers.deep.failures import Offline
from core.sanitise import clean
from core.store.conversations import Started
from core.store.deep_journal import INTERRUPTED

_LONGEST_HINT = 4_000


class _Wish(Enum):
    """What the person, or the end of the program, wants of a run."""

    GO_ON = auto()
    KEEP = auto()
    DROP = auto()
    LEAVE = auto()


class Run:
    """A run under way, or over."""

    def __init__(self, order: Order, doors: Doors) -> None:
        self._doors = doors
        self._feed = Feed()
        so_far_s = order.left.elapsed_s if order.left else 0.0
        self._board = Board(doors.clock, order.prepared.depth.place, Stopwatch(doors.clock, so_far_s))
        self._board.hints = [Hint(text) for text in (order.left.hints if order.left else ())]
        self._saving = Saving(order, doors, lambda: self._board.stages, self._note, self._opened)
        self._set_out(order)
        self._wish = _Wish.GO_ON
        self._began = self._working_since = doors.clock() - so_far_s
        self._over_at: float | None = None
        self._ticket = asyncio.Event()
        self._again = asyncio.Event()
        self._course: asyncio.Task[CallEnd] | None = None
        self._life: asyncio.Task[None] | None = None

    def _set_out(self, order: Order) -> None:
        """Everything that depends on where it goes."""
        self._order = order
        self._depth = order.prepared.depth
        self._board.place = self._depth.place
        self._board.stages = _stages(order.prepared.question.preset)
        shared = (order, self._doors, self._board, self._feed, self._saving)
        self._purse = Purse(order.prepared, self._doors, order.left)
        self._way = Course(*shared, self._purse)
        self._closing = Closing(*shared, self._purse)
        self._past = self._purse.past()
        self._usual = usual(self._past.seconds, is_pooled=self._past.is_pooled)

    def begin(self) -> None:
        """Let it go on by itself, whoever listens."""
        self._tell_way()
        self._life = asyncio.ensure_future(self._live())

    def _tell_way(self) -> None:
        """Where it goes, and whether it waits for its turn there."""
        depth = self._depth
        self._feed.tell(Routed(depth.route, depth.model, depth.provider, depth.place))
        if depth.note:
            self._note(depth.note)
        self._board.pulse.say(self._way.sent)
        self._ticket = self._order.gate.turns.join()
        self._board.state = RunState.RUNNING
        if not self._ticket.is_set():
            self._board.state = RunState.QUEUED
            self._board.pulse.say("waits for the run before it")

    async def over(self) -> None:
        """Return when it is over, and kept."""
        if self._life is not None:
            await asyncio.wait({self._life})

    def status(self) -> RunStatus:
        """How it stands now; cheap enough for four times a second."""
        board, pulse, question = self._board, self._board.pulse, self._order.prepared.question
        now = self._doors.clock()
        writing = next((each for each in board.stages if each.state is StageState.STARTED), None)
        progress = writing.progress(now) if writing else ""
        goes_on_at, saved_at = board.goes_on_at, self._saving.saved_at
        return RunStatus(
            number=self._order.number,
            preset=question.preset,
            state=board.state,
            question=self._order.prepared.pack.question,
            model=self._depth.model,
            effort=self._depth.effort.value,
            provider=self._depth.provider,
            place=board.place,
            turn=self._saving.started.turn,
            answer=self._saving.started.answer,
            stages=tuple(stage.status(now) for stage in board.stages),
            elapsed_s=(now if self._over_at is None else self._over_at) - self._began,
            usual=self._usual,
            past_s=self._past.seconds,
            fact=pulse.fact(now, f"{writing.title}: {progress}" if writing and progress else ""),
            thinking=pulse.thinking(now),
            spending=self._purse.status(board.stages),
            alive_s=pulse.alive_s(now),
            silent_s=pulse.silent_s(now),
            saved_s=None if saved_at is None else now - saved_at,
            retries=pulse.retries,
            goes_on_in_s=None if goes_on_at is None else max(0.0, goes_on_at - now),
            sent=tuple(safe_line(item.label) for item in self._order.prepared.pack.sent),
            hints=tuple(f"{hint.text} → {hint.stage or 'next stage'}" for hint in board.hints),
            error=board.error,
            differs=board.differs,
            kept=board.kept,
            may_resume=board.may_resume,
        )

    def listen(self) -> AsyncGenerator[TurnEvent, None]:
        """All that happens, from its beginning; who leaves ends nothing.

        The events are a turn's: `Routed`, `TurnStarted`, then `StageReported`, `ThinkingDelta`, `TextDelta`,
        `TextRestarted`, `Noted` and `UsageReported`, and one of `TurnFinished`, `TurnFailed`,
        `TurnCancelled`. Text and thinking are only those of the answer; what parts say is in the status.
        """
        return self._feed.listen()

    def end(self) -> None:
        """End it and keep what came; its sockets are closed before this returns to the loop twice."""
        self._stop(_Wish.KEEP)

    def drop(self) -> None:
        """End it and keep nothing."""
        if self._board.state.is_over and self._board.state is not RunState.DROPPED:
            self._board.state = RunState.DROPPED
            self._life = asyncio.ensure_future(self._saving.remove())
        else:
            self._stop(_Wish.DROP)

    def leave(self) -> None:
        """Stop it so that it can be resumed by the next leadline."""
        self._stop(_Wish.LEAVE)

    def hint(self, text: str) -> None:
        """Something that the next stage shall know."""
        said = clean(text).strip()[:_LONGEST_HINT]
        if not said:
            return
        asks = (StageKind.PLAN, StageKind.PART, StageKind.WRITE)
        if not any(each.kind in asks and each.state is StageState.WAITS for each in self._board.stages):
            self._note("there is no stage left that could take a hint")
            return
        if not self._may_leave(said):
            return
        self._board.hints.append(Hint(said))
        self._saving.hints(tuple(hint.text for hint in self._board.hints))

    def _may_leave(self, hint: str) -> bool:
        """Whether it may go along; nobody was asked about secrets that come later."""
        if self._depth.is_local or self._order.prepared.question.allows_secrets:
            return True
        from core.secrets import find_secrets  # few runs get a hint

        kinds = dict.fromkeys(secret.kind for secret in find_secrets(hint))
        if kinds:
            self._note(f"the hint was not added, it looks secret: {', '.join(kinds)}")
        return not kinds

    def strike(self, part: str) -> None:
        """Leave a part of the plan out, or take it in again, while the plan waits; it then waits longer."""
        if not self._way.wait.strike(part):
            self._note("only the parts of a plan that waits can be struck")

    def retry(self) -> None:
        """Look at once whether there is a way again, where it waits for one."""
        self._again.set()

    def hold(self) -> None:
        """The plan no longer goes on by itself."""
        self._way.wait.hold()

    def go_on(self) -> None:
        """The plan goes on now."""
        self._way.wait.go_on()

    def _stop(self, wish: _Wish) -> None:
        if self._board.state.is_over:
            return
        is_first = self._wish is _Wish.GO_ON
        if is_first or wish is _Wish.DROP:
            self._wish = wish
        # Once only: a second one would cut the closing short.
        if is_first and self._course is not None:
            self._course.cancel()

    async def _live(self) -> None:
        try:
            await self._saving.open(self._board.state.value)
            self._course = asyncio.ensure_future(self._go())
            if self._wish is not _Wish.GO_ON:  # ended before it began
                self._course.cancel()
            await asyncio.wait({self._course})
        finally:
            self._order.gate.turns.leave(self._ticket)
        try:
            await self._wind_up(self._course)
        except Exception as error:  # noqa: BLE001  (the worker's edge: who listens must hear of the end)
            bug = explained(error)
            self._board.error, self._board.state = bug, RunState.FAILED
            self._feed.tell(TurnFailed(bug.kind, bug.message, bug.remedy, is_partial=False))
        if self._wish is _Wish.DROP and self._board.state is not RunState.DROPPED:  # said while it ended
            self._board.state = RunState.DROPPED
            await self._saving.remove()

    async def _go(self) -> CallEnd:
        while True:
            await self._ticket.wait()
            self._working_since = self._doors.clock()
            self._board.state = RunState.RUNNING
            self._saving.state(RunState.RUNNING.value)
            error: HouseError | None
            try:
                end = await self._way.go()
                error = end.error
            except HouseError as failed:
                end, error = CallEnd(None, failed), failed
            if not isinstance(error, Offline) or any(stage.text for stage in self._board.stages):
                return end
            try:
                detour = await self._doors.detour(self._order.prepared, self._order.waits_for_plan)
            except HouseError:  # not here either: why it was not answered there is to be known as well
                self._note(safe_line(error.message))
                raise
            if detour.wait is not None:
                await self._wait_for_way(detour.wait, error)
            elif detour.depth is not None and detour.gate is not None:
                self._turn_to(detour.depth, detour.gate)
            else:
                return end

    async def _wait_for_way(self, wait: Callable[[asyncio.Event], Awaitable[None]], why: HouseError) -> None:
        """Stand in the queue until the place can be reached; a crash meanwhile loses nothing."""
        self._board.state = RunState.QUEUED
        self._saving.state(RunState.QUEUED.value)
        self._note(f"queued: {safe_line(why.message)}")
        await wait(self._again)
        self._board.stages = _stages(self._order.prepared.question.preset)

    def _turn_to(self, depth: Depth, gate: Gate) -> None:
        """Do it elsewhere, from its beginning."""
        self._order.gate.turns.leave(self._ticket)
        order = replace(self._order, prepared=replace(self._order.prepared, depth=depth), gate=gate)
        self._set_out(order)
        self._saving.move(order, RunState.RUNNING.value)
        self._tell_way()

    async def _wind_up(self, course: "asyncio.Task[CallEnd]") -> None:
        self._over_at = self._doors.clock()
        if course.cancelled() and self._wish is _Wish.DROP:
            await self._saving.remove()
            self._board.state = RunState.DROPPED
            self._feed.tell(TurnCancelled(is_partial=False))
            return
        if course.cancelled():
            outcome = ended(self._board, ENDED if self._wish is _Wish.KEEP else INTERRUPTED)
        elif (error := course.exception()) is not None:
            outcome = whole_or_not(self._board, CallEnd(), explained(error))
        else:
            outcome = whole_or_not(self._board, course.result(), None)
        now = self._doors.clock()
        await self._closing.close(outcome, now - self._working_since)

    def _opened(self, started: Started) -> None:
        self._feed.tell(TurnStarted(started.conversation, started.turn, started.answer))

    def _note(self, text: str) -> None:
        self._board.pulse.say(text)
        self._feed.tell(Noted(text))


def _stages(preset: Preset) -> list[Stage]:
    """What a run is known to do before there is a plan."""
    plan = [Stage("plan", StageKind.PLAN, "plan")] if preset is Preset.DEEPER else []
    return [
        Stage("context", StageKind.CONTEXT, "context"),
        *plan,
        Stage("write", StageKind.WRITE, "write"),
        Stage("check", StageKind.CHECK, "check"),
    ]

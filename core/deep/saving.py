"""A run on its way into the store: before its first byte goes out, its text at most half a second late."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from core.deep.doors import Doors, Order
from core.deep.question import DeepQuestion
from core.deep.stage import Stage
from core.deep.status import RunState, StageKind
from core.errors import HouseError
from core.messages import AnswerState
from core.sanitise import clean_line
from core.store.conversations import Ending, NewAnswer, Started
from core.store.deep_journal import NewDeepRun

_LONG_TOKENS = 100_000
"""Longer than any answer; what is longer is kept less often."""


class Saving:
    """Keeps one run; a store that refuses costs what it would have kept, and no run.

    Args:
        stages: all of the run, in order.
        noted: something to say.
        opened: the question is in the store.

    Attributes:
        run: of the journal; 0 while it is in none.
        started: of the store; zeros while it is not.
        saved_at: when something was last kept.
    """

    def __init__(
        self,
        order: Order,
        doors: Doors,
        stages: Callable[[], "list[Stage]"],
        noted: Callable[[str], None],
        opened: Callable[[Started], None],
    ) -> None:
        self._order = order
        self._doors = doors
        self._stages = stages
        self._noted = noted
        self._opened = opened
        self._opening: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._dirty: dict[str, Stage] = {}
        self._writes: set[asyncio.Future[None]] = set()
        self._has_complained = False
        self._hints: tuple[str, ...] = ()
        self._kept_at = doors.clock()
        self.run = 0
        self.started = Started(0, 0, 0)
        self.saved_at: float | None = None

    async def open(self, state: str) -> None:
        """Hand over that the run begins; returns when it is kept, or when the store takes too long."""
        self._opening = asyncio.ensure_future(self._open(state))
        self._beat = asyncio.get_running_loop().call_later(self._doors.pace.beat_s, self._go_on)
        await asyncio.wait({self._opening}, timeout=self._doors.pace.commit_s)
        if not self._opening.done():
            self._noted("not saved yet: another program keeps the database busy")

    def move(self, order: Order, state: str) -> None:
        """It goes elsewhere, from its beginning: another run of the journal for the same answer."""
        self.state(RunState.DROPPED.value)
        self._order, self.run = order, 0
        self._dirty.clear()
        self._opening = asyncio.ensure_future(self._begin(state))

    def stage(self, stage: Stage) -> None:
        """Keep a stage as it is now."""
        self._dirty[stage.id] = stage
        self.flush()

    def changed(self, stage: Stage) -> None:
        """Keep a stage soon; what comes meanwhile is kept with it."""
        self._dirty[stage.id] = stage
        # A text without end, written whole twice a second, would fill the disk.
        save_s = self._doors.pace.save_s * max(1.0, stage.rough_tokens / _LONG_TOKENS)
        wait = self._kept_at + save_s - self._doors.clock()
        if wait <= 0:  # by the moment the text came, not by when the loop finds time
            self.flush()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(wait, self.flush)

    def flush(self) -> None:
        """Keep now whatever has changed."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if not self.run:
            return
        self._kept_at = now = self._doors.clock()
        positions = {each.id: at for at, each in enumerate(self._stages())}
        for stage in self._dirty.values():
            self._watch(self._doors.journal.save_stage(self.run, stage.record(positions[stage.id], now)))
            if stage.kind is StageKind.WRITE and stage.text and not stage.has_ended:
                answer = self.started.answer
                self._watch(self._doors.conversations.save_progress(answer, stage.text, stage.thinking))
        self._dirty.clear()

    def _go_on(self) -> None:
        """Keep, now and then, that it goes on."""
        if self.run:
            self._watch(self._doors.journal.alive(self.run))
        self._beat = asyncio.get_running_loop().call_later(self._doors.pace.beat_s, self._go_on)

    def state(self, state: str) -> None:
        """Keep where the run stands."""
        if self.run:
            self._watch(self._doors.journal.set_state(self.run, state))

    def hints(self, hints: tuple[str, ...]) -> None:
        """Keep what the person added; once the run is kept, if it is not yet."""
        self._hints = hints
        if self.run:
            self._watch(self._doors.journal.set_hints(self.run, hints))

    async def end(self, ending: Ending, state: str) -> None:
        """Keep how it ended; returns when it is kept, or the store has refused."""
        await self._settle()
        self.state(state)
        if self.started.answer:
            is_better = ending.state is AnswerState.COMPLETE or not self._has_whole()
            write = self._doors.conversations.end(self.started.answer, ending, is_better, if_last=True)
            self._watch(write)
        await self._written()

    async def remove(self) -> None:
        """Forget the run, and the answer it wrote."""
        await self._settle()
        if self.run:
            self._watch(self._doors.journal.remove(self.run))
        await self._written()

    async def _settle(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        if self._opening is not None:
            await asyncio.wait({self._opening})
        self.flush()

    async def _written(self) -> None:
        if self._writes:
            await asyncio.wait(self._writes)

    async def _open(self, state: str) -> None:
        try:
            if left := self._order.left:
                self.run, self.started = left.id, Started(left.conversation, left.turn, left.answer)
                self.state(state)
            else:
                self.started = await asyncio.wrap_future(self._ask(self._order.prepared.question))
                self._opened(self.started)
                await self._begin(state)
                return
            self._opened(self.started)
        except HouseError as error:
            self._complain(error)

    async def _begin(self, state: str) -> None:
        if not self.started.answer:
            return
        try:
            self.run = await asyncio.wrap_future(self._doors.journal.begin(self._new_run(state)))
            if self._hints:
                self.hints(self._hints)
            self.flush()
        except HouseError as error:
            self._complain(error)

    def _ask(self, question: DeepQuestion) -> "Future[Started]":
        depth = self._order.prepared.depth
        options = {"preset": question.preset.value, "effort": depth.effort.value}
        answer = NewAnswer(
            depth.route,
            depth.model,
            depth.provider,
            depth.place,
            options,
            effort=depth.effort.value,
            door=question.door,
        )
        if question.turn is not None:
            return self._doors.conversations.ask_again(question.turn, answer)
        # What was struck is not the turn's: the next question would send it as history.
        struck = [each.attachment for each in self._order.prepared.pack.items if each.is_struck]
        sources = tuple(each for each in question.attachments if each not in struck)
        return self._doors.conversations.ask(
            question.text, sources, question.conversation, self._doors.directory, answer
        )

    def _new_run(self, state: str) -> NewDeepRun:
        prepared, depth = self._order.prepared, self._order.prepared.depth
        return NewDeepRun(
            self.started.answer,
            prepared.question.preset.value,
            depth.effort.value,
            depth.provider,
            depth.model,
            depth.caller.address,
            depth.host,
            self._order.kinds,
            self._order.pack,
            state,
        )

    def _has_whole(self) -> bool:
        """Whether the turn has a whole answer, whose place a part of a new one does not take."""
        try:
            current = self._doors.conversations.turn(self.started.turn).current
        except HouseError:
            return False
        return current is not None and current.state is AnswerState.COMPLETE

    def _watch(self, write: "Future[None]") -> None:
        """Hear what becomes of a write."""
        writing = asyncio.wrap_future(write)
        self._writes.add(writing)
        writing.add_done_callback(self._heard)

    def _heard(self, writing: "asyncio.Future[None]") -> None:
        self._writes.discard(writing)
        if writing.cancelled():
            return
        if (error := writing.exception()) is not None:
            self._complain(error)
        else:
            self.saved_at = self._doors.clock()

    def _complain(self, error: BaseException) -> None:
        """Say once that it is not kept; the run goes on."""
        if self._has_complained:
            return
        self._has_complained = True
        if isinstance(error, HouseError):
            self._noted(f"not saved: {error.told}")
        else:  # the writer's edge: a bug there costs no answer
            self._noted(f"not saved: {type(error).__name__}: {clean_line(str(error))[:200]}")

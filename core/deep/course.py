"""The way of a run through its stages: context, a plan and its parts, writing, checking."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.deep.arming import secrets_words
from core.deep.board import NOTHING_TO_CHECK, Board
from core.deep.calling import CallEnd, Ears, StageCall
from core.deep.doors import Doors, Order
from core.deep.evidence_values import Evidence
from core.deep.feed import Feed
from core.deep.plan import LEAST_PARTS, Part, read_plan
from core.deep.prompts import part_task, plan_task, write_task
from core.deep.pulse import safe_line
from core.deep.purse import Purse
from core.deep.question import Preset
from core.deep.requests import Requests, sha256_of
from core.deep.saving import Saving
from core.deep.stage import Stage
from core.deep.status import RunState, StageKind
from core.deep.waiting import PlanWait
from core.errors import HouseError
from core.events import Noted, Routed, StageState, TextDelta, TextRestarted, ThinkingDelta
from core.providers.deep.calls import DeepRequest, Reason, Started

Asked = tuple[Stage, DeepRequest]


class Course:
    """Takes one run through its stages; being cancelled closes every socket of it."""

    def __init__(
        self, order: Order, doors: Doors, board: Board, feed: Feed, saving: Saving, purse: Purse
    ) -> None:
        self._order = order
        self._doors = doors
        self._board = board
        self._feed = feed
        self._saving = saving
        self._purse = purse
        self._depth = order.prepared.depth
        self.requests = Requests(order)
        self.wait = PlanWait(board, doors.clock)
        self._yielding: set[str] = set()

    async def go(self) -> CallEnd:
        """All stages; what the answer is like. Its text is that of the stage that writes.

        Raises:
            HouseError: It cannot go on: a cap, or nothing came of what it rests on.
        """
        self._tell_context()
        if self._order.prepared.question.preset is Preset.DEEPER:
            parts = await self._plan()
            if parts:
                await self._answer_parts(parts)
        end = await self._write()
        if self._board.write.text:
            await self._check(self._board.write.text)
        return end

    @property
    def sent(self) -> str:
        """What goes along, in a line: the first fact, known before anything is on its way."""
        pack = self._order.prepared.pack
        names = [safe_line(item.label) for item in pack.sent]
        shown = ", ".join(names[:3]) + (f" + {len(names) - 3} more" if len(names) > 3 else "")
        said = " + ".join(filter(None, ["the question", shown]))
        tokens = self._order.prepared.estimate.tokens
        return f"{said}, {tokens:,} tokens, {secrets_words(len(pack.secrets))}"

    def _tell_context(self) -> None:
        stage = self._board.of(StageKind.CONTEXT)[0]
        labels = (safe_line(item.label) for item in self._order.prepared.pack.sent)
        stage.finding = "\n".join(["the question", *labels])
        self._begin(stage)
        self._end(stage, StageState.FINISHED, self.sent)

    async def _plan(self) -> list[Stage]:
        """The parts to be answered; none where one call is enough."""
        stage = self._board.of(StageKind.PLAN)[0]
        if self._order.left is None:  # else a part of it is paid for already
            with self._failing(stage):
                self._purse.check()
        end = await self._call_one(stage, plan_task())
        if end.error is not None and end.reason is None and not stage.text:
            self._end(stage, StageState.FAILED, safe_line(end.error.message))
            raise end.error
        parts = read_plan(stage.text)
        if len(parts) < LEAST_PARTS:
            self._end(stage, StageState.FINISHED, "one call is enough")
            self._note("one call is enough: the question does not fall into parts")
            return []
        stage.finding = "\n".join(f"{n}. {part.title}: {part.question}" for n, part in enumerate(parts, 1))
        self._end(stage, StageState.FINISHED, f"{len(parts)} parts")
        stages = [Stage(f"part-{n}", StageKind.PART, part.title) for n, part in enumerate(parts, 1)]
        self._board.add_parts(stages)
        for each in stages:
            if self.requests.was_struck(each):
                each.state = StageState.STRUCK
            self._saving.stage(each)
        if self._order.waits_for_plan and not self.requests.had_begun_parts:
            await self.wait.until(self._doors.pace.plan_s)
        return self._kept(stages, parts)

    def _kept(self, stages: list[Stage], parts: Sequence[Part]) -> list[Stage]:
        """Those that were not struck, each with its question; told of those that were."""
        kept = []
        for stage, part in zip(stages, parts, strict=True):
            stage.question = part.question
            if stage.state is StageState.STRUCK:
                self._end(stage, StageState.STRUCK, "struck")
            else:
                kept.append(stage)
        return kept

    async def _answer_parts(self, parts: list[Stage]) -> None:
        """All at the same time, as far as the place takes; one that fails is missing, and no more."""
        todo = [
            asked
            for stage in parts
            if (asked := self._asked(stage, part_task(Part(stage.title, stage.question))))
        ]
        self._purse.reserve(todo, self._board.stages)
        errors: list[HouseError] = []
        async with asyncio.TaskGroup() as group:
            for stage, request in todo:
                group.create_task(self._part(stage, request, errors))
        if not self._board.findings and errors:
            raise errors[0]

    async def _part(self, stage: Stage, request: DeepRequest, errors: list[HouseError]) -> None:
        end = await self._call(stage, request)
        if end.error is not None:
            errors.append(end.error)
        if end.reason is None or not stage.text:
            said = end.error.message if end.error else "it ended without a word"
            self._end(stage, StageState.FAILED, safe_line(said))
            self._note(f"without {stage.title}: {safe_line(said)}")
        else:
            self._end(stage, StageState.FINISHED, end.error.message if end.error else "")

    async def _write(self) -> CallEnd:
        """The answer, streamed."""
        stage, findings = self._board.write, self._board.findings
        task = write_task(findings, self._board.missing) if findings else ""
        end = await self._call_one(stage, task)
        is_whole = end.reason is not None and bool(stage.text)
        note = safe_line(end.error.message) if end.error else ""
        self._end(stage, StageState.FINISHED if is_whole else StageState.FAILED, note)
        return end

    async def _check(self, text: str) -> None:
        stage = self._board.of(StageKind.CHECK)[0]
        self._begin(stage)
        try:
            sent = self._order.prepared.pack.sent
            sources = tuple(item.attachment for item in sent if item.attachment is not None)
            evidence = await self._doors.check(text, sources)
        except Exception as error:  # noqa: BLE001  (looking, a bug in it too, must not cost the answer)
            self._end(stage, StageState.FAILED, safe_line(f"not checked: {error}"))
            return
        stage.finding = "\n".join(_told(each) for each in evidence) or NOTHING_TO_CHECK
        self._end(stage, StageState.FINISHED, _held(evidence))

    def _asked(self, stage: Stage, task: str) -> Asked | None:
        """What a stage asks; None where a run before has asked it, and it is finished."""
        hints = [hint.text for hint in self._board.hints]
        if self.requests.take_over(stage, task, hints):
            self._board.pulse.say(f"{stage.title}: kept from before")
            self._write_text(stage, stage.text)
            self._feed.tell(self._board.report(stage))
            self._saving.stage(stage)
            return None
        for hint in self._board.hints:
            hint.stage = hint.stage or stage.title
        return stage, self.requests.request(stage.kind, task, hints)

    async def _call_one(self, stage: Stage, task: str) -> CallEnd:
        asked = self._asked(stage, task)
        if asked is None:
            return CallEnd(Reason.STOP)
        with self._failing(stage):
            self._purse.reserve([asked], self._board.stages)
        return await self._call(*asked)

    @contextmanager
    def _failing(self, stage: Stage) -> Iterator[None]:
        """What keeps it from beginning is its end."""
        try:
            yield
        except HouseError as error:
            self._end(stage, StageState.FAILED, safe_line(error.message))
            raise

    async def _call(self, stage: Stage, request: DeepRequest) -> CallEnd:
        """One call, when the place has room for it."""
        try:
            async with self._order.gate.calls:
                stage.request_sha256 = sha256_of(request)
                self._begin(stage)
                try:
                    name = self._depth.host or self._depth.provider
                    call = StageCall(
                        self._depth.caller,
                        stage,
                        self._board.pulse,
                        self._ears(stage),
                        name,
                        self._doors.clock,
                    )
                    return await call.make(request)
                except asyncio.CancelledError:
                    self._end(stage, StageState.FAILED, "ended early")
                    raise
                finally:
                    self._purse.pay(self._saving.run, stage, request, self._doors.clock())
        finally:
            self._purse.give_back(stage)

    def _begin(self, stage: Stage) -> None:
        is_timed = stage.kind not in (StageKind.CONTEXT, StageKind.CHECK)
        stage.begin(self._doors.clock(), self._purse.usual(stage.kind) if is_timed else None)
        self._board.pulse.say(f"{stage.title} begins")
        self._feed.tell(self._board.report(stage))
        self._saving.stage(stage)

    def _end(self, stage: Stage, state: StageState, note: str = "") -> None:
        stage.end(self._doors.clock(), state, note)
        done = stage.note or stage.progress(self._doors.clock())
        self._board.pulse.say(f"{stage.title}: {done}" if done else f"{stage.title} done")
        self._feed.tell(self._board.report(stage))
        self._saving.stage(stage)

    def _note(self, text: str) -> None:
        self._board.pulse.say(text)
        self._feed.tell(Noted(safe_line(text)))

    def _ears(self, stage: Stage) -> Ears:
        is_answer = stage.kind is StageKind.WRITE
        return Ears(
            changed=lambda: self._saving.changed(stage),
            text=lambda text: self._write_text(stage, text),
            thinking=lambda text: self._write_thought(text) if is_answer else None,
            restarted=lambda why: self._feed.tell(TextRestarted(why)) if is_answer else None,
            noted=self._note,
            began=self._began,
            yields=lambda is_yielding: self._yields(stage, is_yielding),
        )

    def _write_text(self, stage: Stage, text: str) -> None:
        if stage.kind is StageKind.WRITE and text:
            self._board.stopwatch.text(len(text))
            self._feed.tell(TextDelta(text))

    def _write_thought(self, text: str) -> None:
        self._board.stopwatch.thought()
        self._feed.tell(ThinkingDelta(text))

    def _began(self, started: Started) -> None:
        """Only now, connected, is it certain where a model really runs."""
        place = self._depth.caller.place(started.remote_host)
        if place != self._board.place:
            self._board.place = place
            self._feed.tell(Routed(self._depth.route, self._depth.model, self._depth.provider, place))

    def _yields(self, stage: Stage, is_yielding: bool) -> None:
        """A call makes room for somebody, or no longer does; the run waits while any of them does."""
        (self._yielding.add if is_yielding else self._yielding.discard)(stage.id)
        state = RunState.YIELDING if self._yielding else RunState.RUNNING
        if state is not self._board.state and self._board.state in (RunState.RUNNING, RunState.YIELDING):
            self._board.state = state
            self._saving.state(state.value)


def _held(evidence: Sequence[Evidence]) -> str:
    """``1 of 4 checks hold``, ``all 3 checks hold``: said of what, since findings are counted beside it."""
    count, held = len(evidence), sum(each.is_ok for each in evidence)
    match count:
        case 0:
            return NOTHING_TO_CHECK
        case 1:
            return "the one check holds" if held else "the one check does not hold"
    return f"{'all' if held == count else f'{held} of'} {count} checks hold"


def _told(evidence: Evidence) -> str:
    """One thing that was looked at, in a line."""
    said = f"{evidence.what}: {evidence.detail}" if evidence.detail else evidence.what
    return safe_line(said if evidence.is_ok else f"! {said}")

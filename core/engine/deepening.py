"""Depth when asked: prepares runs, starts them, and knows those that a crash left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from core.deep.arming import Prepared, is_silent, over_words
from core.deep.depth import Depth
from core.deep.doors import Detour, Doors, Gate, Order
from core.deep.pack_json import PackDamaged
from core.deep.question import DeepQuestion, Pack, Preset
from core.deep.requests import MOST_TOKENS
from core.deep.run import Run
from core.deep.status import RunState, StageKind
from core.deep.struck import Struck
from core.deep.turns import Turns
from core.engine.deep_ports import Packing, Places
from core.engine.depths import OfflineWay
from core.engine.left_runs import ElsewhereNow, LeftRun, LeftRuns, NotLeft
from core.errors import HouseError
from core.events import StageState
from core.providers.deep.calls import Effort
from core.store.deep_journal import StoredDeepRun
from core.store.deep_ledger import WHOLE_RUN

__all__ = ["Deepening", "ElsewhereNow", "LeftRun", "NotLeft", "WholeAnswer"]

_LISTED = 20
"""Runs that are over and still listed."""
_QUIT_S = 5.0


class WholeAnswer(NamedTuple):
    """An answer that came whole, with all of its parts.

    Attributes:
        turn, answer: of the store.
    """

    prepared: Prepared
    turn: int
    answer: int

    @property
    def depth(self) -> int:
        """As the answer cache compares it: more is better."""
        return self.prepared.question.preset.depth


class Deepening:
    """Deep runs of one engine.

    Args:
        whole: told of each run that wrote a whole answer.
        over: told of a turn in which a run has ended, so that another answer may be current.
    """

    def __init__(
        self,
        doors: Doors,
        places: Places,
        packing: Packing,
        whole: Callable[[WholeAnswer], Awaitable[None]] | None = None,
        over: Callable[[int], None] | None = None,
    ) -> None:
        self._doors = replace(doors, detour=self._detour)
        self._left = LeftRuns(doors)
        self._places = places
        self._struck = Struck()
        self._packing = packing
        self._whole = whole
        self._over = over
        self._runs: list[Run] = []
        self._count = 0
        self._gates: dict[tuple[str, bool], Gate] = {}
        self._behind: set[asyncio.Task[None]] = set()

    async def prepare(self, question: DeepQuestion) -> Prepared:
        """What would be sent where; nothing is sent, and no name is looked up.

        Raises:
            HouseError: It cannot be asked in depth: no model is set, no key, no such turn.
        """
        depth = await self._places.find(question)
        pack = await self._packing.build(question, depth)
        struck = [item.label for item in pack.items if item.is_struck]
        if struck:  # never silently: it is a reason to ask, and told by the run
            said = f"{', '.join(struck)} left out: the window of {depth.model} is full"
            depth = replace(depth, note=" · ".join(filter(None, (depth.note, said))))
            return self._prepared(question, depth, pack, (said,))
        return self._prepared(question, depth, pack)

    def strike(self, prepared: Prepared, item: str) -> Prepared:
        """The same without an item of its pack, or with it again where the window holds it."""
        pack = prepared.pack.toggled(item)
        if not self._packing.fits(pack, prepared.depth):
            return prepared
        return self._prepared(prepared.question, prepared.depth, pack)

    def start(self, prepared: Prepared, *, waits_for_plan: bool = True) -> Run:
        """Begin it; it goes on by itself, whoever listens.

        Args:
            waits_for_plan: somebody sees the plan, and has a moment to change it.
        """
        self._struck.learn(prepared.pack, prepared.depth)
        return self._begin(prepared, waits_for_plan=waits_for_plan)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run of this process that is not over, and the last ones that are; oldest first."""
        return tuple(self._runs)

    def left(self) -> tuple[LeftRun, ...]:
        """Runs of this project that can go on: interrupted, queued, or failed behind what is paid."""
        return self._left.all()

    async def resume(self, run: int) -> Run:
        """Go on with one; finished stages are not paid for again. Raises `HouseError`."""
        stored = self._left.stored(run)
        pack = self._packing.from_json(stored.pack)
        try:
            preset, effort = Preset(stored.preset), Effort(stored.effort)
        except ValueError:  # written by a stranger
            raise PackDamaged from None
        question = DeepQuestion(
            stored.question,
            preset,
            turn=stored.turn,
            conversation=stored.conversation,
            model=stored.model,
            allows_secrets=True,
        )
        depth = await self._same_place(question, stored)
        await self._left.claim(run)
        depth = replace(depth, model=stored.model, effort=effort)
        return self._begin(self._prepared(question, depth, pack), left=stored)

    async def keep(self, run: int) -> None:
        """Leave it as it is, as a partial answer; it is not offered again. Raises `HouseError`."""
        turn = self._left.stored(run).turn
        await self._left.keep(run)
        self._tell_over(turn)

    async def drop(self, run: int) -> None:
        """Forget it with what it wrote. Raises `HouseError`."""
        turn = self._left.stored(run).turn
        await self._left.drop(run)
        self._tell_over(turn)

    def offer(self) -> str:
        """One line about a vendor's key found in the environment; empty when there is nothing to offer."""
        return self._places.offer()

    def take_offer(self) -> str:
        """Use that vendor for the rest of this process; what to say of it, empty without an offer."""
        return self._places.take_offer()

    async def aclose(self) -> None:
        """Stop what runs, so that it can be resumed by the next leadline, and keep what came."""
        going = [run for run in self._runs if not run.status().state.is_over]
        for run in going:
            run.leave()
        waiting = [asyncio.ensure_future(run.over()) for run in self._runs]
        if waiting:
            await asyncio.wait(waiting, timeout=_QUIT_S)
        if self._behind:
            await asyncio.wait(self._behind, timeout=_QUIT_S)
        await self._places.aclose()

    def _prepared(
        self, question: DeepQuestion, depth: Depth, pack: Pack, why: tuple[str, ...] = ()
    ) -> Prepared:
        tokens = self._packing.tokens(pack)
        estimate = self._doors.money.estimate(
            depth.model,
            depth.effort.value,
            question.preset.value,
            WHOLE_RUN,
            tokens,
            MOST_TOKENS[StageKind.WRITE],
            depth.is_free,
        )
        asks = (*self._packing.asks(question, pack, depth, estimate), *why)
        if self._doors.settings.confirm != "never" and (said := self._struck.told(pack, depth)):
            asks = (*asks, said)
        under_way, is_one_call = sum(self._doors.under_way.values()), question.preset is Preset.DEEP
        over = self._doors.money.over(estimate, under_way, is_one_call=is_one_call)
        if asks and over is not None:  # no reason to ask: it would be refused; but to be known before
            asks = (over_words(over), *asks)
        return Prepared(question, depth, pack, estimate, asks)

    async def _same_place(self, question: DeepQuestion, stored: StoredDeepRun) -> Depth:
        """Where the run went before; what was meant for one place is sent to no other."""
        depth = await self._places.find(question)
        if not stored.host and depth.caller.address != stored.address:  # it may have been asked here
            depth = await self._places.find(replace(question, is_local=True))
        if (depth.caller.address, depth.host) != (stored.address, stored.host):
            raise ElsewhereNow(
                f"this run went to {stored.address}, and deep questions now go to {depth.caller.address}",
                "Set deep.provider and deep.base_url as they were, or keep the run as it is.",
            )
        return depth

    def _begin(
        self, prepared: Prepared, *, waits_for_plan: bool = True, left: StoredDeepRun | None = None
    ) -> Run:
        self._count += 1
        pack = prepared.pack
        order = Order(
            self._count,
            prepared,
            self._packing.messages(pack),
            self._packing.to_json(pack),
            self._packing.kinds(pack),
            waits_for_plan,
            left,
            self._gate(prepared.depth),
        )
        run = Run(order, self._doors)
        over = [each for each in self._runs if each.status().state.is_over]
        for old in over[: max(0, len(over) - _LISTED + 1)]:
            self._runs.remove(old)
        self._runs.append(run)
        run.begin()
        if self._whole is not None:
            task = asyncio.ensure_future(self._hear(run, prepared, self._whole))
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)
        return run

    async def _hear(
        self, run: Run, prepared: Prepared, whole: Callable[[WholeAnswer], Awaitable[None]]
    ) -> None:
        """Tell of it when it has come whole, with nothing missing."""
        await run.over()
        status = run.status()
        self._tell_over(status.turn)
        is_missing = any(each.state is StageState.FAILED for each in status.stages)
        if status.state is RunState.COMPLETE and status.error is None and status.answer and not is_missing:
            with suppress(HouseError):
                await whole(WholeAnswer(prepared, status.turn, status.answer))

    def _tell_over(self, turn: int | None) -> None:
        """Another answer may be current in a turn, or not: a dropped run's turn may be gone with it."""
        if self._over is not None and turn:
            with suppress(HouseError):
                self._over(turn)

    async def _detour(self, prepared: Prepared, is_seen: bool) -> Detour:
        """Where a run goes on that found no way, as the settings say."""
        after = await self._places.after_offline(prepared, can_ask=is_seen)
        if after.way is OfflineWay.QUEUE:
            return Detour(wait=lambda again: self._places.wait_for_way(prepared.depth, again))
        if after.way is OfflineWay.LOCAL and after.depth is not None:
            elsewhere = self._prepared(prepared.question, after.depth, prepared.pack)
            if not is_silent(elsewhere, is_seen):
                return Detour()
            return Detour(after.depth, self._gate(after.depth))
        return Detour()

    def _gate(self, depth: Depth) -> Gate:
        """What bounds the calls to a place; one for all runs that go there."""
        # A cloud model behind a server nearby is served beside that server's own models.
        key = depth.caller.address, depth.shares_slot
        if key not in self._gates:
            turns = Turns(1 if depth.shares_slot else 1_000)
            self._gates[key] = Gate(asyncio.Semaphore(max(1, depth.parallel)), turns)
        return self._gates[key]

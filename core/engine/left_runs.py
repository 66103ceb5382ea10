"""Runs that a crash, a quit or a missing network left behind: told of, taken over once, kept or dropped."""

import asyncio
from dataclasses import dataclass

from core.deep.doors import Doors
from core.deep.left import keep_left
from core.deep.question import Preset
from core.deep.status import RunState, StageKind
from core.errors import HouseError, StoreUnavailable
from core.events import StageState
from core.store.deep_journal import INTERRUPTED, StoredDeepRun

_CUT = (StageState.STARTED.value, StageState.FAILED.value)
_ALWAYS = frozenset({StageKind.CONTEXT.value, StageKind.WRITE.value, StageKind.CHECK.value})
"""Stages of every run."""
_UNFINISHED = (INTERRUPTED, *(each.value for each in RunState if not each.is_over))


@dataclass(frozen=True, slots=True)
class LeftRun:
    """A run that was interrupted, or waits for a way to its provider.

    Attributes:
        run: of the store.
        done, count: finished stages, of all.
        stage: the name of the one it was in.
    """

    run: int
    turn: int
    conversation: int
    question: str
    model: str
    host: str
    state: str
    done: int
    count: int
    stage: str


class NotLeft(HouseError):
    """There is no such run to go on with: it is over, or another leadline has it."""

    kind = "no_run"


class ElsewhereNow(HouseError):
    """The settings name another place than the one that the run was sent to."""

    kind = "elsewhere"


class LeftRuns:
    """The runs of one project that nobody runs."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def all(self) -> tuple[LeftRun, ...]:
        """Every one of them, newest first; none where the store cannot be read."""
        places = dict.fromkeys((self._doors.directory, *self._doors.folders))
        try:
            found = [stored for place in places for stored in self._doors.journal.left(place)]
        except StoreUnavailable:
            return ()
        return tuple(_left(stored) for stored in sorted(found, key=lambda each: -each.id))

    def stored(self, run: int) -> StoredDeepRun:
        """One of them, as it was kept. Raises `HouseError`."""
        stored = self._doors.journal.run(run)
        if stored is None or stored.state not in _UNFINISHED:
            raise NotLeft(f"there is no deep run {run} to go on with", "/runs shows those there are.")
        return stored

    async def claim(self, run: int) -> None:
        """Take it over. Raises `HouseError` when another leadline was quicker."""
        if not await asyncio.wrap_future(self._doors.journal.claim(run)):
            raise NotLeft(f"another leadline has deep run {run} now", "It goes on there.")

    async def keep(self, run: int) -> None:
        """Make a partial answer of it. Raises `HouseError`."""
        stored = self.stored(run)
        await self.claim(run)
        await keep_left(stored, self._doors)

    async def drop(self, run: int) -> None:
        """Forget it with what it wrote. Raises `HouseError`."""
        self.stored(run)
        await self.claim(run)
        await asyncio.wrap_future(self._doors.journal.remove(run))


def _left(stored: StoredDeepRun) -> LeftRun:
    done = [each for each in stored.stages if each.state == StageState.FINISHED.value]
    cut = next((each for each in stored.stages if each.state in _CUT), None)
    last = stored.stages[-1] if stored.stages else None
    stage = cut or last
    plan = {StageKind.PLAN.value} if stored.preset == Preset.DEEPER.value else set()
    return LeftRun(
        stored.id,
        stored.turn,
        stored.conversation,
        stored.question,
        stored.model,
        stored.host,
        stored.state,
        len(done),
        len({each.id for each in stored.stages} | _ALWAYS | plan),
        stage.title if stage else "",
    )

"""A plan that waits for the person: it goes on by itself, unless they look closer."""

import asyncio
from collections.abc import Callable

from core.deep.board import Board
from core.deep.status import RunState, StageKind
from core.events import StageState


class PlanWait:
    """The moment between a plan and its parts."""

    def __init__(self, board: Board, clock: Callable[[], float]) -> None:
        self._board = board
        self._clock = clock
        self._changed = asyncio.Event()
        self._is_open = False

    async def until(self, wait_s: float) -> None:
        """Return when the plan goes on: by itself after so long, or when the person says so."""
        self._board.state = RunState.PLANNED
        self._board.goes_on_at = self._clock() + wait_s
        try:
            while not self._is_open:
                self._changed.clear()
                at = self._board.goes_on_at
                left = None if at is None else at - self._clock()
                if left is not None and left <= 0:
                    break
                try:
                    async with asyncio.timeout(left):
                        await self._changed.wait()
                except TimeoutError:
                    break
        finally:
            self._board.state = RunState.RUNNING
            self._board.goes_on_at = None

    def hold(self) -> None:
        """It no longer goes on by itself."""
        if self._board.state is RunState.PLANNED:
            self._board.goes_on_at = None
            self._changed.set()

    def go_on(self) -> None:
        """It goes on now."""
        if self._board.state is RunState.PLANNED:
            self._is_open = True
            self._changed.set()

    def strike(self, part: str) -> bool:
        """Leave a part out, or take it in again; whether there is such a part, and it can still be struck."""
        if self._board.state is not RunState.PLANNED:
            return False
        stage = next((each for each in self._board.of(StageKind.PART) if each.id == part), None)
        if stage is None:
            return False
        stage.state = StageState.WAITS if stage.state is StageState.STRUCK else StageState.STRUCK
        self.hold()
        return True

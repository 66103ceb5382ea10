"""Places at one model: so many at a time, in the order they were asked for."""

import asyncio
from collections import deque
from collections.abc import Callable

from tests.server.faults import Fault, refuse


class Places:
    """Gives out places, first come, first served."""

    def __init__(self) -> None:
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, places: int, longest: int, queued: Callable[[], None]) -> None:
        """Wait for a place; who is cancelled while waiting leaves the queue at once."""
        if self.taken < places and not self._waiting:
            self.taken += 1
            return
        if len(self._waiting) >= longest:
            raise refuse(Fault.BUSY)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        queued()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place came in the moment of leaving: it must not be lost
                self.give()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def give(self) -> None:
        """Pass the place on, or leave it free."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.taken -= 1

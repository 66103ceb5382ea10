"""What is done while nobody asks: the answer cache is kept small, and stored questions get embeddings."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from core.errors import HouseError

QUIET_S = 5.0
"""Nobody has asked for so long; a person who reads an answer is not kept waiting for the server."""
PAUSE_S = 0.2

Piece = Callable[[], Awaitable[int]]
"""One short piece of work; how much was done, 0 when all is well."""


class Quiet:
    """Runs pieces of work in quiet times, one after another; a question ends it at once."""

    def __init__(self, pieces: tuple[Piece, ...], quiet_s: float = QUIET_S) -> None:
        self._pieces = pieces
        self._quiet_s = quiet_s
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on it is quiet."""
        self.end()
        self._task = asyncio.ensure_future(self._work())

    def end(self) -> None:
        """Somebody asks, or leaves."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _work(self) -> None:
        await asyncio.sleep(self._quiet_s)
        for piece in self._pieces:
            # What refuses (a store, a server) is tried again in the next quiet time.
            with suppress(HouseError):
                while await piece():  # noqa: ASYNC110  (between two pieces anyone else has their turn)
                    await asyncio.sleep(PAUSE_S)

"""What goes on when nobody waits for it any more; the engine gives it a moment to end before it closes."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from core.errors import HouseError

T = TypeVar("T")

PATIENCE_S = 0.5


class Behind:
    """Work that was started and is heard of only when it is a bug."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[None, None, T]) -> "asyncio.Task[T]":
        """Run something that goes on when nobody waits for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def aclose(self) -> None:
        """Wait a moment for what still runs, then end it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _forget(self, task: "asyncio.Task[object]") -> None:
        """A server or a store that refuses is no news behind an answer; anything else is a bug."""
        self._tasks.discard(task)
        if not task.cancelled():
            with suppress(HouseError):
                task.result()

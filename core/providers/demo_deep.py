"""Deep calls of the demo model: prepared thinking, plans, parts and answers, at the pace of a real one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from core.events import TextDelta
from core.providers.deep.calls import DeepEvent, DeepRequest, Finished, Reason, Started


@dataclass(frozen=True, slots=True)
class DeepPace:
    """How fast the demo model thinks and writes."""

    start_s: float = 0.3
    tokens_per_s: float = 220.0


class DemoCaller:
    """Answers deep calls from what was prepared, without any connection.

    Args:
        sleep: how it waits between pieces.
    """

    address = "built in"

    def __init__(
        self, pace: DeepPace | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._pace = pace or DeepPace()
        self._sleep = sleep

    def place(self, remote_host: str = "") -> str:
        """Where its model runs; `remote_host` cannot apply."""
        return "demo"

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Answer; closing the generator ends it at once."""
        yield Started(request.model)
        await self._sleep(self._pace.start_s)
        yield TextDelta("The demo model has nothing prepared for this.")
        yield Finished(Reason.STOP, "stop")

    async def aclose(self) -> None:
        """Give back nothing: there are no connections."""

"""A caller that shares its model with the fast path: the person's next question always comes first."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.deep.caller import Caller
from core.lanes import Lanes
from core.providers.deep.calls import DeepEvent, DeepRequest, Failed, Finished, Retrying, Yields
from core.providers.deep.failures import yielded

QUIET_S = 2.0
"""After a fast answer; a follow-up question often comes at once."""
LONG_QUIET_S = 60.0
PATIENT_RESTARTS = 2
"""Restarts before it waits for the longer quiet: each has cost what the call had done."""


class YieldingCaller:
    """Calls when nobody waits for a fast answer; a question closes the call, which starts again later.

    Every new start is a `Retrying` with a `Yielded`: its `attempt` counts these starts alone, its `most` is 0
    for "without bound", and its `pause_s` is how long nobody must have asked. Before a first start that has
    to wait comes a `Yields` with the reason; after every wait comes an empty one, as the call goes out.

    Args:
        quiet_s: so long nobody may have asked before a call begins.
        long_quiet_s: the same once a call has been cut for the third time.
    """

    def __init__(
        self, caller: Caller, lanes: Lanes, quiet_s: float = QUIET_S, long_quiet_s: float = LONG_QUIET_S
    ) -> None:
        self._caller = caller
        self._lanes = lanes
        self._quiet_s = quiet_s
        self._long_quiet_s = long_quiet_s

    @property
    def address(self) -> str:
        """The place's URL, without credentials."""
        return self._caller.address

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``."""
        return self._caller.place(remote_host)

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Ask when it is quiet; the last event is a `Finished` or a `Failed`."""
        quiet_s, cuts = self._quiet_s, 0
        has_waited = not self._lanes.is_quiet(quiet_s)
        if has_waited:
            waits = f"begins after {quiet_s:g} s of quiet"
            yield Yields("a fast question goes first" if self._lanes.is_wanted else waits)
        while True:
            await self._lanes.wait_for_quiet(quiet_s)
            if has_waited:
                yield Yields()
            async with aclosing(self._until_wanted(request)) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Finished | Failed):
                        return
            cuts, has_waited = cuts + 1, True
            is_patient = cuts > PATIENT_RESTARTS
            quiet_s = self._long_quiet_s if is_patient else self._quiet_s
            yield Retrying(yielded(quiet_s, is_patient), quiet_s, cuts, 0)

    async def _until_wanted(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """One call, to its end or to the moment at which somebody asks a fast question."""
        wanted = asyncio.ensure_future(self._lanes.wait_until_wanted())
        try:
            with self._lanes.depth():
                async with aclosing(self._caller.call(request)) as events:
                    while (event := await _next(events, wanted)) is not None:
                        yield event
        finally:
            wanted.cancel()
            await asyncio.wait({wanted})

    async def aclose(self) -> None:
        """Give back connections."""
        await self._caller.aclose()


async def _next(events: AsyncGenerator[DeepEvent, None], wanted: "asyncio.Future[None]") -> DeepEvent | None:
    """The next event; None when somebody asks, unless the answer is over all the same."""
    coming = asyncio.ensure_future(anext(events))
    try:
        both: set[asyncio.Future[Any]] = {coming, wanted}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        event = coming.result() if coming.done() else None
        return event if isinstance(event, Finished | Failed) or not wanted.done() else None
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        if not coming.cancelled():
            coming.exception()  # asked for, or the loop complains that nobody did

"""The events of one run for everybody who listens, whenever they come."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from core.events import (
    TextDelta,
    TextRestarted,
    ThinkingDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
)

_FINAL = (TurnFinished, TurnFailed, TurnCancelled)


class Feed:
    """Keeps what was told, and tells it again to who comes late, text in few pieces.

    Attributes:
        is_over: the last event was told; what comes behind it is told to nobody.
    """

    def __init__(self) -> None:
        self._told: list[TurnEvent] = []
        self._open: list[str] = []
        self._kind: type[TextDelta] | type[ThinkingDelta] = TextDelta
        self._listeners: set[_Listener] = set()
        self.is_over = False

    def tell(self, event: TurnEvent) -> None:
        """Tell everybody, and keep it for who comes later."""
        if self.is_over:
            return
        self._keep(event)
        self.is_over = isinstance(event, _FINAL)
        for listener in self._listeners:
            listener.hear(event)

    async def listen(self) -> AsyncGenerator[TurnEvent, None]:
        """Everything from the beginning, to the last event."""
        self._close()
        listener = _Listener(self._told)
        self._listeners.add(listener)
        try:
            while True:
                event = await listener.next()
                yield event
                if isinstance(event, _FINAL):
                    return
        finally:
            self._listeners.discard(listener)

    def _keep(self, event: TurnEvent) -> None:
        if isinstance(event, TextDelta | ThinkingDelta):
            if type(event) is not self._kind:
                self._close()
                self._kind = type(event)
            self._open.append(event.text)
            return
        self._close()
        if isinstance(event, TextRestarted):  # who comes later need not see what is no part of the answer
            self._told = [each for each in self._told if not isinstance(each, TextDelta)]
        self._told.append(event)

    def _close(self) -> None:
        """Make one piece of those that came together."""
        if self._open:
            self._told.append(self._kind("".join(self._open)))
            self._open.clear()


class _Listener:
    """What one listener has still to hear."""

    def __init__(self, told: list[TurnEvent]) -> None:
        self._waiting = deque(told)
        self._has_more = asyncio.Event()

    def hear(self, event: TurnEvent) -> None:
        self._waiting.append(event)
        self._has_more.set()

    async def next(self) -> TurnEvent:
        while not self._waiting:
            self._has_more.clear()
            await self._has_more.wait()
        return self._waiting.popleft()

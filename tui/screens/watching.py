"""Looks what the server is like, says what is missing there, and goes on looking until all is well."""

import asyncio
from typing import Protocol

from core.engine.outlook import Outlook, Readiness
from tui.bridge import Bridge
from tui.docket import Docket
from tui.widgets.status import StatusLine
from tui.wording import guide, state_text

LOOK_AGAIN_S = (1.0, 2.0, 5.0, 10.0)


class Stage(Protocol):
    """What watching needs of its screen."""

    bridge: Bridge
    docket: Docket
    outlook: Outlook | None
    status: StatusLine
    is_missing: bool

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def pump(self) -> None:
        """Run the next question that waits, if it can be."""
        ...


class ServerWatch:
    """Watches the server; the screen runs its coroutine as a worker."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._now = asyncio.Event()

    async def look(self) -> None:
        """Look until all is well."""
        tries = 0
        while True:
            self._now.clear()
            outlook = await self._stage.bridge.look()
            self._show(outlook)
            if outlook.readiness is Readiness.READY:
                self._stage.pump()
                return
            try:
                await asyncio.wait_for(self._now.wait(), LOOK_AGAIN_S[min(tries, len(LOOK_AGAIN_S) - 1)])
            except TimeoutError:
                tries += 1

    def look_at_once(self) -> None:
        """A question waits for it: do not let the next look be later."""
        self._now.set()

    def _show(self, outlook: Outlook) -> None:
        stage, is_ready = self._stage, outlook.readiness is Readiness.READY
        stage.outlook = outlook
        stage.is_missing = not is_ready
        stage.say("guide", guide(outlook))
        if stage.docket.running is None:
            stage.status.state = state_text(outlook)
        stage.status.model = outlook.model.name if outlook.model else ""
        stage.status.place = outlook.place if is_ready else ""

"""The person's dealings with what was asked before: search it, open it, ask it again."""

from typing import Protocol

from core.errors import HouseError
from core.sanitise import clean_line
from tui.bridge import Bridge
from tui.docket import Docket
from tui.screens.history import Chosen, HistoryScreen, Mode


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    async def browse(self, screen: HistoryScreen) -> Chosen | None:
        """Show the history; what was chosen."""
        ...

    def put_question(self, text: str) -> None:
        """An earlier question comes into the prompt, unsent."""
        ...

    def open_conversation(self, conversation: int, turn: int | None) -> None:
        """Show a stored conversation, at one of its turns or at its end; the next question goes on there."""
        ...


class LookingBack:
    """What was asked before; the screen runs its coroutines as workers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def browse(self, mode: Mode, typed: str = "") -> None:
        """Show the history, and do what is chosen."""
        if not self._stage.bridge.is_open:
            self._stage.tell("still starting; try again in a moment")
            return
        chosen = await self._stage.browse(HistoryScreen(self._stage.bridge, mode, typed))
        if chosen is None:
            return
        if chosen.conversation is None:
            self._stage.put_question(chosen.question)
        elif chosen.conversation != self._stage.docket.conversation and self._stage.docket.running:
            self._stage.tell("an answer is being made; esc stops it")
        else:
            self._stage.open_conversation(chosen.conversation, chosen.turn)

    async def rename(self, title: str) -> None:
        """Give the conversation on the screen another title."""
        conversation, title = self._stage.docket.conversation, clean_line(title).strip()
        if conversation is None:
            self._stage.tell("nothing was asked here yet, so there is nothing to name")
        elif not title:
            self._stage.tell("write the title behind it, as in /rename the failing build")
        else:
            try:
                await self._stage.bridge.rename(conversation, title)
            except HouseError as error:
                self._stage.tell(error.told, is_warning=True)
            else:
                self._stage.tell(f"this conversation is called {title}")

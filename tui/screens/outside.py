"""The acting screen with what lies outside of it: files that are written, and the person's editor."""

from collections.abc import Callable

from tui.bridge import Bridge
from tui.keys import Action
from tui.screens.acts import ActingScreen
from tui.screens.diff import DiffScreen
from tui.screens.editing import Editing
from tui.screens.writing import BlockWriter


class OutsideScreen(ActingScreen):
    """Brings the collaborators for files and the editor together."""

    def __init__(self, bridge: Bridge, actions: tuple[Action, ...], clock: Callable[[], float]) -> None:
        super().__init__(bridge, actions, clock)
        self._writer = BlockWriter(self)
        self._editing = Editing(self)

    async def agree(self, screen: DiffScreen) -> bool:
        """Show a change; whether it shall be made."""
        return await self.app.push_screen_wait(screen)

    def command_write(self, argument: str) -> None:
        """``/write 2 src/a.py`` puts the last answer's second code block there."""
        self.run_in(self._writer.write(argument), "write")

    def action_editor(self) -> None:
        """What is typed goes into an editor and comes back; from the transcript a copy of the answer."""
        if self.focused is self.transcript:
            self.action_open()
        else:
            self.run_in(self._editing.edit_prompt(), "editor")

    def action_open(self) -> None:
        """A copy of the last answer in an editor."""
        self.run_in(self._editing.read_answer(), "editor")

"""The sourced screen with its memory: stored answers that may fit, and everything that was asked before."""

from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress

from textual.worker import WorkerError

from core.events import MaybeFound
from tui.bridge import Bridge
from tui.keys import Action
from tui.screens.history import Chosen, HistoryScreen
from tui.screens.looking_back import LookingBack
from tui.screens.maybe import MaybeScreen, Verdict
from tui.screens.maybes import Maybes
from tui.screens.sending import Typed
from tui.screens.sourced import SourcedScreen


class RecallingScreen(SourcedScreen):
    """Brings the collaborators for what is stored together."""

    def __init__(self, bridge: Bridge, actions: tuple[Action, ...], clock: Callable[[], float]) -> None:
        super().__init__(bridge, actions, clock)
        self._maybes = Maybes(self)
        self._looking_back = LookingBack(self)

    @abstractmethod
    def put_question(self, text: str) -> None:
        """An earlier question comes into the prompt, unsent."""

    @abstractmethod
    def open_conversation(self, conversation: int, turn: int | None) -> None:
        """Show a stored conversation."""

    # What collaborators may do

    @property
    def has_maybe(self) -> bool:
        """Whether a stored answer is on offer."""
        return self._maybes.has_offer

    def offer(self, key: int, maybe: MaybeFound) -> None:
        """A stored answer may fit the running question."""
        running = self.docket.running
        self._maybes.offer(key, running.text if running else "", maybe)

    async def judge(self, screen: MaybeScreen) -> Verdict | None:
        """Show a stored answer; what the person says of it."""
        return await self.app.push_screen_wait(screen)

    async def stop_and_wait(self) -> None:
        """Stop the running answer, if one runs, and wait until it is told to be over."""
        worker = self._turn_worker
        if self._stop_answer() and worker is not None:
            with suppress(WorkerError):
                await worker.wait()

    async def browse(self, screen: HistoryScreen) -> Chosen | None:
        """Show the history; what was chosen."""
        return await self.app.push_screen_wait(screen)

    def choose(self, key: str) -> bool:
        """A key that may be meant for what is offered; tab opens a stored answer when nothing else is."""
        if super().choose(key):
            return True
        if key != "tab" or not self._maybes.has_offer:
            return False
        self.action_maybe()
        return True

    # Actions

    def action_new(self) -> None:
        """A new conversation; what was offered belongs to the former one."""
        super().action_new()
        self._maybes.forget()

    def command_nocache(self, argument: str) -> None:
        """``/nocache why …`` asks past the answer cache."""
        if argument:
            self.sender.send(Typed(argument, use_cache=False))
        else:
            self.tell("write the question behind it, as in /nocache why does this fail?")

    def action_recall(self) -> None:
        """Search what was asked before, to ask it again."""
        self.run_in(self._looking_back.browse("prompts", self.prompt.text), "history")

    def command_history(self, argument: str) -> None:
        """``/history WORDS``: search everything that was said."""
        self.run_in(self._looking_back.browse("everything", argument), "history")

    def action_history(self) -> None:
        """Search everything that was said."""
        self.command_history("")

    def command_rename(self, argument: str) -> None:
        """``/rename TITLE``: call this conversation so."""
        self.run_in(self._looking_back.rename(argument), "rename")

    def action_maybe(self) -> None:
        """Open the stored answer to a similar question."""
        self.run_in(self._maybes.open(), "maybe")

    def action_keep(self) -> None:
        """Keep the stored answer to a similar question as this turn's."""
        self.run_in(self._maybes.keep(), "maybe")

    def action_not_this(self) -> None:
        """Never offer that stored answer for this question again."""
        self._maybes.rule_out()

"""The acting screen with sources: what is typed may mention, run, and be completed."""

import os
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from textual.timer import Timer
from textual.widgets import TextArea
from textual.worker import Worker

from core.context.project import directory_of
from core.messages import Question, Turn
from tui.bridge import Bridge
from tui.keys import Action, commands
from tui.screens.attaching import Attacher
from tui.screens.completing import Completer, Work
from tui.screens.outside import OutsideScreen
from tui.screens.running import CommandRunner
from tui.screens.sending import Sender
from tui.screens.sources import SourcesScreen
from tui.screens.weighing import Scales
from tui.widgets.candidates import CandidateList
from tui.widgets.sources import SourceRow


class SourcedScreen(OutsideScreen):
    """Brings the collaborators for sources together; each of them knows only what it needs of the screen."""

    def __init__(
        self,
        bridge: Bridge,
        actions: tuple[Action, ...],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(bridge, actions, clock)
        environ = os.environ
        here = Path(directory_of(environ))
        self.candidates = CandidateList()
        self.sources = SourceRow()
        self.commands = commands(actions)
        self.scales = Scales(self)
        self.attacher = Attacher(self, here, environ, clock)
        self.completer = Completer(self, self.commands, here, environ)
        self.sender = Sender(self, clock)
        self.runner = CommandRunner(self, here, environ, clock)

    @abstractmethod
    def ask(self, question: Question, note: str = "") -> int:
        """Queue a question with what goes along, and what is to be said of that; the key of its turn."""

    @abstractmethod
    def ask_deep(self, question: Question, note: str, preset: str) -> None:
        """The same, to be thought through."""

    # What collaborators may do

    def words_now(self, command: str) -> str:
        """What a command would do just now; its usual words unless somebody knows better."""
        return ""

    def weigh(self) -> None:
        """What would be sent is more or less now."""
        self.scales.weigh()

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something a moment later."""
        return self.set_timer(seconds, act)

    def run_beside(self, work: Work, group: str) -> Worker[None]:
        """Run a worker beside others of its group."""
        return self.run_worker(work, group=group)

    def not_asked(self, text: str) -> None:
        """A question did not go; up brings it back."""
        self.docket.not_asked(text)

    def unsent(self) -> tuple[str, ...]:
        """What was asked and did not go out yet, in order."""
        return (*(pending.text for pending in self.docket.waiting()), *self.sender.on_the_way())

    def opened(self, last: tuple[Turn, ...]) -> None:
        """A stored conversation is on the screen; these are its last turns."""
        current = last[-1].current if last else None
        self.scales.counted((current.input_tokens or 0) + (current.output_tokens or 0) if current else 0)
        self.attacher.follow()

    def started(self) -> None:
        """The running question is stored, with what went along."""
        running = self.docket.running
        if (running is not None and running.question.attachments) or self.attacher.is_following:
            self.attacher.follow()

    def show_context(self, tokens: int, window: int) -> None:
        """How full the window is, as the server counted it."""
        super().show_context(tokens, window)
        self.scales.counted(tokens)

    # What is typed

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Offer, read ahead and weigh, all of it behind the letter."""
        self.completer.look()
        self.attacher.look()
        self.sender.changed()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Another word may be under the cursor."""
        self.completer.look()

    def choose(self, key: str) -> bool:
        """A key that may be meant for what is offered; whether it was."""
        return self.completer.key(key)

    def on_candidate_list_taken(self, message: CandidateList.Taken) -> None:
        """A click takes a candidate."""
        self.completer.take(message.candidate)
        self.set_focus(self.prompt)

    # Actions

    def action_stop(self) -> None:
        """Esc: close what is offered, keep what was about to be sent, else stop what runs."""
        if not self.completer.dismiss() and not self.sender.disarm():
            super().action_stop()

    def _stop_running(self) -> bool:
        return super()._stop_running() or self.runner.stop()

    def action_new(self) -> None:
        """A new conversation; what was meant for the one before is not asked in it."""
        self.sender.drop()
        super().action_new()

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self.scales.counted(0)
        self.attacher.follow()

    def action_sources(self) -> None:
        """Look at what goes along."""
        if not self.attacher.held():
            self.tell("nothing goes along yet; @ names a file, @diff, @pane")
            return
        self.app.push_screen(SourcesScreen(self.attacher.held, self.attacher.remove, self.attacher.newest))

    def command_detach(self, argument: str) -> None:
        """``/detach`` everything, ``/detach 2`` the second source on the row."""
        held = self.attacher.held()
        if not held:
            self.tell("nothing goes along that could be let go")
        elif not argument:
            for one in held:
                self.attacher.remove(one.key)
        elif argument in {str(number) for number in range(1, len(held) + 1)}:
            self.attacher.remove(held[int(argument) - 1].key)
        else:
            self.tell(f"there is no source {argument[:40]}; {len(held)} go along", is_warning=True)

    def on_source_row_removed(self, message: SourceRow.Removed) -> None:
        """A click on its mark takes a source away."""
        self.attacher.remove(message.key)
        self.set_focus(self.prompt)

    def on_source_row_opened(self) -> None:
        """A click on the row shows what goes."""
        self.action_sources()

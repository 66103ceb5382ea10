"""What the keys and commands of the chat screen do: one action a row of `tui.keys`."""

import asyncio
import os
from abc import abstractmethod
from collections.abc import Callable, Coroutine

from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from core.engine.outlook import Outlook
from core.sanitise import clean
from tui.bridge import Bridge
from tui.clipboard import copy_text
from tui.docket import Docket
from tui.first_frame import PLACEHOLDER
from tui.keys import Action
from tui.leaving import whole_conversation
from tui.screens.choosing import ModelChooser
from tui.screens.detailing import turn_details
from tui.screens.help import HelpScreen
from tui.screens.models import ModelScreen
from tui.screens.taking import Taking
from tui.transcript.view import Transcript
from tui.widgets.prompt import Prompt
from tui.widgets.status import NoticeRow, StatusLine
from tui.wording import context_text

QUIT_ARMED_S = 2.0
CALM_AFTER_STOP_S = 1.0


class Listening(Message):
    """The prompt is there and has the focus."""


class DemoAsked(Message):
    """The person wants to try the demo model.

    Attributes:
        screen: where, so that it can be given another bridge.
    """

    def __init__(self, screen: "ActingScreen") -> None:
        self.screen = screen
        super().__init__()


class ActingScreen(Screen[None]):
    """A screen with the four widgets on which actions act; how questions run is for its heir."""

    def __init__(self, bridge: Bridge, actions: tuple[Action, ...], clock: Callable[[], float]) -> None:
        super().__init__()
        self.bridge = bridge
        self.docket = Docket()
        self.outlook: Outlook | None = None
        self._actions = actions
        self._clock = clock
        # Held, and not looked up: a worker may have a last word when the widgets are already gone.
        newline = next(action for action in actions if action.id == "newline")
        self.transcript = Transcript()
        self.notice = NoticeRow()
        self.prompt = Prompt(frozenset(newline.keys.split(",")), PLACEHOLDER, self.walk, self.choose)
        self.status = StatusLine()
        self._chooser = ModelChooser(self)
        self.taking = Taking(self)
        self._turn_worker: Worker[None] | None = None
        self._pull_worker: Worker[None] | None = None
        self._stopped_at = self._armed_at = -60.0

    @abstractmethod
    def pump(self) -> None:
        """Run the next question that waits, if it can be."""

    @abstractmethod
    def _leave_turn(self) -> None:
        """Tell no more of the running turn."""

    @abstractmethod
    def take_bridge(self, bridge: Bridge) -> None:
        """Go on with another engine."""

    @abstractmethod
    def walk(self, step: int) -> None:
        """One step through what was asked before."""

    @abstractmethod
    def choose(self, key: str) -> bool:
        """A key that may be meant for what is offered; whether it was."""

    @abstractmethod
    def watch_server(self) -> None:
        """Something changed or went missing: look, tell, and keep trying."""

    # What collaborators may do with the four widgets

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        self.notice.say(slot, text)

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast; its text may come from a server, so it is never markup."""
        if is_warning:
            self.notify(clean(text), severity="warning", markup=False, timeout=10)
        else:
            self.notify(clean(text), markup=False, timeout=4)

    @property
    def is_in_view(self) -> bool:
        """Whether nothing lies over this screen."""
        return self.app.screen is self

    def after_frame(self, act: Callable[[], None]) -> object:
        """Do something when the next frame has been written."""
        return self.call_after_refresh(act)

    def show_context(self, tokens: int, window: int) -> None:
        """How full the window is."""
        self.status.context = context_text(tokens, window)

    async def pick(self, screen: ModelScreen) -> str | None:
        """Show the model picker."""
        return await self.app.push_screen_wait(screen)

    def run_in(self, work: Coroutine[None, None, None], group: str) -> Worker[None]:
        """Run a worker in its group, in place of the one before."""
        return self.run_worker(work, group=group, exclusive=True)

    # Actions: one a row of `tui.keys`; `command_` where the slash form takes an argument

    def action_stop(self) -> None:
        """Esc: stop the answer, else the download, else nothing; marks go, and it is back to the prompt."""
        self.end_find()
        if not self._stop_running() and self._pull_worker is not None and self._pull_worker.is_running:
            self._pull_worker.cancel()
        if not self.prompt.has_focus:
            self.set_focus(self.prompt)

    def action_interrupt(self) -> None:
        """Ctrl+C: copy a selection, else stop, else let nothing wait, else arm quitting."""
        now = self._clock()
        if selected := self.prompt.selected_text or self.app.screen.get_selected_text():
            # Copied is no longer selected: the next ctrl+c must be able to stop.
            self.app.screen.clear_selection()
            self.prompt.move_cursor(self.prompt.cursor_location)
            self._copy(selected)
        elif self._stop_running():
            return
        elif dropped := self.docket.drop_waiting():
            for pending in dropped:
                self.transcript.label(pending.key, "not asked")
        elif now - self._armed_at <= QUIT_ARMED_S:
            self.app.exit()
        elif now - self._stopped_at > CALM_AFTER_STOP_S:
            self._armed_at = now
            self.say("quit", "ctrl+c again quits")
            self.set_timer(QUIT_ARMED_S, lambda: self.say("quit"))

    def _stop_running(self) -> bool:
        """Stop what runs because the person asked for it; whether anything did."""
        return self._stop_answer()

    def _stop_answer(self) -> bool:
        if self._turn_worker is None or self.docket.running is None:
            return False
        # Not now but next: a task that is cancelled before its first step never says that it is over.
        asyncio.get_running_loop().call_soon(self._turn_worker.cancel)
        self._stopped_at = self._clock()
        return True

    def action_page_up(self) -> None:
        """Scroll the transcript from wherever the focus is."""
        self.transcript.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll the transcript from wherever the focus is."""
        self.transcript.scroll_page_down(animate=False)

    def action_follow(self) -> None:
        """To the end, and stay there."""
        self.transcript.scroll_end(animate=False)

    action_read_end = action_follow

    def action_new(self) -> None:
        """A new conversation; a running answer is kept as far as it came."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        is_stopped = self._stop_answer()
        self._leave_turn()
        self.docket = self.docket.anew()
        self.transcript.clear()
        self.status.context = ""
        if is_stopped:
            self.tell("stopped; what came is kept")

    def action_clear(self) -> None:
        """Clear the view; the conversation goes on."""
        self.transcript.clear()

    def action_copy(self) -> None:
        """Copy the last answer."""
        self.command_copy("")

    action_read_copy = action_copy

    def action_read_code(self) -> None:
        """Copy the last code block of the last answer."""
        self.command_copy(str(max(1, len(self.transcript.code_blocks()))))

    def command_copy(self, argument: str) -> None:
        """``/copy`` the last answer, ``/copy 2`` its second code block."""
        blocks = self.transcript.code_blocks()
        if not argument and (answer := self.transcript.last_answer()):
            self._copy(answer)
        elif not argument:
            self.tell("there is no answer to copy yet")
        elif argument in {str(number) for number in range(1, len(blocks) + 1)}:
            self._copy(blocks[int(argument) - 1][1])
        else:
            self.tell(
                f"there is no code block {argument[:40]} in the last answer; it has {len(blocks)}",
                is_warning=True,
            )

    def _copy(self, text: str, said: str = "") -> None:
        self.taking.took(text)

        async def copy() -> None:
            self.tell(said + await copy_text(text, self.app.copy_to_clipboard, os.environ))

        self.run_worker(copy(), group="copy")

    def command_find(self, argument: str) -> None:
        """``/find words`` goes to the next place they stand; without words the marks go away."""
        if not argument:
            self.end_find()
            return
        count = self.transcript.find(argument)
        self.say(
            "found",
            f"{count} × {argument} · /find once more: the next" if count else f"{argument} is not here",
        )

    def end_find(self) -> None:
        """The marks go away, and the word about them."""
        self.transcript.clear_find()
        self.say("found")

    def command_fold(self, argument: str) -> None:
        """``/fold`` the last answer, ``/fold 2`` its second code block; once more unfolds."""
        is_number = argument.isdecimal() and len(argument) <= 4
        if (argument and not is_number) or not self.transcript.toggle_fold(
            code=int(argument) if argument else None
        ):
            self.tell("there is nothing to fold")

    def action_fold(self) -> None:
        """Fold or unfold the last answer."""
        self.command_fold("")

    action_read_fold = action_fold

    def action_details(self) -> None:
        """How the last answer came, or no more of it."""
        turn_details(self)

    action_read_details = action_details

    def action_again(self) -> None:
        """Answer the last question once more."""
        self._again()

    action_read_again = action_again

    def action_fit(self) -> None:
        """Ask the last question again, without the oldest turns."""
        self._again(fit=True)

    def _again(self, *, fit: bool = False) -> None:
        if self.docket.running is not None:
            self.tell("an answer is being made; esc stops it")
        elif self.docket.add_again(fit=fit) is None:
            self.tell("there is no question to ask again")
        self.pump()

    def command_window(self, argument: str) -> None:
        """``/window 16384`` takes a larger window and asks the last question again."""
        if self._chooser.widen(argument):
            self._again()

    def action_model(self) -> None:
        """Choose a model from a list."""
        self.run_in(self._chooser.choose(), "models")

    def command_model(self, argument: str) -> None:
        """``/model NAME`` takes it at once."""
        self.run_in(self._chooser.use(argument) if argument else self._chooser.choose(), "models")

    def action_pull(self) -> None:
        """Fetch the proposed model."""
        self.command_pull("")

    def command_pull(self, argument: str) -> None:
        """``/pull NAME``; without a name the proposed one."""
        name = argument or self._chooser.proposed()
        if not name:
            self.tell("name a model, as in /pull llama3.2:3b")
        elif self._pull_worker is not None and self._pull_worker.is_running:
            self.tell("still fetching; esc stops it")
        elif self.bridge.is_open:
            self._pull_worker = self.run_in(self._chooser.fetch(name), "pull")

    def action_demo(self) -> None:
        """The built-in demo model, in a store of its own."""
        self.post_message(DemoAsked(self))

    def way_to(self, act: str) -> str:
        """An act's key, as a person sees it; its command where it has none."""
        return next((each.label or each.command for each in self._actions if each.id == act), "")

    def action_help(self) -> None:
        """Keys and commands."""
        self.app.push_screen(HelpScreen(self._actions))

    def action_palette(self) -> None:
        """Every command, to be searched."""
        self.app.action_command_palette()

    def action_suspend(self) -> None:
        """To the shell."""
        self.app.action_suspend_process()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def left_behind(self, is_all: bool) -> str:
        """What stays in the scrollback: the last answer, or the whole conversation."""
        if is_all:
            return whole_conversation(self.bridge, self.docket, self.transcript.answer_text)
        return self.transcript.last_answer()

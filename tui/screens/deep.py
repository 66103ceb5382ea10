"""The recalling screen with depth: its keys and commands, and the widgets that come with the first of them.

Nothing deep is imported before it is asked for: who never asks deep never pays for it.
"""

import asyncio
import os
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from core.events import TurnCancelled, TurnFailed, TurnFinished, TurnStarted
from core.messages import Question, Turn
from tui.bridge import Bridge, RunProgressed
from tui.keys import Action
from tui.screens.recalling import RecallingScreen
from tui.widgets.prompt import writes

if TYPE_CHECKING:
    from core.deep.question import Preset
    from core.deep.run import Run
    from tui.screens.finding import FindingScreen
    from tui.widgets.arming import ArmingRow

_ENDS = TurnFinished | TurnFailed | TurnCancelled
STARTING = "still starting; try again in a moment"


class PersonCalled(Message):
    """Something ended that was waited for.

    Attributes:
        text: what, in a few words; clean.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Desk(Container):
    """The transcript, and the deep panel below it or at its side."""

    DEFAULT_CSS = """
    Desk { height: 1fr; layout: vertical; &.-side { layout: horizontal; } }
    Desk Transcript { width: 1fr; height: 1fr; }
    """


class Collaborators:
    """What comes with the first deep question of a screen."""

    def __init__(self, screen: "DeepScreen", keys: dict[str, str], clock: Callable[[], float]) -> None:
        from tui.run_wording import is_plain
        from tui.screens.blocked import BlockedTime
        from tui.screens.deep_acts import RunActs
        from tui.screens.deep_runs import RunBoard
        from tui.screens.deepening import Deepener
        from tui.screens.left_runs import LeftRuns
        from tui.widgets.arming import ArmingRow
        from tui.widgets.deep_panel import DeepPanel

        self.panel: DeepPanel = DeepPanel(keys, is_plain=is_plain(os.environ))
        self.row: ArmingRow = ArmingRow()
        self.board: RunBoard = RunBoard(screen, self.panel, clock)
        self.deepener: Deepener = Deepener(screen, self.panel, self.row, self.board, clock)
        self.acts: RunActs = RunActs(screen, self.board, self.panel, clock)
        self.left: LeftRuns = LeftRuns(screen, self.board)
        self.blocked: BlockedTime = BlockedTime(screen, self.board, self.panel, clock)


class DeepScreen(RecallingScreen):
    """Brings the collaborators for depth together."""

    def __init__(self, bridge: Bridge, actions: tuple[Action, ...], clock: Callable[[], float]) -> None:
        super().__init__(bridge, actions, clock)
        self.desk = Desk(self.transcript)
        self._letters = {
            where: {
                key: action.id
                for action in actions
                if action.where == where
                for key in action.keys.split(",")
            }
            for where in ("transcript", "panel")
        }

    @cached_property
    def depth(self) -> Collaborators:
        """What depth needs; its widgets come into the screen."""
        depth = Collaborators(self, self._letters["panel"], self._clock)
        depth.panel.fit_into(self.size.width, self.size.height)
        self.desk.mount(depth.panel)
        self.mount(depth.row, before=self.notice)
        return depth

    @property
    def is_deep(self) -> bool:
        """Whether depth was ever asked for here."""
        return "depth" in self.__dict__

    @abstractmethod
    def pump(self) -> None:
        """Run the next question that waits, if it can be."""

    # What collaborators may do

    def every(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something again and again."""
        return self.set_interval(seconds, act)

    def watch_run(self, run: "Run", key: int) -> None:
        """Let the events of a run come in."""
        self.run_beside(self.bridge.watch(run, key, self), "deep events")
        self.depth.blocked.begin()

    def on_run_progressed(self, message: RunProgressed) -> None:
        """A run says what happens."""
        message.stop()
        if self.is_deep:
            self.depth.board.take(message.key, message.event)
            if isinstance(message.event, _ENDS) and (status := self.depth.board.statuses().get(message.key)):
                self.depth.blocked.ended(status)
        if isinstance(message.event, TurnStarted):
            self.attacher.follow()  # it may be the first question of its conversation

    @property
    def is_waiting(self) -> bool:
        """Whether the person looks at the screen, nothing lies over it and no other answer is made."""
        return self.app.app_focus and self.app.screen is self and self.docket.running is None

    def place_panel(self) -> None:
        """Below the transcript, or at its side where the screen is wide."""
        self.depth.panel.fit_into(self.size.width, self.size.height)
        self.desk.set_class(self.depth.panel.is_side, "-side")

    def to_prompt(self) -> None:
        """The focus goes back to the prompt."""
        self.set_focus(self.prompt)

    async def painted(self) -> None:
        """Return when what was told so far is seen."""
        seen = asyncio.Event()
        self.call_after_refresh(seen.set)
        await seen.wait()

    def to_panel(self) -> None:
        """The focus goes into the panel, unless something is being typed."""
        if not self.prompt.text.strip() and self.app.screen is self:
            self.set_focus(self.depth.panel)

    def focus_on(self, widget: "ArmingRow") -> None:
        """The focus goes there, unless something is being typed or lies over the screen."""

        def focus() -> None:
            if not self.prompt.text.strip() and self.app.screen is self and widget.display:
                self.set_focus(widget)

        self.call_after_refresh(focus)

    def read(self, screen: "FindingScreen") -> None:
        """Show a finding over the screen."""
        self.app.push_screen(screen)

    def call_person(self, text: str) -> None:
        """Something ended that was waited for; who looks elsewhere is called."""
        self.post_message(PersonCalled(text))

    def show_again(self, conversation: int, turn: int) -> None:
        """Show a stored conversation as it is now, at one of its turns."""
        self.docket.conversation = None  # so that it is read, though it may be the one that is shown
        self.open_conversation(conversation, turn)

    def show_turn(self, key: int, question: Question, note: str) -> None:
        """A question of which only the deep answer comes."""
        self.transcript.begin_turn(key, question.text, self.with_it(question, note))

    @abstractmethod
    def text_taken(self) -> None:
        """What was typed is on its way."""

    @abstractmethod
    def with_it(self, question: Question, note: str) -> tuple[str, ...]:
        """What is said of what goes along with a question."""

    def ask_deep(self, question: Question, note: str, preset: str) -> None:
        """A typed question with what goes along, to be thought through."""
        self._deepen(self.depth.deepener.typed(question, note, preset_of(preset)))

    def _deepen(self, work: Coroutine[None, None, None]) -> None:
        self.run_beside(work, "deepening")

    async def offer_depth(self) -> None:
        """Say what a crash left behind, else what a key in the environment makes possible."""
        if self.bridge.may_offer_depth(os.environ):
            await self.depth.left.offer()

    def forget_runs(self) -> None:
        """Another engine is asked from now on."""
        if self.is_deep:
            self.depth.deepener.forget()
            self.depth.board.forget()

    def runs_under_way(self) -> int:
        """How many deep runs are not over."""
        return self.depth.board.under_way() if self.is_deep else 0

    # What happens around it

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """A command is begun: it may be meant for the plan, and three seconds are short."""
        if self.is_deep and self.prompt.text.startswith("/"):
            self.depth.acts.consider()

    def on_resize(self, event: events.Resize) -> None:
        """The panel belongs elsewhere, or is smaller now."""
        if self.is_deep:
            self.depth.panel.fit_into(event.size.width, event.size.height)
            self.desk.set_class(self.depth.panel.is_side, "-side")

    def started(self) -> None:
        """The running question is stored: what waited for its number goes on."""
        super().started()
        self.turn_moved()

    def unsent(self) -> tuple[str, ...]:
        """What was asked and did not go out yet, that which waits for a word among it."""
        return (*super().unsent(), *(self.depth.deepener.unsent() if self.is_deep else ()))

    def turn_moved(self) -> None:
        """A turn was stored, or is over."""
        if self.is_deep:
            self.depth.deepener.moved()

    def opened(self, last: tuple[Turn, ...]) -> None:
        """A stored conversation is on the screen; a run may go on in it."""
        super().opened(last)
        if self.is_deep:
            self.depth.board.shown_again()

    def _begin_anew(self) -> None:
        super()._begin_anew()
        if self.is_deep:
            self.depth.deepener.forget()
            self.depth.board.leave()

    def _again(self, *, fit: bool = False) -> None:
        last = self.docket.last
        turn = self.docket.turn_of(last.key) if last else None
        if self.is_deep and turn is not None and self.depth.board.is_alone_in(turn):
            self.tell("that question is being thought through; /end ends that")
            return
        super()._again(fit=fit)

    def is_text(self, key: events.Key) -> bool:
        """Whether a key writes something: where the focus is, it has no meaning of its own."""
        return writes(key) and key.key not in self._meanings()

    def _meanings(self) -> tuple[str, ...]:
        if self.focused is self.transcript:
            return tuple(self._letters["transcript"])
        if self.is_deep and self.focused is self.depth.panel:
            return tuple(self._letters["panel"])
        if self.is_deep and self.focused is self.depth.row:
            return self.depth.row.digits()
        return ()

    def on_prompt_left(self) -> None:
        """Shift+tab goes up: into the panel where one is seen, else into the transcript."""
        has_panel = self.is_deep and self.depth.panel.shape != "hidden"
        self.set_focus(self.depth.panel if has_panel else self.transcript)

    def action_stop(self) -> None:
        """Esc: what has the focus is meant; a deep run is never ended from anywhere but its panel."""
        if self.is_deep and self.focused is self.depth.row and self.depth.deepener.cancel():
            return
        if self.is_deep and self.focused is self.depth.panel:
            if not self.depth.acts.escape():
                self.set_focus(self.prompt)
            return
        super().action_stop()


def preset_of(name: str) -> "Preset":
    """A preset by its name."""
    from core.deep.question import Preset

    return Preset(name)

"""The screen with what is done ahead: told of keys and focus, and what is offered under an answer."""

from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress

from textual import events
from textual.widgets import TextArea

from core.errors import HouseError
from core.messages import Turn
from tui.ahead import OfferChanged
from tui.bridge import Bridge
from tui.keys import Action
from tui.screens.chipping import Chipper
from tui.screens.deep_commands import DeepCommandsScreen
from tui.screens.foretelling import Foreteller
from tui.screens.sending import Typed
from tui.widgets.chips import ChipRow

_PLACES = frozenset("123")


class AheadScreen(DeepCommandsScreen):
    """Brings the collaborators for what is done ahead together."""

    def __init__(self, bridge: Bridge, actions: tuple[Action, ...], clock: Callable[[], float]) -> None:
        super().__init__(bridge, actions, clock)
        self.chips = ChipRow()
        self.chipper = Chipper(self)
        self.foreteller = Foreteller(self)
        self._begun_for = self.docket

    @abstractmethod
    def remember(self, text: str) -> None:
        """A question was sent; up brings it back."""

    async def look_ahead(self) -> None:
        """From now on things are done ahead, and what is offered is shown."""
        self._begun_for = self.docket
        self.bridge.ahead.focused(self.app.app_focus)
        with suppress(HouseError):  # without it everything works as ever, only later
            await self.bridge.ahead.begin(self.docket.conversation)
        self.chipper.settle()
        self.foreteller.look()
        await self.bridge.ahead.watch(self)

    # What collaborators may do

    def words_now(self, command: str) -> str:
        """A chip's command says its question: the list of commands lies over the row."""
        place = command.removeprefix("/")
        question = self.chipper.question(int(place)) if place in _PLACES else ""
        return f"ask: {question}" if question else super().words_now(command)

    def ask_offered(self, question: str) -> None:
        """Ask a question that was written by a model: nothing in it is a command or a source."""
        self.remember(question)
        self.sender.send(Typed(question, ((0, len(question)),)))

    @property
    def rows(self) -> int:
        """How many rows the screen has."""
        return self.size.height

    @property
    def is_looked_at(self) -> bool:
        """Whether the terminal has the focus; one that never says so is taken to have it."""
        return self.app.app_focus

    @property
    def is_covered(self) -> bool:
        """Whether something lies over the screen."""
        return self.app.screen is not self

    def choose(self, key: str) -> bool:
        """A key that may be meant for what is offered; tab walks through the chips when nothing else is."""
        return super().choose(key) or (key == "tab" and self.chipper.cycle())

    # What happens

    def asked_ahead(self, text: str) -> None:
        """A question leaves the prompt."""
        self.chipper.sent(text)
        self.foreteller.sent()

    def on_mount(self) -> None:
        """Textual asks the terminal to tell of its focus."""
        self.watch(self.app, "app_focus", self._tell_focus, init=False)

    def _tell_focus(self, has_focus: bool) -> None:
        self.bridge.ahead.focused(has_focus)
        if has_focus:
            self.foreteller.looked_at()

    def on_offer_changed(self, message: OfferChanged) -> None:
        """Speculation says what is on offer."""
        message.stop()
        self.chipper.take_offer(message.offer)

    def on_chip_row_chosen(self, message: ChipRow.Chosen) -> None:
        """A click asks at once."""
        self.chipper.take(message.place)
        self.set_focus(self.prompt)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Another text; told when all others have seen it, and what enter would do is known."""
        self.call_later(self._text_changed)

    def _text_changed(self) -> None:
        self.foreteller.changed()
        self.chipper.look()

    def on_screen_suspend(self) -> None:
        """Something lies over the screen."""
        self.foreteller.look()

    def on_screen_resume(self) -> None:
        """And no more."""
        self.foreteller.look()

    def on_resize(self, event: events.Resize) -> None:
        """There may be room for the row now, or none any more."""
        self.chipper.settle()

    def turn_moved(self) -> None:
        """A turn was stored, or is over."""
        super().turn_moved()
        if self.docket.running is None:
            self.chipper.settle()
            self.foreteller.look()
        self.chipper.look()

    def opened(self, last: tuple[Turn, ...]) -> None:
        """A stored conversation is on the screen."""
        super().opened(last)
        self.call_later(self._tell_conversation)

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self.chipper.look()
        self.call_later(self._tell_conversation)

    def _tell_conversation(self) -> None:
        """Once for each: what is opened was begun anew in the same breath."""
        if self._begun_for is not self.docket:
            self._begun_for = self.docket
            self.bridge.ahead.shows(self.docket.conversation)

    # Actions

    def action_chip_1(self) -> None:
        """Ask the first question on offer."""
        self.chipper.take(1)

    def action_chip_2(self) -> None:
        """Ask the second."""
        self.chipper.take(2)

    def action_chip_3(self) -> None:
        """Ask the third."""
        self.chipper.take(3)

    def action_speculation(self) -> None:
        """What is done ahead, and what it is good for."""
        from tui.screens.speculation import SpeculationScreen

        self.app.push_screen(SpeculationScreen(self.bridge.ahead, lambda: self.bridge.model_in_use() is None))

    def action_stats(self) -> None:
        """How long answers took, and what else was measured."""
        from tui.screens.stats import StatsScreen

        self.app.push_screen(StatsScreen(self.bridge))

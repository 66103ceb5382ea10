"""What was measured, laid over the screen: the sections and charts of the shell, at the width there is."""

import asyncio
import time
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import HouseError
from core.sanitise import clean_line
from tui.bridge import Bridge

SPANS = (("24 hours", 1), ("7 days", 7), ("30 days", 30), ("year", 365))
"""What is looked back on, in days; ``s`` goes round."""
_DAY_S = 24 * 3600.0
_FRAME_CELLS = 6
"""Border, padding and scrollbar."""
_MOST_CELLS = 120


class StatsScreen(ModalScreen[None]):
    """Figures since a while ago; read and drawn in a thread, so that an answer streams on below."""

    DEFAULT_CSS = """
    StatsScreen { align: center middle; background: $background 60%; }
    StatsScreen VerticalScroll {
        width: 100%; max-width: 128; height: auto; max-height: 96%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("s", "next_span", "Another time"),
    ]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._span = 1
        self._shown: tuple[int, int] | None = None
        self._is_looking = False
        self._head = Static(markup=False)
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One line that says since when, and all sections in one scrolling text."""
        with VerticalScroll():
            yield self._head
            yield self._text

    def on_mount(self) -> None:
        """Look at once; arrows and page keys scroll."""
        self.query_one(VerticalScroll).focus()
        self._say(is_ready=False)
        self._look_again()

    def on_resize(self, event: events.Resize) -> None:
        """Another width: tables and charts are laid out anew."""
        self._look_again()

    def action_next_span(self) -> None:
        """A longer time, and after the longest the shortest."""
        self._span = (self._span + 1) % len(SPANS)
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self._say(is_ready=False)
        self._look_again()

    def _say(self, *, is_ready: bool) -> None:
        words, _ = SPANS[self._span]
        following, _ = SPANS[(self._span + 1) % len(SPANS)]
        end = "" if is_ready else " · looking …"
        self._head.update(f"The last {words} · s: the last {following} · esc closes{end}\n")

    def _look_again(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self.run_worker(self._look(), group="stats")

    async def _look(self) -> None:
        """Look until what is shown is what is wanted; one look at a time, however keys are pressed."""
        try:
            while self._shown != (wanted := (self._span, self.size.width)):
                text = await asyncio.to_thread(self._told, *wanted)
                self._shown = wanted
                if self._span == wanted[0]:
                    self._text.update(text)
                    self._say(is_ready=True)
        finally:
            self._is_looking = False

    def _told(self, span: int, columns: int) -> Text:
        """Everything, in a thread; none of it is a widget's."""
        from tui.stats_sections import View, is_empty, lines_of, sections_of

        if not self._bridge.is_open:
            return Text("leadline is still starting; open this once more in a moment")
        try:
            figures = self._bridge.figures(time.time() - SPANS[span][1] * _DAY_S)
        except HouseError as error:
            return Text(clean_line(error.told))
        if is_empty(figures):
            return Text("Nothing was asked in that time, so there is nothing to tell.")
        ahead = self._bridge.ahead
        width = min(columns - _FRAME_CELLS, _MOST_CELLS)
        text = Text()
        for section in sections_of(View(figures, ahead.judgement(), ahead.is_wanted, width)):
            text.append("\n" * bool(text)).append(f"{section.title}\n", "bold")
            text.append("".join(f"{line}\n" for line in lines_of(section, width)))
        return text

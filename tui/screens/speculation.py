"""What is done ahead, laid over the screen: how much now and why not more, and what it was good for."""

import time
from collections.abc import Callable
from typing import ClassVar

from rich.table import Column, Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import HouseError
from core.sanitise import clean_line
from tui.ahead import Ahead
from tui.ahead_wording import count_rows, hidden_words, now_words

DAYS = 7
LOOK_EVERY_S = 1.0
INTRO = (
    "What is done ahead, so that the next answer is there sooner: on this machine, or on one that "
    "speculation.own_hosts names. Esc closes this."
)
MARKS = "○ a question only · ◐ its answer is begun · ● its answer is there"


class SpeculationScreen(ModalScreen[None]):
    """How things stand, looked at again every second."""

    DEFAULT_CSS = """
    SpeculationScreen { align: center middle; background: $background 60%; }
    SpeculationScreen VerticalScroll {
        width: 90%; min-width: 20; max-width: 100; height: auto; max-height: 90%;
        padding: 1 2; background: $surface; border: round $primary;
    }
    SpeculationScreen #rows { margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "dismiss", "Close")]

    def __init__(self, ahead: Ahead, is_without_model: Callable[[], bool]) -> None:
        super().__init__()
        self._ahead = ahead
        self._is_without_model = is_without_model
        self._rows = Static(id="rows")

    def compose(self) -> ComposeResult:
        """An introduction, two columns, and what the marks mean."""
        with VerticalScroll():
            yield Static(INTRO, markup=False)
            yield self._rows
            yield Static(MARKS, markup=False)

    def on_mount(self) -> None:
        """Look at once, and again."""
        self._look()
        self.set_interval(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        table = Table.grid(Column(no_wrap=True), Column(), padding=(0, 2, 0, 0))
        for label, words in self._said():
            table.add_row(Text(label), Text(clean_line(words)))
        self._rows.update(table)

    def _said(self) -> list[tuple[str, str]]:
        ahead = self._ahead
        now = now_words(ahead.judgement(), is_wanted=ahead.is_wanted)
        if ahead.is_wanted and self._is_without_model():
            now = "nothing (no model is there yet)"
        rows = [("now", now)]
        if ahead.is_wanted and not ahead.may_offer and ahead.judgement() is not None:
            rows.append(("follow-ups", hidden_words(ahead.chips)))
        try:
            counts = self._ahead.counts(time.time() - DAYS * 24 * 3600)
        except HouseError as error:
            return [*rows, ("counts", error.told)]
        if counts is None:
            return rows
        return [*rows, ("", f"in the last {DAYS} days"), *count_rows(counts)]

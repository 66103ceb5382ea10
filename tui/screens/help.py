"""Help: every key and command, drawn from the one table."""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Column, Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import Action, help_lines

INTRO = (
    "Enter sends. @ names what goes along: a file, a folder, @diff, @staged, @pane, @clip; !command runs in "
    "your shell. A known command (/help) acts; anything else is text, and a leading space always makes it "
    "text. Follow-up questions stand under an answer: tab brings them into the empty prompt, alt+1 asks the "
    "first at once, and so does /1 where the terminal keeps alt+1 for itself. In the history F2 renames, F8 "
    "deletes, F9 undoes that. Esc or F1 closes this.\n"
)


class HelpScreen(ModalScreen[None]):
    """What can be pressed and typed."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 90%; min-width: 20; max-width: 100; height: 90%;
        padding: 1 2; background: $surface; border: round $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,f1,q", "dismiss", "Close")]

    def __init__(self, actions: Iterable[Action]) -> None:
        super().__init__()
        self._lines = help_lines(actions)

    def compose(self) -> ComposeResult:
        """An introduction and two columns, in one scrolling text."""
        rows = Table.grid(Column(no_wrap=True), Column(), padding=(0, 2, 0, 0))
        for label, words in self._lines:
            rows.add_row(Text(label), Text(words))
        with VerticalScroll():
            yield Static(INTRO, markup=False)
            yield Static(rows)

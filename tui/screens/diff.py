"""What writing a file would change, to be looked at before it is done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.markup import escape
from textual.screen import ModalScreen
from textual.widgets import Static

MOST_LINES_SHOWN = 3_000
STYLES = {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}


class DiffScreen(ModalScreen[bool]):
    """A unified diff; dismissed with whether it shall be so."""

    DEFAULT_CSS = """
    DiffScreen { align: center middle; background: $background 60%; }
    DiffScreen VerticalScroll {
        width: 96%; min-width: 20; height: auto; max-height: 90%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "dismiss(True)", "Write"),
        ("escape,q", "dismiss(False)", "Leave"),
    ]

    def __init__(self, name: str, lines: list[str]) -> None:
        """Make it; name and lines come from files and models, so they are never markup."""
        super().__init__()
        self._file = name
        self._lines = lines

    def compose(self) -> ComposeResult:
        """What is asked, and the change."""
        shown = [Content.styled(line, STYLES.get(line[:1], "")) for line in self._lines[:MOST_LINES_SHOWN]]
        if more := len(self._lines) - MOST_LINES_SHOWN:
            shown += [Content(f"… {more:,} more lines")] if more > 0 else []
        with VerticalScroll() as frame:
            frame.border_title = escape(self._file)
            frame.border_subtitle = "enter writes · esc leaves it as it is"
            yield Static(Content("\n").join(shown))

    def on_mount(self) -> None:
        """Arrows and page keys scroll."""
        self.set_focus(self.query_one(VerticalScroll))

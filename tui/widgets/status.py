"""The two quiet rows around the prompt: what could be done now, and how things stand."""

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from core.sanitise import clean_line
from tui.cells import beginning
from tui.first_frame import HELP, STARTING
from tui.labels import NOTHING_LEAVES

SLOTS = (
    "quit",
    "ending",
    "secret",
    "deep",
    "source",
    "completion",
    "instead",
    "slow",
    "full",
    "found",
    "pull",
    "unseen",
    "guide",
)
"""Who may speak in the notice row, most pressing first."""


class NoticeRow(Static):
    """One dim row for the next step; blank when there is none, so that nothing moves when it fills."""

    DEFAULT_CSS = """
    NoticeRow { height: 1; padding: 0 1; color: $text-accent; text-overflow: ellipsis; text-wrap: nowrap; }
    """

    text: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._said: dict[str, str] = {}

    def watch_text(self, text: str) -> None:
        """Show the row's words."""
        self.update(text)

    def say(self, slot: str, text: str = "") -> None:
        """Say something for one of `SLOTS`, or nothing any more; the most pressing is seen."""
        assert slot in SLOTS
        self._said[slot] = clean_line(text)
        self.text = next((self._said[name] for name in SLOTS if self._said.get(name)), "")


class StatusLine(Widget):
    """What goes on at the left; at the right a hidden deep run, the context's fill, the model, its place.

    Attributes:
        sends: whom deep runs send to, in words; a promise that nothing leaves gives way to it.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $text-muted; background: $panel; }
    """

    state: reactive[str] = reactive(STARTING)
    model: reactive[str] = reactive("")
    place: reactive[str] = reactive("")
    context: reactive[str] = reactive("")
    deep: reactive[str] = reactive("")
    sends: reactive[str] = reactive("")

    def render(self) -> Content:
        """Left what goes on, right where; what does not fit is cut from the left part's end."""
        left = clean_line(self.sends if self.sends and self.state == NOTHING_LEAVES else self.state)
        width = self.content_size.width
        right = self._right(width)
        room = max(0, width - cell_len(right) - 2)
        left = beginning(left, room) if room > 1 else ""
        return Content(f"{left}{' ' * max(0, width - cell_len(left) - cell_len(right))}{right}")

    def _right(self, width: int) -> str:
        """Where there is no room for all of it, where it runs is the last thing to go."""
        parts = [clean_line(part) for part in (self.deep, self.context, self.model, self.place) if part]
        while len(parts) > 1 and cell_len(" · ".join(parts)) > width:
            parts.pop(0)
        return beginning(" · ".join(parts) or HELP, width)

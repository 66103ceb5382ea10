"""The two quiet rows around the prompt: what could be done now, and how things stand."""

from textual.reactive import reactive
from textual.widgets import Static

from core.sanitise import clean_line

SLOTS = ("quit", "completion", "pull", "unseen", "guide")
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


class StatusLine(Static):
    """Model, place, and what is going on; the right end keeps the context's fill."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $text-muted; background: $panel; text-wrap: nowrap; }
    """

    state: reactive[str] = reactive("starting")
    model: reactive[str] = reactive("")
    context: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def on_resize(self) -> None:
        """The right end moves with the width."""
        self._show()

    def watch_state(self) -> None:
        """Repaint."""
        self._show()

    def watch_model(self) -> None:
        """Repaint."""
        self._show()

    def watch_context(self) -> None:
        """Repaint."""
        self._show()

    def _show(self) -> None:
        """Left what goes on, right where; what does not fit is cut from the left part's end."""
        left = clean_line(self.state)
        right = clean_line(" · ".join(part for part in (self.context, self.model, "F1 help") if part))
        width = max(0, self.size.width - 2)
        room = max(0, width - len(right) - 2)
        if len(left) > room:
            left = left[: max(0, room - 1)] + "…" if room else ""
        self.update(f"{left}{' ' * max(1, width - len(left) - len(right))}{right}")

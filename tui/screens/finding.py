"""What a stage of a deep run has found, to be read while the run goes on."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.transcript.view import Transcript

_AGAIN_S = 0.25
_KEY = 1

Finding = tuple[str, str]
"""How the stage stands, in one line; and what it has found."""


class FindingScreen(ModalScreen[None]):
    """Shows a finding, which may still grow.

    Args:
        title: the stage, or the part's question.
        look: the finding as it is now.
    """

    DEFAULT_CSS = """
    FindingScreen { align: center middle; background: $background 60%; }
    FindingScreen Vertical {
        width: 94%; min-width: 20; max-width: 110; height: 90%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    FindingScreen Static { color: $text-muted; height: auto; }
    FindingScreen #keys { color: $text-accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss(None)", "Close", priority=True)
    ]

    def __init__(self, title: str, look: Callable[[], Finding]) -> None:
        super().__init__()
        self._title = title
        self._look = look
        self._shown = ""
        self._state = Static("", markup=False)
        self._transcript = Transcript()

    def compose(self) -> ComposeResult:
        """How the stage stands, what it has found, and what can be pressed; none of it is ever markup."""
        with Vertical():
            yield self._state
            yield self._transcript
            yield Static("the run goes on · esc closes", id="keys", markup=False)

    def on_mount(self) -> None:
        """Read from its beginning."""
        self._transcript.begin_turn(_KEY, self._title)
        self._transcript.begin_answer(_KEY)
        self._renew()
        self.set_focus(self._transcript)
        self.set_interval(_AGAIN_S, self._renew)
        self.call_after_refresh(self._transcript.scroll_home, animate=False)

    def _renew(self) -> None:
        state, text = self._look()
        self._state.update(state)
        if not text.startswith(self._shown):  # it begins again
            self._transcript.begin_answer(_KEY)
            self._shown = ""
        if len(text) > len(self._shown):
            self._transcript.append(_KEY, text[len(self._shown) :])
            self._shown = text

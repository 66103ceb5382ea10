"""The stored answer to a similar question, to be read, kept or ruled out; the answer below goes on coming."""

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.events import MaybeFound
from core.messages import Answer, AnswerState, Route, Turn
from tui.labels import ago_text
from tui.transcript.view import Transcript

Verdict = Literal["keep", "not this"]


class MaybeScreen(ModalScreen[Verdict | None]):
    """Shows one stored answer; dismissed with what the person says of it, or None."""

    DEFAULT_CSS = """
    MaybeScreen { align: center middle; background: $background 60%; }
    MaybeScreen Vertical {
        width: 94%; min-width: 20; max-width: 110; height: 90%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    MaybeScreen Static { color: $text-muted; height: auto; }
    MaybeScreen #keys { color: $text-accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,tab", "dismiss(None)", "Close", priority=True),
        Binding("enter,k", "dismiss('keep')", "Keep", priority=True),
        Binding("n", "dismiss('not this')", "Not this", priority=True),
    ]

    def __init__(self, maybe: MaybeFound) -> None:
        super().__init__()
        self._maybe = maybe
        self._transcript = Transcript()

    def compose(self) -> ComposeResult:
        """What differs, question and answer, and what can be pressed; none of it is ever markup."""
        source = self._maybe.source
        differs = f" · differs: {', '.join(source.differs)}" if source.differs else ""
        with Vertical():
            yield Static(f"stored {ago_text(source.age_s)} · {self._maybe.model}{differs}", markup=False)
            yield self._transcript
            yield Static("enter keeps it · n not this, never again · esc closes", id="keys", markup=False)

    def on_mount(self) -> None:
        """Read from its beginning."""
        maybe = self._maybe
        answer = Answer(
            1, 1, Route.OTHER, maybe.model, "", "", AnswerState.COMPLETE, maybe.text, started_at=0.0
        )
        self._transcript.show([Turn(1, 1, maybe.source.question, 0.0, answers=(answer,), current=answer)])
        self.set_focus(self._transcript)
        self.call_after_refresh(self._transcript.scroll_home, animate=False)

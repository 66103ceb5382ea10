"""What the collaborators for depth need of their screen."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Protocol

from textual.timer import Timer

from core.messages import Question
from tui.bridge import Bridge
from tui.docket import Docket
from tui.screens.finding import FindingScreen
from tui.transcript.view import Transcript
from tui.widgets.arming import ArmingRow
from tui.widgets.prompt import Prompt
from tui.widgets.status import StatusLine

if TYPE_CHECKING:  # a run brings all that deep calls need, which the panel's first frame does not
    from core.deep.run import Run


class RunStage(Protocol):
    """What telling runs needs of its screen."""

    bridge: Bridge
    docket: Docket
    transcript: Transcript
    prompt: Prompt
    status: StatusLine

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something a moment later."""
        ...

    def every(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something again and again."""
        ...

    def run_beside(self, work: Coroutine[None, None, None], group: str) -> object:
        """Run a worker beside others of its group."""
        ...

    def watch_run(self, run: "Run", key: int) -> None:
        """Let the events of a run come in."""
        ...

    def place_panel(self) -> None:
        """The panel may belong elsewhere now."""
        ...

    def to_prompt(self) -> None:
        """The focus goes back to the prompt."""
        ...

    def read(self, screen: FindingScreen) -> None:
        """Show a finding over the screen."""
        ...

    def open_conversation(self, conversation: int, turn: int | None) -> None:
        """Show a stored conversation, at one of its turns."""
        ...

    def call_person(self, text: str) -> None:
        """Something ended that was waited for; who looks elsewhere is called."""
        ...


class AskStage(RunStage, Protocol):
    """What asking in depth needs of its screen."""

    def ask(self, question: Question, note: str = "") -> int:
        """Queue a question with what goes along; the key of its turn."""

    def show_turn(self, key: int, question: Question, note: str) -> None:
        """A question of which only the deep answer comes."""

    def not_asked(self, text: str) -> None:
        """A question did not go; up brings it back."""

    async def painted(self) -> None:
        """Return when what was told so far is seen."""
        ...

    def to_panel(self) -> None:
        """The focus goes into the panel."""
        ...

    def focus_on(self, widget: ArmingRow) -> None:
        """The focus goes there, where nothing is being typed."""

"""From the key that sends a question to its answer's first text on the screen, once an answer.

The clock begins with the key (enter, a chip's), and what is read before the question goes out counts. For a
question that had to wait for the one before, or for a server, it begins when it is its turn: that it was
queued was the person's own choice, and is said on the screen. It ends when the frame with the text has been
handed to the terminal's writer; an answer that came while something else lay over it was not painted.
"""

from collections.abc import Callable
from typing import Protocol

from core.events import TextDelta, TurnEvent, TurnStarted


class Stage(Protocol):
    """What this needs of its screen."""

    @property
    def is_in_view(self) -> bool:
        """Whether nothing lies over the transcript."""
        ...

    def after_frame(self, act: Callable[[], None]) -> object:
        """Do something when the next frame has been written."""
        ...


class Painting:
    """The painting time of the running turn.

    Args:
        keep: is told an answer's number and the milliseconds.
    """

    def __init__(self, stage: Stage, clock: Callable[[], float], keep: Callable[[int, float], None]) -> None:
        self._keep_it = keep
        self._stage = stage
        self._clock = clock
        self._pressed_at: float | None = None
        self._begun = 0.0
        self._run = 0
        self._answer = 0
        self._paint_ms: float | None = None
        self._has_text = False

    def pressed(self) -> None:
        """A key has sent something; a question, perhaps."""
        self._pressed_at = self._clock()

    def begin(self) -> None:
        """A question's turn has come."""
        self._begun = self._clock() if self._pressed_at is None else self._pressed_at
        self._run += 1
        self._answer, self._paint_ms, self._has_text = 0, None, False
        self._pressed_at = None

    def waits(self) -> None:
        """What was sent has begun, or waits: a later turn is not counted from that key."""
        self._pressed_at = None

    def take(self, event: TurnEvent) -> None:
        """Something happened in the running turn; a stored answer has its text before its number."""
        match event:
            case TurnStarted(_, _, answer):
                self._answer = answer
                self._keep()
            case TextDelta() if not self._has_text:
                self._wait()

    def _wait(self) -> None:
        self._has_text = True
        run = self._run
        if self._stage.is_in_view:
            self._stage.after_frame(lambda: self._painted(run))

    def _painted(self, run: int) -> None:
        if run == self._run and self._stage.is_in_view:
            self._paint_ms = (self._clock() - self._begun) * 1000
            self._keep()

    def _keep(self) -> None:
        if self._answer and self._paint_ms is not None:
            self._keep_it(self._answer, self._paint_ms)
            self._paint_ms = None

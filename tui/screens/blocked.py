"""How long deep runs hold the person up: their panel is open, and nothing else is done meanwhile."""

from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from core.deep.status import RunStatus
from tui.bridge import Bridge
from tui.widgets.deep_panel import DeepPanel
from tui.widgets.prompt import Prompt

LOOKS_A_SECOND = 4


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    prompt: Prompt

    @property
    def is_waiting(self) -> bool:
        """Whether the person looks at the screen, nothing lies over it and no other answer is made."""
        ...

    def every(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something again and again."""
        ...


class Board(Protocol):
    """The runs of the screen."""

    @property
    def current(self) -> RunStatus | None:
        """How the one in the panel stands."""
        ...

    def under_way(self) -> int:
        """How many are not over."""
        ...


class BlockedTime:
    """Adds it up while runs are under way, and keeps it with the answer when one is over."""

    def __init__(self, stage: Stage, board: Board, panel: DeepPanel, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._board = board
        self._panel = panel
        self._clock = clock
        self._timer: Timer | None = None
        self._blocked_s: dict[int, float] = {}
        self._waits_for = 0
        self._at = 0.0

    def begin(self) -> None:
        """A run is watched from now on."""
        self.look()
        if self._timer is None:
            self._timer = self._stage.every(1 / LOOKS_A_SECOND, self.look)

    def look(self) -> None:
        """What was so at the last look is taken to have been so until now."""
        now = self._clock()
        # Who has begun to write something else is not held up, also while they think about it.
        is_free = bool(self._stage.prompt.text)
        if self._waits_for and not is_free:
            self._blocked_s[self._waits_for] = self._blocked_s.get(self._waits_for, 0.0) + now - self._at
        status = self._board.current
        is_open = status is not None and not status.state.is_over and self._panel.shape == "open"
        is_blocked = is_open and not is_free and self._stage.is_waiting
        self._waits_for = status.number if status is not None and is_blocked else 0
        self._at = now
        if self._timer is not None and not self._board.under_way():
            self._timer.stop()
            self._timer = None

    def ended(self, status: RunStatus) -> None:
        """A run is over, and its answer written."""
        self.look()
        blocked_s = self._blocked_s.pop(status.number, 0.0)
        if blocked_s and status.answer:
            self._stage.bridge.judging.blocked(status.answer, blocked_s * 1000)

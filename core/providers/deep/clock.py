"""The clocks of one call: content is progress, any byte is life, and silence is told before it is the end."""

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from core.providers.deep.calls import Silent
from core.providers.deep.limits import DeepLimits


class Phase(Enum):
    """What the call is waiting for."""

    HEADERS = auto()
    FIRST_CONTENT = auto()
    THINKING = auto()
    WRITING = auto()
    COUNTS = auto()


class Patience(NamedTuple):
    """Seconds of silence, by phase, for one request at one place."""

    headers_s: float
    first_content_s: float
    limits: DeepLimits

    def of(self, phase: Phase) -> float:
        """How long this phase may be silent."""
        match phase:
            case Phase.HEADERS:
                return self.headers_s
            case Phase.FIRST_CONTENT:
                return self.first_content_s
            case Phase.THINKING:
                return self.limits.thinking_s
            case Phase.WRITING:
                return self.limits.writing_s
            case Phase.COUNTS:
                return self.limits.counts_s


class StallClock:
    """When the call is to be given up, and when its silence is to be told.

    Attributes:
        phase: what is waited for.
    """

    def __init__(self, patience: Patience, now: Callable[[], float], ends_at: float) -> None:
        self._patience = patience
        self._now = now
        self._ends_at = ends_at
        self._life = self._progress = now()
        self._warn_after = patience.limits.warn_s
        self.phase = Phase.HEADERS

    @property
    def limit_s(self) -> float:
        """How long the phase may be silent."""
        return self._patience.of(self.phase)

    @property
    def gives_up_at(self) -> float:
        """The moment after which the call is over, unless there is progress."""
        return min(self._progress + self.limit_s, self._ends_at)

    @property
    def speaks_at(self) -> float:
        """The moment at which the silence is to be told."""
        return self._progress + self._warn_after

    @property
    def is_at_the_end(self) -> bool:
        """Whether the time of the whole call is over."""
        return self._now() >= self._ends_at

    def byte(self) -> None:
        """Something came: life."""
        self._life = self._now()

    def step(self, phase: Phase) -> None:
        """Content came, or the next phase began: progress. A step back is none."""
        self.phase = max(self.phase, phase, key=lambda each: each.value)
        self._progress = self._now()
        self._warn_after = self._patience.limits.warn_s

    def silence(self) -> Silent:
        """What is to be told; the next time it is told, it has doubled."""
        now = self._now()
        self._warn_after = max(self._warn_after * 2, now - self._progress)
        return Silent(now - self._progress, now - self._life, self.limit_s)

"""When to do less, or nothing: whose machine it is, who looks, what it costs, who else is there."""

from dataclasses import dataclass
from enum import StrEnum

from core.speculation.level import Level

MOST_BUSY_SHARE = 0.20
"""Of the device's time over the last five minutes."""
MOST_BUSY_SHARE_ON_BATTERY = 0.02
BUSY_OVER_S = 300.0
OTHERS_FOR_S = 600.0
"""So long only what is warm is kept, when somebody else was seen to use the server."""
MOST_IGNORED = 10
"""Offers in a row that nobody took hide the row, until one is taken by its slash form."""


class Power(StrEnum):
    """Where the machine's power comes from."""

    MAINS = "mains"
    BATTERY = "battery"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be done, and the one reason that it is not more.

    Attributes:
        reason: in words, as ``/speculation`` says it; empty when all may be done.
    """

    level: Level
    reason: str = ""


class Modesty:
    """Judges, anew before each speculative request.

    It is told of the terminal's focus, of every request's busy seconds, and of waits that only somebody else
    can explain; it reads the battery itself, at most every 30 s and in a thread.
    """

    def judge(self, *, place: str, remote_host: str) -> Judgement:
        """What may be done with a model at this place (the words of `Provider.place`)."""
        raise NotImplementedError

    def focused(self, has_focus: bool) -> None:
        """The terminal has the focus now, or not; a terminal that says neither is taken to have it."""
        raise NotImplementedError

    def busy(self, seconds: float) -> None:
        """The device was busy for us for so long, up to now."""
        raise NotImplementedError

    def others(self) -> None:
        """Somebody else uses the server."""
        raise NotImplementedError

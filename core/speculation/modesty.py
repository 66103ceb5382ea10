"""When to do less, or nothing: whose machine it is, who looks, what it costs, who else is there."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.providers.address import parse_address
from core.providers.own_hosts import is_own
from core.settings.model import SpeculationSettings
from core.speculation.kept import LEAST_KEPT_S, kept_s
from core.speculation.level import Level
from core.speculation.power import Power, PowerMeter

__all__ = [
    "BUSY_OVER_S",
    "MOST_BUSY_SHARE",
    "MOST_BUSY_SHARE_ON_BATTERY",
    "MOST_IGNORED",
    "OTHERS_FOR_S",
    "Judgement",
    "Modesty",
    "Power",
]

MOST_BUSY_SHARE = 0.20
"""Of the device's time over the last five minutes."""
MOST_BUSY_SHARE_ON_BATTERY = 0.015
"""Looked at before a request and not within one, so it ends a little before the 2 % that are the goal."""
BUSY_OVER_S = 300.0
OTHERS_FOR_S = 600.0
"""So long only what is warm is kept, when somebody else was seen to use the server."""
MOST_IGNORED = 10
"""Offers in a row that nobody took hide the row, until one is taken by its slash form."""


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
    can explain; it has the battery read itself, at most every 30 s and in a thread.

    Args:
        clock: a clock in seconds.
        power: what the machine runs on, said at once; None has it read.
    """

    def __init__(
        self,
        settings: SpeculationSettings,
        clock: Callable[[], float],
        power: Callable[[], Power] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._power = power or PowerMeter(clock)
        self._has_focus = True
        self._others_at = float("-inf")
        self._busy: deque[tuple[float, float]] = deque()
        self._busy_s = 0.0

    def judge(self, *, place: str, remote_host: str, keep_alive: str = "") -> Judgement:
        """What may be done with a model at this place (the words of `Provider.place`)."""
        # Of several reasons the one that leaves the least; of equal ones the first, which lasts the longest.
        limits = self._limits(place, remote_host, keep_alive)
        return min(limits, key=lambda judgement: judgement.level)

    def focused(self, has_focus: bool) -> None:
        """The terminal has the focus now, or not; a terminal that says neither is taken to have it."""
        self._has_focus = has_focus

    def busy(self, seconds: float) -> None:
        """The device was busy for us for so long, up to now."""
        if seconds > 0:
            now = self._clock()
            self._busy.append((now - seconds, now))
            self._busy_s += seconds

    def others(self) -> None:
        """Somebody else uses the server."""
        self._others_at = self._clock()

    def busy_share(self) -> float:
        """The device's time that went into what was made ahead, over the last five minutes."""
        since = self._clock() - BUSY_OVER_S
        while self._busy and self._busy[0][1] <= since:
            begin, end = self._busy.popleft()
            self._busy_s -= end - begin
        if not self._busy:
            self._busy_s = 0.0  # whatever rounding left of it
        # One after the other, so only the first of them can have begun before.
        early_s = max(0.0, since - self._busy[0][0]) if self._busy else 0.0
        return (self._busy_s - early_s) / BUSY_OVER_S

    def _limits(self, place: str, remote_host: str, keep_alive: str) -> Iterator[Judgement]:
        """Every limit that holds now, with its reason."""
        yield Judgement(Level.ALL)
        if not self._settings.enabled:
            yield Judgement(Level.OFF, "speculation.enabled is false")
        if why := self._why_elsewhere(place, remote_host):
            yield Judgement(Level.OFF, why)
        if kept_s(keep_alive) < LEAST_KEPT_S:
            yield Judgement(Level.OFF, f"the model is kept for {keep_alive} only")
        if not self._has_focus:
            yield Judgement(Level.OFF, "the terminal has no focus")
        yield from self._limits_of_power()
        waited_s = self._clock() - self._others_at
        if waited_s < OTHERS_FOR_S:
            yield Judgement(Level.WARM, f"another program used the server {_ago(waited_s)}")
        if not self._settings.chips:
            yield Judgement(Level.TYPING, "speculation.chips is 0")

    def _limits_of_power(self) -> Iterator[Judgement]:
        """What the battery allows, and the device's time: then only what somebody is about to ask is read."""
        share = self.busy_share()
        words = f"{100 * share:.0f} % of the last five minutes were spent on it"
        match self._power():
            case Power.BATTERY | Power.SAVER as power:
                why = "on battery" if power is Power.BATTERY else "the machine saves power"
                if share >= MOST_BUSY_SHARE_ON_BATTERY:
                    yield Judgement(Level.OFF, f"{words}, {why}")
                yield Judgement(Level.WARM, why)
            case _ if share >= MOST_BUSY_SHARE:
                yield Judgement(Level.TYPING, words)

    def _why_elsewhere(self, place: str, remote_host: str) -> str:
        """Why nothing may be sent there unasked; empty for this machine and for what counts as it."""
        if remote_host:
            return f"the model runs at {parse_address(remote_host, '').host}"
        if place in ("local", "demo"):
            return ""
        if is_own(place, self._settings.own_hosts):
            return ""
        return (
            f"the model runs at {place.partition(' ')[2] or place}, which is not among speculation.own_hosts"
        )


def _ago(seconds: float) -> str:
    return f"{seconds / 60:.0f} min ago" if seconds >= 60 else "just now"

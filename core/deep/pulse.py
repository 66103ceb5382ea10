"""Signs of life of a run's calls: the last fact, the last thought, and how long ago anything came."""

from dataclasses import dataclass

from core.redaction import redact
from core.sanitise import clean_line

_LONGEST_LINE = 300
_TAIL = 2_000
"""Of thinking: a line longer than this is shown from its end."""


@dataclass(slots=True)
class _Open:
    alive_at: float
    content_at: float
    waits: str = ""


class Pulse:
    """What the calls of a run tell of themselves; moments are given to it.

    Attributes:
        retries: how often a call was made again.
    """

    def __init__(self) -> None:
        self.retries = 0
        self._fact = ""
        self._tails: dict[str, str] = {}
        self._thinker = ""
        self._calls: dict[str, _Open] = {}

    def say(self, fact: str) -> None:
        """Something concrete has happened."""
        self._fact = safe_line(fact)

    def open(self, call: str, now: float) -> None:
        """A call goes out."""
        self._calls[call] = _Open(now, now)

    def close(self, call: str) -> None:
        """A call is over."""
        self._calls.pop(call, None)

    def alive(self, call: str, at: float) -> None:
        """Bytes came."""
        if opened := self._calls.get(call):
            opened.alive_at = max(opened.alive_at, at)

    def content(self, call: str, at: float) -> None:
        """Something came that says something."""
        if opened := self._calls.get(call):
            opened.alive_at = opened.content_at = at
            opened.waits = ""

    def waits(self, call: str, why: str) -> None:
        """Nothing comes, for a reason; until content comes this is the fact."""
        if opened := self._calls.get(call):
            opened.waits = safe_line(why)

    def think(self, call: str, text: str) -> None:
        """A piece of what a call thinks aloud."""
        self._tails[call] = (self._tails.get(call, "") + text)[-_TAIL:]
        if self._thinker not in self._calls:  # where several think at a time, one is followed to its end
            self._thinker = call

    @property
    def thinking(self) -> str:
        """The last line of it."""
        lines = [line for line in self._tails.get(self._thinker, "").splitlines() if line.strip()]
        return safe_line(lines[-1].strip()) if lines else ""

    def fact(self, now: float, progress: str) -> str:
        """The last concrete thing; that something waits goes before all, and progress before what was."""
        for opened in self._calls.values():
            if opened.waits:
                return f"{opened.waits} {minutes(now - opened.content_at)} ({self._life(opened, now)})"
        return progress or self._fact

    def alive_s(self, now: float) -> float | None:
        """Since the last byte of any call; None when none is open."""
        return min((now - each.alive_at for each in self._calls.values()), default=None)

    def silent_s(self, now: float) -> float | None:
        """Since the last content of any call; None when none is open."""
        return min((now - each.content_at for each in self._calls.values()), default=None)

    @staticmethod
    def _life(opened: _Open, now: float) -> str:
        ago = now - opened.alive_at
        return "alive" if ago < 2 else f"last byte {minutes(ago)} ago"


def safe_line(text: str) -> str:
    """A line for a person: harmless, without keys, of a length that can be read."""
    line = redact(clean_line(text))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def minutes(seconds: float) -> str:
    """A time as a clock shows it: ``1:10``."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"

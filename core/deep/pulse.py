"""Signs of life of a run's calls: the last fact, the last thought, and how long ago anything came."""

from dataclasses import dataclass

from core.amounts import clock_text
from core.deep.thinking import ThinkingLine
from core.redaction import redact
from core.sanitise import clean_line

_LONGEST_LINE = 300


@dataclass(slots=True)
class _Open:
    alive_at: float
    content_at: float
    waits: str = ""
    is_out: bool = True


class Pulse:
    """What the calls of a run tell of themselves; moments are given to it.

    Attributes:
        retries: how often a call was made again.
    """

    def __init__(self) -> None:
        self.retries = 0
        self._fact = ""
        self._thinking = ThinkingLine()
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

    def makes_way(self, call: str, why: str, now: float) -> None:
        """Nothing is on its way until somebody else has been served; with an empty reason it goes out."""
        if call in self._calls:
            self._calls[call] = _Open(now, now, safe_line(why), is_out=not why)

    def think(self, call: str, text: str, title: str = "") -> None:
        """A piece of what a call thinks aloud; with a title where others think beside it."""
        self._thinking.hear(call, text, title)

    def restart(self, call: str) -> None:
        """A call is made again: what it thought is gone with what it wrote."""
        self._thinking.forget(call)

    def thinking(self, now: float) -> str:
        """The last line of it, as long as it takes to read one."""
        return safe_line(self._thinking.at(now))

    def fact(self, now: float, progress: str) -> str:
        """The last concrete thing; that something waits goes before all, and progress before what was."""
        for opened in self._calls.values():
            if opened.waits:
                life = f" ({self._life(opened, now)})" if opened.is_out else ""
                return f"{opened.waits} {clock_text(now - opened.content_at)}{life}"
        return progress or self._fact

    def alive_s(self, now: float) -> float | None:
        """Since the last byte of any call; None when none is on its way."""
        return min((now - each.alive_at for each in self._calls.values() if each.is_out), default=None)

    def silent_s(self, now: float) -> float | None:
        """Since the last content of any call; None when none is on its way."""
        return min((now - each.content_at for each in self._calls.values() if each.is_out), default=None)

    @staticmethod
    def _life(opened: _Open, now: float) -> str:
        ago = now - opened.alive_at
        return "alive" if ago < 2 else f"last byte {clock_text(ago)} ago"


def safe_line(text: str) -> str:
    """A line for a person: harmless, without keys, of a length that can be read."""
    line = redact(clean_line(text))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"

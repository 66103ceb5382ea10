"""What a run's calls think aloud, as one line that a person can read: each call's own, never mixed."""

STAYS_S = 1.0
"""A line is read in about this time; until it is over no other takes its place."""
_TAIL = 2_000
"""Of a call's thinking: a line longer than this is shown from its end."""


class ThinkingLine:
    """The last line of the call that spoke last; moments are given to it."""

    def __init__(self) -> None:
        self._tails: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._last = ""
        self._shown = ""
        self._line = ""
        self._since = 0.0

    def hear(self, call: str, text: str, title: str = "") -> None:
        """A piece of what a call thinks.

        Args:
            title: what its line is told under; empty where nobody else thinks beside it.
        """
        self._tails[call] = (self._tails.get(call, "") + text)[-_TAIL:]
        self._titles[call] = title
        self._last = call

    def forget(self, call: str) -> None:
        """What it has thought is no part of anything."""
        self._tails.pop(call, None)
        if call == self._shown:
            self._line = ""

    def at(self, now: float) -> str:
        """The line to show, as it came: one that is shown may grow, and stays long enough to be read."""
        grown = self._of(self._shown)
        if self._line and now - self._since < STAYS_S:
            if grown.startswith(self._line):
                self._line = grown
            return self._line
        line = self._of(self._last)
        if line and line != self._line:
            is_same = self._last == self._shown and line.startswith(self._line)
            self._shown, self._line = self._last, line
            self._since = self._since if is_same else now
        return self._line

    def _of(self, call: str) -> str:
        lines = [line for line in self._tails.get(call, "").splitlines() if line.strip()]
        if not lines:
            return ""
        title = self._titles.get(call, "")
        return f"{title}: {lines[-1].strip()}" if title else lines[-1].strip()

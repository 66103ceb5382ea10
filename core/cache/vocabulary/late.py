"""Patterns that cost nothing until a line needs them."""

import re
from collections.abc import Callable


class Late:
    """A pattern compiled when a line first has one of the words without which it cannot match."""

    def __init__(self, pattern: str, *needs: str) -> None:
        self._pattern = pattern
        self._needs = needs
        self._compiled: re.Pattern[str] | None = None

    def _for(self, line: str) -> re.Pattern[str] | None:
        if self._needs and not any(word in line for word in self._needs):
            return None
        if self._compiled is None:
            self._compiled = re.compile(self._pattern, re.X)
        return self._compiled

    def match(self, line: str) -> re.Match[str] | None:
        """What stands at the beginning of the line."""
        pattern = self._for(line)
        return pattern.match(line) if pattern else None

    def fullmatch(self, line: str) -> re.Match[str] | None:
        """The line, if all of it fits."""
        pattern = self._for(line)
        return pattern.fullmatch(line) if pattern else None

    def search(self, line: str) -> re.Match[str] | None:
        """The first place that fits."""
        pattern = self._for(line)
        return pattern.search(line) if pattern else None

    def sub(self, wording: str | Callable[[re.Match[str]], str], line: str) -> str:
        """The line with another wording wherever it fits."""
        pattern = self._for(line)
        return pattern.sub(wording, line) if pattern else line

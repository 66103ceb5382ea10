"""Finding words in what is laid out, across the ends of lines and whatever the marks between them."""

import re
from dataclasses import dataclass

from tui.transcript.stack import Part

# What may stand between two letters where a line ends: the marks before the next one.
_LINE_END = r"(?:\n[ ▌↪]*)?"
_SPACE = r"[ \n▌↪]+"
_MARKS = re.compile(r"[\s*_`~\\\[\]|>#<]+")
_MOST_KNOWN = 500


@dataclass(frozen=True, slots=True)
class Match:
    """One occurrence.

    Attributes:
        marks: line, first and last column, one for each line that it is on.
    """

    marks: tuple[tuple[int, int, int], ...]


class Finder:
    """Finds one text, whatever the case."""

    def __init__(self, text: str) -> None:
        self.text = text
        words = [_LINE_END.join(map(re.escape, word)) for word in text.split()]
        self._pattern = re.compile(_SPACE.join(words), re.IGNORECASE)
        self._bare = _bare(text)
        self._known: dict[Part, tuple[object, list[Match]]] = {}

    def may_be_in(self, source: str) -> bool:
        """Whether it is worth laying a source out."""
        return self._bare in _bare(source) or "](" in source or "&" in source

    def matches(self, part: Part) -> list[Match]:
        """Where it is in a part that is laid out."""
        if part.lines is None:
            return []
        known = self._known.get(part)
        if known is not None and known[0] is part.lines:
            return known[1]
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        texts = [line.text for line in part.lines]
        found = [_match(texts, hit.start(), hit.end()) for hit in self._pattern.finditer("\n".join(texts))]
        self._known[part] = part.lines, found
        return found


def _match(texts: list[str], start: int, end: int) -> Match:
    marks = []
    at = 0
    for number, text in enumerate(texts):
        if at >= end:
            break
        first, last = max(start - at, 0), min(end - at, len(text))
        if first < last:
            marks.append((number, first, last))
        at += len(text) + 1
    return Match(tuple(marks))


def _bare(text: str) -> str:
    return _MARKS.sub("", text).casefold()

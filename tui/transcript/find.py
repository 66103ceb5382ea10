"""Finding words in what is laid out, across the ends of lines and whatever the marks between them."""

import re
from dataclasses import dataclass

from tui.transcript.stack import Part

# What may stand between two letters where a line ends: the marks before the next one.
_LINE_END = r"(?:\n[ ▌↪]*)?"
_SPACE = r"[ \n▌↪]+"
_MARKS = re.compile(r"[\s*_`~\\\[\]|>#<]+")
_MOST_KNOWN = 50_000


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
        self._known: dict[Part, tuple[str, int, list[Match] | None]] = {}

    def may_be_in(self, source: str) -> bool:
        """Whether it is worth laying a source out."""
        return self._bare in _bare(source) or "](" in source or "&" in source

    def known(self, part: Part, width: int) -> list[Match] | None:
        """Where it is in a part that was searched at this width, laid out or not; None when it was not."""
        source, known_width, found = self._known.get(part, ("", 0, None))
        return found if known_width == width and source == part.source else None

    def matches(self, part: Part) -> list[Match]:
        """Where it is in a part that is laid out."""
        if part.lines is None:
            return []
        found = self.known(part, part.width)
        if found is None:
            texts = [line.text for line in part.lines]
            hits = self._pattern.finditer("\n".join(texts))
            found = [_match(texts, hit.start(), hit.end()) for hit in hits]
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[part] = part.source, part.width, found
        return found

    def is_nowhere_in(self, part: Part, width: int) -> None:
        """A part need not be searched again."""
        self._known[part] = part.source, width, []


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

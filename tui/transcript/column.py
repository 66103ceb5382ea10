"""The entries of a transcript one below the other: which line is where, and where a reader is.

An entry that was never laid out has a guessed height, and one that was laid out for another width keeps
the height it had; both are put right when someone comes near.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tui.transcript.entry import Entry
from tui.transcript.lines import BLANK, Line


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: a part of an entry, and the row of the view in which it stands."""

    index: int
    part: tuple[int, int]
    row: int


class Column:
    """All entries, and the line at which each begins."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._index: dict[int, int] = {}
        self._starts: list[int] = [0]
        self._width = 0

    @property
    def height(self) -> int:
        """How many lines there are, as far as it is known."""
        return self._starts[-1]

    def add(self, entry: Entry) -> None:
        """Put an entry below the others."""
        self._index[entry.key] = len(self.entries)
        self.entries.append(entry)
        self._starts.append(self._starts[-1] + entry.height(self._width))

    def clear(self) -> None:
        """Take all entries away."""
        self.entries.clear()
        self._index.clear()
        self._starts = [0]

    def find(self, key: int) -> Entry | None:
        """The entry of that key; the newest, should a key have been used twice."""
        index = self._index.get(key)
        return None if index is None else self.entries[index]

    def start_of(self, entry: Entry) -> int:
        """The line at which an entry begins."""
        return self._starts[self._index[entry.key]]

    def measure(self, changed: Entry) -> None:
        """Add up the heights anew, from an entry whose own has changed."""
        self._measure(self._index[changed.key])

    def resize(self, width: int) -> None:
        """From now on the entries are to have this width."""
        self._width = width
        self._measure(0)

    def lay_out_near(self, first_line: int, last_line: int) -> bool:
        """Lay out the entries between two lines, as far as they are not; whether that changed anything."""
        first, last = self._index_at(first_line), self._index_at(last_line)
        stale = [entry for entry in self.entries[first : last + 1] if entry.width != self._width]
        for entry in stale:
            entry.lay_out(self._width)
        if stale:
            self._measure(first)
        return bool(stale)

    def line(self, y: int) -> Line:
        """A line of the column; blank where nothing is, or nothing is laid out yet."""
        index = self._index_at(y)
        if index >= len(self.entries):
            return BLANK
        lines = self.entries[index].lines
        at = y - self._starts[index]
        return lines[at] if 0 <= at < len(lines) else BLANK

    def texts(self, first_line: int, last_line: int) -> Iterator[str]:
        """What the lines say; an entry that is not laid out gives its source."""
        for index in range(self._index_at(first_line), min(self._index_at(last_line) + 1, len(self.entries))):
            entry, start = self.entries[index], self._starts[index]
            if not entry.lines:
                yield from (*entry.question.split("\n"), "", *entry.answer.split("\n"), "")
                continue
            for line in entry.lines[max(first_line - start, 0) : last_line + 1 - start]:
                yield line.text

    def place_at(self, top: int, height: int) -> Place | None:
        """The first thing in a view that is laid out; None when nothing is."""
        index = self._index_at(top)
        while index < len(self.entries) and self._starts[index] < top + height:
            entry = self.entries[index]
            if entry.lines:
                line = max(top - self._starts[index], 0)
                return Place(index, entry.place_of(line), self._starts[index] + line - top)
            index += 1
        return None

    def top_for(self, place: Place) -> int:
        """The first line of the view in which a place is where it was."""
        return self._starts[place.index] + self.entries[place.index].line_at(place.part) - place.row

    def _index_at(self, y: int) -> int:
        return max(0, min(bisect_right(self._starts, y), len(self.entries)) - 1)

    def _measure(self, index: int) -> None:
        del self._starts[index + 1 :]
        for entry in self.entries[index:]:
            self._starts.append(self._starts[-1] + entry.height(self._width))

"""The whole conversation as one column: pages of turns that are read when someone comes near.

A stored turn that is far away is not held at all, only its number and a guess of its height. What was said
on this screen stays, but its lines are given up as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tui.transcript.answer import Answer
from tui.transcript.code import is_continued
from tui.transcript.entry import Entry
from tui.transcript.fences import Colours
from tui.transcript.pages import PAGE, Page, Turns, TurnSource
from tui.transcript.stack import Part, Stack, Tall

MOST_LINES = 4_000
MOST_PAGES = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: a line within a part, and the row of the view in which it stands.

    Attributes:
        height, width: of the part, when the reader was there.
    """

    path: tuple[Tall, ...]
    line: int
    row: int
    height: int
    width: int


class Column(Stack[Page]):
    """All turns, one below the other.

    Attributes:
        work: how many lines were laid out so far.
        width: cells of a line; 0 while it is not known.
    """

    def __init__(self) -> None:
        self.colours = Colours()
        self.source: TurnSource = Turns(())
        self.width = 0
        self.work = 0
        self._kept: dict[Part, None] = {}
        self._held = 0
        self._places: dict[int, Page] = {}
        self._entries: dict[int, Entry] = {}
        super().__init__()

    def clear(self) -> None:
        """Take all turns away."""
        self.items = []
        self.measure(0)
        self.source = Turns(())
        self.colours.clear()
        self._kept.clear()
        self._held = 0
        self._places.clear()
        self._entries.clear()

    def show(self, source: TurnSource) -> None:
        """Begin with stored turns; only those at the end are read."""
        self.clear()
        self.source = source
        keys = source.keys()
        first = len(keys) % PAGE
        cuts = [*([0] if first else []), *range(first, len(keys) + 1, PAGE)]
        for start, end in pairwise(cuts):
            before = keys[end] if end < len(keys) else None
            page = Page(keys[start:end], partial(self._fetch, before, end - start))
            self._places.update(dict.fromkeys(page.keys, page))
            self.items.append(page)
        if self.items:
            self.items[-1].read()
            usual = self.items[-1].height / len(self.items[-1].keys)
            for page in self.items[:-1]:
                page.guess(round(usual * len(page.keys)))
        self.measure(0)

    def _fetch(self, before: int | None, last: int) -> Iterator[Entry]:
        for turn in self.source.page(before, last):
            yield Entry.of(turn, self.colours, self.width)

    def add(self, entry: Entry) -> None:
        """Put a turn below the others."""
        if not self.items or self.items[-1].keys or len(self.items[-1].items) >= PAGE:
            self.items.append(Page())
        page = self.items[-1]
        page.items.append(entry)
        self._entries[entry.key] = entry
        self._places[entry.key] = page
        page.measure(len(page.items) - 1)
        self.measure(len(self.items) - 1)

    def find(self, key: int, *, to_change: bool = False) -> Entry | None:
        """The turn of that key; the newest, should a key have been used twice.

        Args:
            to_change: it will not be as it was stored, and has to stay.
        """
        if key in self._entries:
            return self._entries[key]
        page = self._places.get(key)
        if page is None:
            return None
        page.read()
        self.measure(self.items.index(page))
        entry = next((entry for entry in page.items if entry.key == key), None)
        if entry is not None and to_change:
            page.is_touched = True
            self._entries[key] = entry
        return entry

    def entries(self) -> Iterator[Entry]:
        """The turns that are here, newest first."""
        for page in reversed(self.items):
            yield from reversed(page.items)

    def changed(self, entry: Entry, answer: Answer | None = None) -> None:
        """The height of a turn is another now, because of one of its answers or because of all of it."""
        page = self._places[entry.key]
        if entry not in page.items:
            return  # it has been given up
        entry.measure(0 if answer is None else entry.items.index(answer))
        page.measure(page.items.index(entry))
        self.measure(self.items.index(page))

    def measure_all(self) -> None:
        """Heights may be others everywhere."""
        for page in self.items:
            for entry in page.items:
                for answer in entry.answers:
                    answer.measure(0)
                entry.measure(0)
            page.measure(0)
        self.measure(0)

    def path_to(self, entry: Entry) -> tuple[Tall, ...]:
        """Where a turn is."""
        return (self._places[entry.key], entry)

    def entries_between(self, first: int, last: int) -> Iterator[Entry]:
        """The turns between two lines, as far as they are here."""
        if not self.items:
            return
        for index in range(self.index_at(first), self.index_at(last) + 1):
            page, start = self.items[index], self.start_of(index)
            if page.items:
                yield from page.items[page.index_at(first - start) : page.index_at(last - start) + 1]

    def lay_out_near(self, first: int, last: int) -> bool:
        """Lay out what is between two lines, as far as it is not; whether that changed anything."""
        laid: list[Part] = []
        is_changed = self.lay_out(first, last, self.width, laid)
        self.hold(laid)
        return is_changed

    def hold(self, laid: list[Part]) -> None:
        """Some parts were laid out."""
        lines = sum(part.height for part in laid)
        self.work += lines
        self._held += lines
        self._kept.update(dict.fromkeys(laid))

    @property
    def kept_lines(self) -> int:
        """How many lines are held."""
        return sum(len(part.lines) for part in self._kept if part.lines is not None)

    @property
    def kept_entries(self) -> int:
        """How many turns are held."""
        return sum(len(page.items) for page in self.items)

    def trim(self, first: int, last: int) -> None:
        """Give up what is far from two lines, when much is held."""
        if self._held > MOST_LINES:
            near = {part for _, part in self.parts(first, last)}
            for part in self._kept:
                if part not in near:
                    part.stale()
            self._kept = dict.fromkeys(part for part in self._kept if part in near)
            self._held = self.kept_lines
        read = [page for page in self.items if page.is_read and not page.is_touched]
        if len(read) > MOST_PAGES:
            middle = self.index_at((first + last) // 2)
            read.sort(key=lambda page: abs(self.items.index(page) - middle))
            for page in read[MOST_PAGES // 2 :]:
                page.give_up()

    def texts(self, first: int, last: int) -> Iterator[tuple[str, bool]]:
        """What each line says, and whether it goes on with the one above; source where none is laid out."""
        if not self.items:
            return
        for index in range(self.index_at(first), self.index_at(last) + 1):
            page, start = self.items[index], self.start_of(index)
            if page.is_read:
                parts = ((start + at, part) for at, part in page.parts(first - start, last - start))
            else:
                entries = Stack(page.fetched())
                for entry in entries.items:
                    for answer in entry.answers:
                        answer.flush(is_whole=True)
                parts = ((start, part) for _, part in entries.parts(0, entries.height))
            for at, part in parts:
                if part.lines is None:
                    yield from ((text, False) for text in part.source.rstrip("\n").split("\n"))
                else:
                    for line in part.lines[max(first - at, 0) : max(last + 1 - at, 0)]:
                        yield line.text, is_continued(line)

    def place_at(self, top: int, height: int) -> Place | None:
        """The first thing in a view that is laid out, else what would be at its top."""
        if not self.items:
            return None
        for start, part in self.parts(top, top + height - 1):
            if part.lines and start + part.height > top:
                y = max(start, top)
                return Place(self.path_at(y)[0], y - start, y - top, part.height, part.width)
        path, line = self.path_at(top)
        return Place(path, line, 0, path[-1].height, self.width)

    def top_for(self, place: Place) -> int:
        """The first line of the view in which a place is where it was."""
        line = place.line
        last = place.path[-1]
        if isinstance(last, Part) and last.width != place.width and place.height:
            line = line * last.height // place.height
        return self.start_of_path(place.path) + line - place.row

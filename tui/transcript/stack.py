"""Things with a height, one below the other, and within each other: from a conversation down to a paragraph.

What was never laid out has a guessed height, and what was laid out for another width keeps the height it
had; both are put right when someone comes near. Lines are given up when everyone is far away.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from tui.transcript.lines import BLANK, Line

Draw = Callable[[int], list[Line]]


class Part:
    """The smallest thing that is laid out by itself.

    Attributes:
        source: what it says, before it is laid out.
        lines: what it is on the screen; None when it must be laid out.
        width: what it was last laid out for; 0 when never.
    """

    __slots__ = ("draw", "height", "lines", "source", "width")

    def __init__(self, source: str, draw: Draw, width: int) -> None:
        self.source = source
        self.draw = draw
        self.lines: list[Line] | None = None
        self.width = 0
        self.height = guessed_height(source, width)

    def renew(self, source: str, draw: Draw) -> None:
        """Something else is here now; its height is that of before until it is laid out."""
        self.source, self.draw, self.lines = source, draw, None

    def stale(self) -> None:
        """It has to be laid out again."""
        self.lines = None

    def lay_out(self, first: int, last: int, width: int, laid: list["Part"]) -> bool:
        """Lay it out for a width, if it is not."""
        if self.lines is not None and self.width == width:
            return False
        self.lines = self.draw(width)
        self.width = width
        self.height = len(self.lines)
        laid.append(self)
        return True

    def line(self, y: int) -> Line:
        """One of its lines; blank while it is not laid out."""
        return self.lines[y] if self.lines is not None and y < len(self.lines) else BLANK

    def parts(self, first: int, last: int) -> Iterator[tuple[int, "Part"]]:
        """Itself."""
        yield 0, self

    def path_at(self, y: int) -> tuple[tuple["Tall", ...], int]:
        """Nothing is within it; the line is its own."""
        return (), y


class Tall(Protocol):
    """What a stack is made of: parts and stacks."""

    @property
    def height(self) -> int:
        """How many lines it has, as far as it is known."""
        ...

    def lay_out(self, first: int, last: int, width: int, laid: list[Part]) -> bool:
        """Lay out what is between two of its lines; whether anything was to do."""
        ...

    def line(self, y: int) -> Line:
        """One of its lines."""
        ...

    def parts(self, first: int, last: int) -> Iterator[tuple[int, Part]]:
        """The parts between two of its lines, and where each begins."""
        ...

    def path_at(self, y: int) -> tuple[tuple["Tall", ...], int]:
        """What is at a line, from the outermost inwards, and the line within the innermost."""
        ...


T = TypeVar("T", bound=Tall)


class Stack(Generic[T]):
    """Some of them, and the line at which each begins."""

    def __init__(self, items: Sequence[T] = ()) -> None:
        self.items: list[T] = list(items)
        self._starts = [0]
        self.measure(0)

    @property
    def height(self) -> int:
        """How many lines there are, as far as it is known."""
        return self._starts[-1]

    def measure(self, index: int) -> None:
        """Add up the heights anew, from an item on."""
        del self._starts[index + 1 :]
        for item in self.items[index:]:
            self._starts.append(self._starts[-1] + item.height)

    def start_of(self, index: int) -> int:
        """The line at which an item begins."""
        return self._starts[index]

    def lay_out(self, first: int, last: int, width: int, laid: list[Part]) -> bool:
        """Lay out what is between two lines; whether anything was to do."""
        if not self.items:
            return False
        low, high = self.index_at(first), self.index_at(last)
        is_changed = False
        for index in range(low, high + 1):
            start = self._starts[index]
            is_changed |= self.items[index].lay_out(first - start, last - start, width, laid)
        if is_changed:
            self.measure(low)
        return is_changed

    def line(self, y: int) -> Line:
        """A line; blank where nothing is, or nothing is laid out yet."""
        if not self.items or not 0 <= y < self.height:
            return BLANK
        index = self.index_at(y)
        return self.items[index].line(y - self._starts[index])

    def parts(self, first: int, last: int) -> Iterator[tuple[int, Part]]:
        """The parts between two lines, and where each begins."""
        if not self.items:
            return
        for index in range(self.index_at(first), self.index_at(last) + 1):
            start = self._starts[index]
            for at, part in self.items[index].parts(first - start, last - start):
                yield start + at, part

    def path_at(self, y: int) -> tuple[tuple[Tall, ...], int]:
        """What is at a line, from the outermost inwards, and the line within the innermost."""
        if not self.items:
            return (), y
        index = self.index_at(y)
        path, line = self.items[index].path_at(y - self._starts[index])
        return (self.items[index], *path), line

    def start_of_path(self, path: Sequence[Tall]) -> int:
        """The line at which the end of a path begins, or the last thing on it that is still here."""
        if not path or path[0] not in self.items:
            return 0
        item = path[0]
        start = self._starts[self.items.index(item)]
        return start + (item.start_of_path(path[1:]) if isinstance(item, Stack) else 0)

    def index_at(self, y: int) -> int:
        """The item at a line, or the one nearest to it."""
        return max(0, min(bisect_right(self._starts, y), len(self.items)) - 1)


def guessed_height(text: str, width: int) -> int:
    """How many lines a text may take."""
    text = text.strip("\n")
    return text.count("\n") + len(text) // max(width, 20) + 1

"""What everything is laid out to: lines of named spans, and text broken to a width of cells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len, split_graphemes

Span = tuple[str, str]
"""A text and how it looks: names of styles, from the outermost inwards, with spaces between.

A name that begins with `ADDRESS` is no style, but where the text leads.
"""

ADDRESS = "→"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen.

    Attributes:
        fill: how the rest of the line looks, up to the width.
    """

    spans: tuple[Span, ...] = ()
    fill: str = ""

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(text for text, _ in self.spans)

    def address_at(self, cell: int) -> str:
        """Where the text in a cell leads; empty when it is no link."""
        for text, style in self.spans:
            cell -= cell_len(text)
            if cell < 0:
                return address_in(style)
        return ""


BLANK = Line()

# A wide character may end or begin a line on its own, as Chinese and Japanese do; its marks stay with it.
_WIDE = "\u2e80-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff60"
_CHUNKS = re.compile(
    rf"\n|[ \t]+|(?P<wide>[{_WIDE}][\u0300-\u036f\u302a-\u302f\u3099\u309a\ufe0e\ufe0f]*)|[^ \t\n{_WIDE}]+"
)


def address_in(style: str) -> str:
    """Where a span leads; empty when it is no link."""
    _, mark, address = style.partition(ADDRESS)
    return address.partition(" ")[0] if mark else ""


def styled(outer: str, inner: str) -> str:
    """One style within another."""
    return f"{outer} {inner}" if outer and inner else outer or inner


def wrap(spans: Iterable[Span], width: int, fill: str = "") -> list[Line]:
    """The spans on lines of at most `width` cells, broken at spaces; a newline begins a new line."""
    breaker = _Breaker(max(width, 1), fill)
    for text, style in spans:
        for chunk in _CHUNKS.finditer(text):
            breaker.take(chunk[0], style, is_wide=chunk["wide"] is not None)
    return breaker.finish()


def prefixed(lines: Iterable[Line], first: Span, rest: Span) -> list[Line]:
    """The lines with a mark before the first, and another before each of the others."""
    return [
        Line((rest if index else first, *line.spans), line.fill)
        for index, line in enumerate(lines or [BLANK])
    ]


def chop(spans: Iterable[Span], width: int) -> list[list[Span]]:
    """The spans on rows of at most `width` cells, broken anywhere but inside a character."""
    rows: list[list[Span]] = [[]]
    used = 0
    for text, style in spans:
        if used + cell_len(text) <= width:
            rows[-1].append((text, style))
            used += cell_len(text)
            continue
        begin = 0
        for start, _, size in split_graphemes(text)[0]:
            if used and used + size > width:
                if start > begin:
                    rows[-1].append((text[begin:start], style))
                rows.append([])
                begin, used = start, 0
            used += size
        rows[-1].append((text[begin:], style))
    return rows


class _Breaker:
    """Fills lines with words: a space is kept back until the word behind it fits."""

    def __init__(self, width: int, fill: str) -> None:
        self._width = width
        self._fill = fill
        self._lines: list[Line] = []
        self._line: list[Span] = []
        self._line_cells = 0
        self._space: list[Span] = []
        self._space_cells = 0
        self._word: list[Span] = []
        self._word_cells = 0

    def take(self, chunk: str, style: str, is_wide: bool) -> None:
        if chunk == "\n":
            self._end_word()
            self._end_line()
        elif chunk[0] in " \t":
            self._end_word()
            self._space.append((chunk.expandtabs(4), style))
            self._space_cells += len(self._space[-1][0])
        else:
            if is_wide:
                self._end_word()
            self._word.append((chunk, style))
            self._word_cells += cell_len(chunk)

    def finish(self) -> list[Line]:
        self._end_word()
        if self._line or not self._lines:
            self._end_line()
        return self._lines

    def _end_word(self) -> None:
        if not self._word:
            return
        needed = self._space_cells + self._word_cells
        if self._line_cells and self._line_cells + needed > self._width:
            self._end_line()
        elif needed <= self._width:
            self._line += self._space
            self._line_cells += self._space_cells
        if self._word_cells > self._width:
            *full, self._word = chop(self._word, self._width)
            for row in full:
                self._line += row
                self._end_line()
            self._word_cells = sum(cell_len(text) for text, _ in self._word)
        self._line += self._word
        self._line_cells += self._word_cells
        self._space, self._space_cells = [], 0
        self._word, self._word_cells = [], 0

    def _end_line(self) -> None:
        self._lines.append(Line(tuple(_merged(self._line)), self._fill))
        self._line, self._line_cells = [], 0
        self._space, self._space_cells = [], 0


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for text, style in spans:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        elif text:
            merged.append((text, style))
    return merged

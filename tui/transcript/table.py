"""Tables: columns share the width, cells wrap, and a table too wide for the screen becomes a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.transcript.lines import BLANK, Line, Span, wrap

_BAR: Span = (" │ ", "table")
_LEAST = 4

Cell = list[Span]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells; every row has as many as the header.

    Attributes:
        alignments: ``left``, ``center`` or ``right``, one a column.
    """

    header: list[Cell]
    rows: list[list[Cell]]
    alignments: list[str]


def table_lines(table: Table, width: int, natural: Sequence[int] = ()) -> list[Line]:
    """The table on lines of at most `width` cells.

    Args:
        natural: how wide the columns would like to be, when these are further rows of a table; its header
            is then there already.
    """
    columns = len(table.header)
    room = width - len(_BAR[0]) * (columns - 1)
    if room < columns * _LEAST:
        return _as_list(table, width, is_further=bool(natural))
    widths = _share(natural or natural_widths(table), room)
    lines = []
    if not natural:
        lines += _row_lines(table.header, widths, table.alignments)
        lines.append(Line((("─┼─".join("─" * size for size in widths), "table"),)))
    for row in table.rows:
        lines += _row_lines(row, widths, table.alignments)
    return lines


def natural_widths(table: Table) -> tuple[int, ...]:
    """How wide the columns would like to be."""
    rows = [table.header, *table.rows]
    return tuple(max(_cells(row[column]) for row in rows) for column in range(len(table.header)))


def _share(natural: Sequence[int], room: int) -> list[int]:
    """Widths that fit the room: narrow columns keep theirs, wide ones share what is left."""
    widths = [max(size, 1) for size in natural]
    if sum(widths) <= room:
        return widths
    open_columns = set(range(len(widths)))
    while open_columns:
        fair = room // len(open_columns)
        narrow = {column for column in open_columns if widths[column] <= fair}
        if not narrow:
            for place, column in enumerate(sorted(open_columns)):
                widths[column] = fair + (place < room % len(open_columns))
            break
        room -= sum(widths[column] for column in narrow)
        open_columns -= narrow
    return widths


def _row_lines(row: Sequence[Cell], widths: Sequence[int], alignments: Sequence[str]) -> list[Line]:
    cells = [wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
    lines = []
    for y in range(max(map(len, cells))):
        spans: list[Span] = []
        for column, (cell, size) in enumerate(zip(cells, widths, strict=True)):
            if column:
                spans.append(_BAR)
            is_last = column == len(widths) - 1
            spans += _aligned(cell[y] if y < len(cell) else BLANK, size, alignments[column], is_last)
        lines.append(Line(tuple(spans)))
    return lines


def _aligned(line: Line, size: int, alignment: str, is_last: bool) -> list[Span]:
    free = size - cell_len(line.text)
    before = {"right": free, "center": free // 2}.get(alignment, 0)
    after = 0 if is_last else free - before
    pads = [[(" " * count, "")] if count > 0 else [] for count in (before, after)]
    return [*pads[0], *line.spans, *pads[1]]


def _as_list(table: Table, width: int, *, is_further: bool) -> list[Line]:
    """Each row as lines of its own, a cell behind its column's name."""
    if not table.rows:
        return [line for cell in table.header for line in wrap(cell, width)]
    lines: list[Line] = [BLANK] if is_further else []
    for row in table.rows:
        lines += [BLANK] if lines else []
        for name, cell in zip(table.header, row, strict=True):
            lines += wrap([*name, (": ", "table"), *cell], width)
    return lines


def _cells(cell: Cell) -> int:
    """The width of a cell's widest line."""
    return max(cell_len(line) for line in "".join(text for text, _ in cell).split("\n"))

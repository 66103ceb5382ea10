"""Top-level fences, piece by piece, and their colours, which come in slices behind the text."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.sanitise import clean_line
from tui.transcript.block import Block
from tui.transcript.code import (
    MOST_COLOURED,
    Code,
    Colouring,
    Row,
    code_lines,
    header,
    language_of,
    lexer_of,
    rows_to_lines,
)
from tui.transcript.lines import Line, wrap

_AT_ONCE = 1_500
_MOST_KEPT = 24


def info_of(block: Block) -> str:
    """What a fence says behind its mark."""
    assert block.body is not None
    opening = block.head or block.source[: block.body[0]]
    return clean_line(opening.strip().lstrip("`~")).strip()


def body_of(block: Block, *, is_open: bool = False) -> str:
    """The code in a piece of a fence, as it is shown: without what the fence itself is indented by."""
    assert block.body is not None
    body = block.source[block.body[0] : block.body[1]]
    if is_open and _is_forming_fence(body.rpartition("\n")[2]):
        body = body[: body.rfind("\n") + 1]
    opening = (block.head or block.source[: block.body[0]]).lstrip("\n")
    indent = len(opening) - len(opening.lstrip(" "))
    if not indent:
        return body
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in body.split("\n"))


def is_forming(source: str) -> bool:
    """Whether the last line may become a fence's mark in a moment; as text it would flicker."""
    return _is_forming_fence(source.rpartition("\n")[2])


def _is_forming_fence(line: str) -> bool:
    mark = line.strip()
    return bool(mark) and not (mark.strip("`") and mark.strip("~"))


@dataclass(slots=True)
class Fence:
    """One fence with its pieces so far; the last of them may be open.

    Attributes:
        finished: how many of the pieces stay as they are.
    """

    number: int
    pieces: list[Block] = field(default_factory=list)
    is_open: bool = True
    is_folded: bool = False
    finished: int = 0
    _known: tuple[int, str, list[Line]] = field(default_factory=lambda: (0, "", []))

    @property
    def code(self) -> Code:
        """The whole of it."""
        text = "".join(body_of(piece) for piece in self.pieces)
        return Code(language_of(info_of(self.pieces[0])), text.removesuffix("\n"))

    def lines_of(self, index: int, width: int, colours: "Colours", redraw: Callable[[], None]) -> list[Line]:
        """The lines of one piece; the first has the header.

        Args:
            redraw: called when the colours have come.
        """
        piece = self.pieces[index]
        is_last = index == len(self.pieces) - 1
        body = body_of(piece, is_open=self.is_open and is_last)
        above = [] if index else header(info_of(piece), self.number, width)
        if self.is_folded:
            count = self.code.text.count("\n") + 1
            return above + ([] if index else wrap([(f"… {count} lines", "fold")], width))
        if not body and (index or self.is_open):
            return above
        text = body.removesuffix("\n")
        if not self.is_open and (rows := self._rows(index, text, colours, redraw)) is not None:
            return above + rows_to_lines(rows, width)
        return above + (self._growing(text, width) if self.is_open and is_last else _plain(text, width))

    def _growing(self, text: str, width: int) -> list[Line]:
        """An open fence only grows: each of its whole lines is laid out once."""
        whole, newline, partial = text.rpartition("\n")
        if not newline:
            return _plain(partial, width)
        known_width, known, lines = self._known
        if known_width != width or not (whole == known or whole.startswith(known + "\n")):
            lines = _plain(whole, width)
        elif whole != known:
            lines = lines + _plain(whole[len(known) + 1 :], width)
        self._known = width, whole, lines
        return lines + _plain(partial, width)

    def _rows(
        self, index: int, text: str, colours: "Colours", redraw: Callable[[], None]
    ) -> list[Row] | None:
        if sum(len(piece.source) for piece in self.pieces) > 2 * MOST_COLOURED:
            return None
        if any(not body_of(piece).endswith("\n") for piece in self.pieces[:-1]):
            return None  # cut within a line
        rows = colours.rows(self, redraw)
        if rows is None:
            return None
        start = sum(body_of(piece).count("\n") for piece in self.pieces[:index])
        return rows[start : start + text.count("\n") + 1]


def _plain(text: str, width: int) -> list[Line]:
    return code_lines(Code("", text), width, is_plain=True)


class Colours:
    """Colours code behind the text: short code at once, longer code a slice at a time."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Fence, list[Row] | None]] = {}
        self._waiting: dict[int, tuple[Fence, Colouring, list[Callable[[], None]]]] = {}

    @property
    def has_work(self) -> bool:
        """Some code waits for its colours."""
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._waiting.clear()

    def rows(self, fence: Fence, redraw: Callable[[], None]) -> list[Row] | None:
        """The rows of a fence that has ended; None when they are to come, or will never have colours."""
        if known := self._known.get(id(fence)):
            return known[1]
        if waiting := self._waiting.get(id(fence)):
            waiting[2].append(redraw)
            return None
        code = fence.code
        text = code.text.expandtabs(4)
        lexer = lexer_of(code.language, text)
        if lexer is None:
            return self._keep(fence, None)
        colouring = Colouring(lexer, text)
        if len(text) > _AT_ONCE:
            self._waiting[id(fence)] = fence, colouring, [redraw]
            return None
        while not colouring.advance():
            pass
        return self._keep(fence, colouring.rows)

    def work(self) -> None:
        """One slice of what has waited longest."""
        for fence, colouring, redraws in self._waiting.values():
            if colouring.advance():
                del self._waiting[id(fence)]
                self._keep(fence, colouring.rows)
                for redraw in redraws:
                    redraw()
            return

    def _keep(self, fence: Fence, rows: list[Row] | None) -> list[Row] | None:
        while len(self._known) >= _MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[id(fence)] = fence, rows
        return rows

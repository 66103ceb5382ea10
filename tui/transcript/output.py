"""What a command writes while it runs: plain lines as they stand, of which the newest are held."""

from functools import partial

from tui.transcript.answer import Answer
from tui.transcript.fences import Colours
from tui.transcript.lines import Line, chop
from tui.transcript.stack import Part

LINES_A_PART = 50
MOST_PARTS = 40
_LONGEST_LINE = 4_000


class Output(Answer):
    """Stands in a turn where answers stand; it is nobody's words, so it is not copied as an answer is."""

    def __init__(self, colours: Colours, width: int) -> None:
        super().__init__(colours, width)
        self._lines: list[str] = []
        self._open = ""
        self._given_up = 0
        self._left_out = Part("", self._draw_left_out, width)
        self._left_out.height = 0
        self._body.insert(0, self._left_out)
        self.items.insert(0, self._left_out)
        self.measure(0)

    @property
    def text(self) -> str:
        """Nothing: what a command wrote is no answer."""
        return ""

    @property
    def has_pending(self) -> bool:
        """Something is still to be shown."""
        return bool(self._pending)

    @property
    def is_begun(self) -> bool:
        """Something of it has been taken in."""
        return bool(self._lines or self._open)

    def flush(self, *, is_urgent: bool = True, is_whole: bool = False) -> bool:
        """Bring what has come into parts; the oldest are given up when there are many."""
        if not self._pending:
            return False
        *whole, self._open = (self._open + "".join(self._pending)).split("\n")
        self._pending.clear()
        self._pending_size = 0
        self._lines += whole
        while len(self._lines) >= LINES_A_PART:
            self._close_part(self._lines[:LINES_A_PART])
            del self._lines[:LINES_A_PART]
        shown = [*self._lines, self._open] if self._open else list(self._lines)
        self._tail.renew("\n".join(shown), partial(_draw, tuple(shown)))
        self._tail.height = len(shown)
        if not self.is_folded:
            self.measure(0)
        return True

    def guess(self, *, is_stored: bool = True) -> None:
        """Leave no room ahead: lines are taken in as soon as they come."""

    def _close_part(self, lines: list[str]) -> None:
        part = Part("\n".join(lines), partial(_draw, tuple(lines)), self._width)
        self._insert(len(self._body) - 2, part)
        if len(self._body) > MOST_PARTS:
            oldest = self._body.pop(1)
            if not self.is_folded:
                self.items.remove(oldest)
            self._given_up += LINES_A_PART
            self._left_out.renew("", self._draw_left_out)
            self._left_out.height = 1

    def _insert(self, at: int, part: Part) -> None:
        self._body.insert(at, part)
        if not self.is_folded:
            self.items.insert(at, part)

    def _draw_left_out(self, width: int) -> list[Line]:
        return _draw((f"… {self._given_up:,} lines above are not shown",), width) if self._given_up else []


def _draw(lines: tuple[str, ...], width: int) -> list[Line]:
    rows: list[Line] = []
    for line in lines:
        text = line.expandtabs(8)
        cut = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
        rows += [Line(tuple(row), "block") for row in chop([(cut, "block")], max(1, width))]
    return rows

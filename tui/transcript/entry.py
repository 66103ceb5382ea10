"""One turn in the transcript: what was asked and answered, and its lines at one width."""

from bisect import bisect_right
from dataclasses import replace

from core.messages import AnswerState, Turn
from core.sanitise import clean, clean_line
from tui.transcript.blocks import Block, Splitter
from tui.transcript.code import Code, code_lines, header
from tui.transcript.layout import lay_out
from tui.transcript.lines import BLANK, Line, prefixed, wrap

# A tail that stays open (a table, one long paragraph) is laid out whole each time; the longer it is,
# the more seldom, so that the work in a second stays bounded.
_TAIL_PER_TICK = 2_000

_MARKERS = {
    AnswerState.PARTIAL: "stopped early",
    AnswerState.CANCELLED: "stopped",
    AnswerState.FAILED: "failed",
}


class Entry:
    """A question with its answer, laid out once; only an open tail is laid out again.

    Attributes:
        lines: what it is on the screen, once it has been laid out; valid for `width`.
        width: the width it was laid out for; 0 when it must be laid out.
        label: one dim line below the answer.
        state: how the answer stands; None while there is none.
        work: how many lines were laid out for it so far.
    """

    def __init__(self, key: int, question: str = "", attachments: tuple[str, ...] = ()) -> None:
        self.key = key
        self.question = question
        self.attachments = attachments
        self.lines: list[Line] = []
        self.work = 0
        self.state: AnswerState | None
        self._marks = [0]
        self._tail_line = self._settled = self._answer_line = self._codes = self._fence_used = 0
        self.begin_answer()
        self.state = None

    @classmethod
    def of(cls, turn: Turn) -> "Entry":
        """A stored turn, with its current answer."""
        entry = cls(turn.id, turn.question, tuple(clean_line(file.name) for file in turn.attachments))
        if answer := turn.current:
            entry.append(answer.text)
            wait = "" if answer.ttft_ms is None else f" · {answer.ttft_ms / 1000:.1f} s"
            entry.label = clean_line(f"{answer.model}{wait}")
            entry.state = answer.state
        return entry

    def begin_answer(self) -> None:
        """Start an answer, in the place of the one before."""
        self.label = ""
        self.state = AnswerState.STREAMING
        self.width = 0
        self._notes: list[tuple[str, str]] = []
        self._blocks: list[Block] = []
        self._splitter = Splitter()
        self._pending: list[str] = []
        self._ticks_waited = 0

    def append(self, delta: str) -> None:
        """More text of the answer; it shows with the next `flush`."""
        self._pending.append(delta)

    def note(self, text: str, style: str) -> None:
        """Add lines below the answer."""
        self._notes.append((clean(text), style))

    @property
    def answer(self) -> str:
        """The answer's text so far, as it came."""
        return "".join(
            (*(block.source for block in self._blocks), self._splitter.tail.source, *self._pending)
        )

    @property
    def is_open(self) -> bool:
        """More text may come."""
        return self.state in (None, AnswerState.STREAMING)

    def height(self, width: int) -> int:
        """How many lines it has; a guess as long as it was never laid out."""
        if self.lines:
            return len(self.lines)
        texts = (self.question, *self._pending)
        return 4 + sum(text.count("\n") + len(text) // max(width, 1) for text in texts)

    def codes(self) -> list[Code]:
        """The code blocks of the answer, in the order of their numbers."""
        splitter = Splitter()
        blocks = [*splitter.append(self.answer), *splitter.finish()]
        return [code for block in blocks for code in lay_out(block, 80, is_open=True).codes]

    def place_of(self, line: int) -> tuple[int, int]:
        """A line as the part it is in and its distance from the part's start, true at any width."""
        if line >= self._tail_line:
            return len(self._marks), line - self._tail_line
        part = bisect_right(self._marks, line) - 1
        return part, line - self._marks[part]

    def line_at(self, place: tuple[int, int]) -> int:
        """The line of a place, as near as the present width allows."""
        part, distance = place
        starts = [*self._marks[part : part + 2], self._tail_line]
        start = starts[0]
        end = starts[1] if part < len(self._marks) else len(self.lines)
        return max(start, min(start + distance, end - 1))

    def lay_out(self, width: int) -> None:
        """Lay out everything, for another width or for the first time."""
        self._take_pending()
        self.width = width
        self.lines = self._head()
        self._marks = [0]
        self._answer_line = len(self.lines)
        self._codes = 0
        self._settle()
        for block in self._blocks:
            self._add(block)
        self._add_tail()
        self._add_foot()
        self.work += len(self.lines)

    def flush(self, *, is_urgent: bool = False) -> int | None:
        """Bring what has come into the lines; the first line that changed, or None.

        Args:
            is_urgent: also when the open tail is so long that it should wait.
        """
        if not self.width:
            return None
        tail = self._splitter.tail
        if not is_urgent and tail.fence_body < 0 and self._ticks_waited < len(tail.source) // _TAIL_PER_TICK:
            self._ticks_waited += 1
            return None
        self._ticks_waited = 0
        finished = self._take_pending()
        start = self._tail_line if finished else self._settled
        del self.lines[start:]
        for block in finished:
            self._add(block)
        self._add_tail()
        self._add_foot()
        self.work += len(self.lines) - start
        return start

    def _take_pending(self) -> list[Block]:
        text, self._pending = "".join(self._pending), []
        finished = self._splitter.append(text)
        if not self.is_open:
            finished += self._splitter.finish()
        self._blocks += finished
        return finished

    def _settle(self) -> None:
        """All lines so far stay; the tail begins here."""
        self._tail_line = self._settled = len(self.lines)
        self._fence_used = 0

    def _head(self) -> list[Line]:
        if not self.question:
            return []
        style = "question"
        lines = prefixed(wrap([(self.question, style)], self.width - 2), ("› ", style), ("  ", style))
        if self.attachments:
            names = wrap([(", ".join(self.attachments), "attachment")], self.width - 4)
            lines += prefixed(names, ("  + ", "attachment"), ("    ", ""))
        return [*lines, BLANK]

    def _add(self, block: Block) -> None:
        """Lay out a finished block, for good."""
        layout = lay_out(block, self.width, self._codes + 1)
        self._marks.append(len(self.lines))
        if layout.lines:
            self._add_gap(block)
        self.lines += layout.lines
        self._codes += len(layout.codes)
        self._settle()

    def _add_gap(self, block: Block) -> None:
        if block.has_gap and len(self.lines) > self._answer_line:
            self.lines.append(BLANK)

    def _add_tail(self) -> None:
        tail = self._splitter.tail
        if tail.fence_body >= 0:
            self._add_open_fence(tail)
            return
        source = tail.source
        if _is_forming_fence(source.rpartition("\n")[2]):
            source = source.rpartition("\n")[0]
        if source.strip():
            self._add_gap(tail)
            self.lines += lay_out(
                replace(tail, source=source), self.width, self._codes + 1, is_open=True
            ).lines

    def _add_open_fence(self, tail: Block) -> None:
        """An open fence only grows: each of its whole lines is laid out once."""
        if not self._fence_used:
            self._add_gap(tail)
            info = tail.source[: tail.fence_body].strip().lstrip("`~").strip()
            self.lines += header(info, self._codes + 1, self.width)
            self._fence_used = tail.fence_body
        whole, newline, partial = tail.source[self._fence_used :].rpartition("\n")
        if newline:
            self.lines += code_lines(Code("", whole), self.width, is_plain=True)
            self._fence_used += len(whole) + 1
        self._settled = len(self.lines)
        if partial and not _is_forming_fence(partial):
            self.lines += code_lines(Code("", partial), self.width, is_plain=True)

    def _add_foot(self) -> None:
        marker = _MARKERS.get(self.state, "") if self.state else ""
        if label := " · ".join(filter(None, (self.label, marker))):
            self.lines += wrap([(label, "label")], self.width)
        for text, style in self._notes:
            self.lines += wrap([(text, style)], self.width)
        self.lines.append(BLANK)


def _is_forming_fence(line: str) -> bool:
    """A line that may become a fence's mark in a moment; as text it would flicker."""
    mark = line.strip()
    return bool(mark) and not (mark.strip("`") and mark.strip("~"))

"""One answer: its blocks laid out once, an open tail laid out again, and a foot that says how it stands."""

from collections import deque
from dataclasses import replace
from functools import partial

from core.messages import AnswerState
from core.sanitise import clean
from tui.transcript.block import Block, GoesOn
from tui.transcript.blocks import Splitter
from tui.transcript.code import Code
from tui.transcript.fences import Colours, Fence, is_forming
from tui.transcript.layout import codes_of, lay_out
from tui.transcript.lines import BLANK, Line, wrap
from tui.transcript.parse import count_codes, may_name, references_in
from tui.transcript.stack import Part, Stack, guessed_height

# A tail that stays open (a table, one long paragraph) is laid out whole each time; the longer it is,
# the more seldom, so that the work in a second stays bounded.
_TAIL_PER_TICK = 2_000

_MOST_AT_ONCE = 40_000
"""So many characters are taken in at a time; a whole book at once would hold up the screen."""

_MARKERS = {
    AnswerState.PARTIAL: "stopped early",
    AnswerState.CANCELLED: "stopped",
    AnswerState.FAILED: "failed",
}


class Answer(Stack[Part]):
    """One answer of a turn, as it comes or as it was stored.

    Attributes:
        label: one dim line below it, for which there is room from the beginning.
        details: lines below that, clean, which come and go.
        state: how it stands; None while it has not begun.
        colours: what colours its code.
        is_folded: only its label and how long it is are shown.
    """

    def __init__(self, colours: Colours, width: int, state: AnswerState | None = None) -> None:
        self.label = ""
        self.details = ""
        self.state = state
        self.is_folded = False
        self.colours = colours
        self._width = width
        self._notes: list[tuple[str, str]] = []
        self._blocks: list[Block] = []
        self._fences: dict[int, Fence] = {}
        self._pieces: dict[int, list[Part]] = {}
        self._codes = 0
        self._references: dict[str, dict[str, str]] = {}
        self._splitter = Splitter()
        self._has_content = False
        self._is_finished = False
        self._pending: deque[str] = deque()
        self._pending_size = 0
        self._ticks_waited = 0
        self._tail = Part("", _nothing, width)
        self._tail.height = 0
        self._rest = Part("", self._draw_rest, width)
        self._rest.height = 0
        self._foot = Part("", self._draw_foot, width)
        self._body: list[Part] = [self._tail, self._rest]
        super().__init__([*self._body, self._foot])

    # What it is told

    def append(self, delta: str) -> None:
        """More text; it shows with the next `flush`."""
        self._pending.append(delta)
        self._pending_size += len(delta)
        if self._pending_size > _MOST_AT_ONCE:
            self.guess()

    def note(self, text: str, style: str) -> None:
        """Add lines below it."""
        self._notes.append((clean(text), style))
        self.renew_foot()

    def renew_foot(self) -> None:
        """Label, state or notes are others now."""
        self._foot.stale()
        self._foot.height = len(self._draw_foot(self._width or 80))
        self.measure(len(self.items) - 1)

    def fold(self, is_folded: bool) -> None:
        """Show only how long it is, or all of it again."""
        if is_folded == self.is_folded:
            return
        self.is_folded = is_folded
        count = sum(part.height for part in self._body)
        lines = f"… {count} line" + ("s" if count != 1 else "")
        body = [Part(lines, lambda width: wrap([(lines, "fold")], width), 80)] if is_folded else self._body
        self.items = [*body, self._foot]
        self.measure(0)

    def fold_code(self, number: int, is_folded: bool | None = None) -> bool:
        """Fold or unfold a code block, or turn what it is; whether there is one that can be."""
        fence = self._fences.get(number)
        if fence is None:
            return False
        fence.is_folded = not fence.is_folded if is_folded is None else is_folded
        self._redraw(fence)
        return True

    # What it is asked

    @property
    def text(self) -> str:
        """Its text so far, as it came."""
        return "".join(
            (*(block.source for block in self._blocks), self._splitter.tail.source, *self._pending)
        )

    @property
    def is_open(self) -> bool:
        """More text may come."""
        return self.state in (None, AnswerState.STREAMING)

    @property
    def has_pending(self) -> bool:
        """Something is still to be shown."""
        return bool(self._pending) or not (self.is_open or self._is_finished)

    @property
    def is_begun(self) -> bool:
        """Something of it has been taken in."""
        return bool(self._blocks or self._tail.source)

    @property
    def body(self) -> list[Part]:
        """Its parts, folded or not, without the foot."""
        return self._body

    def code_of(self, part: Part) -> int:
        """The number of the folded code block that a part belongs to; 0 when it is none."""
        numbers = (number for number, fence in self._fences.items() if fence.is_folded)
        return next((number for number in numbers if part in self._pieces[number]), 0)

    def codes(self) -> list[Code]:
        """Its code blocks, in the order of their numbers."""
        splitter = Splitter()
        return codes_of([*splitter.append(self.text), *splitter.finish()])

    # Taking in what has come

    def lay_out(self, first: int, last: int, width: int, laid: list[Part]) -> bool:
        """Take in what has come before the first time, and lay out what is between two lines."""
        self._width = width
        if not self._blocks and self.has_pending:
            self.flush()
        return super().lay_out(first, last, width, laid)

    def flush(self, *, is_urgent: bool = True, is_whole: bool = False) -> bool:
        """Bring what has come into the parts; whether anything is now to be laid out.

        Args:
            is_urgent: also when the open tail is so long that it should wait.
            is_whole: all of it, however much there is.
        """
        tail = self._splitter.tail
        waits = 0 if self._splitter.is_in_fence else len(tail.source) // _TAIL_PER_TICK
        if not is_urgent and self.is_open and self._ticks_waited < waits:
            self._ticks_waited += 1
            return False
        self._ticks_waited = 0
        at = len(self._body) - 2
        finished = self._splitter.append(self._next_text(is_whole))
        while is_whole and self._pending:
            finished += self._splitter.append(self._next_text(is_whole))
        if not self.is_open and not self._pending and not self._is_finished:
            finished += self._splitter.finish()
            self._is_finished = True
        for block in finished:
            self._add(block)
        self._set_tail()
        self.guess(is_stored=False)
        if not self.is_folded:
            self.measure(at)
        return True

    def _next_text(self, is_whole: bool) -> str:
        taken: list[str] = []
        room = _MOST_AT_ONCE
        while self._pending and room > 0:
            delta = self._pending.popleft()
            if len(delta) > room:
                self._pending.appendleft(delta[room:])
                delta = delta[:room]
            taken.append(delta)
            room -= len(delta)
            self._pending_size -= len(delta)
        return "".join(taken)

    def guess(self, *, is_stored: bool = True) -> None:
        """Leave room for what is not taken in yet, as long as that is more than a moment's work."""
        height = 0
        if self._pending and (is_stored or self._pending_size > _MOST_AT_ONCE):
            height = sum(guessed_height(delta, self._width or 80) for delta in self._pending)
        if height != self._rest.height:
            self._rest.renew("".join(self._pending) if height else "", self._draw_rest)
            self._rest.height = height
            if not self.is_folded:
                self.measure(len(self._body) - 1)

    def _add(self, block: Block) -> None:
        """A finished block takes the place of the tail, and a new tail begins below."""
        if block.body is None and (fence := self._fences.get(self._codes)):
            self._close(fence)
        self._show(self._tail, block, is_open=False)
        self._blocks.append(block)
        if block.body is not None:
            self._codes += block.goes_on is GoesOn.NOT
            fence = self._fences[self._codes]
            fence.finished += 1
            if block.body[1] < len(block.source):
                self._close(fence)
        elif block.goes_on is GoesOn.NOT:
            self._codes += count_codes(block.source)
            if found := references_in(block.source):
                self._define(found)
        self._has_content = self._has_content or bool(block.source.strip())
        self._tail = Part("", _nothing, self._width)
        self._tail.height = 0
        self._body.insert(len(self._body) - 1, self._tail)
        if not self.is_folded:
            self.items.insert(len(self.items) - 2, self._tail)

    def _define(self, found: dict[str, dict[str, str]]) -> None:
        """Links may name more from now on; what does so already is laid out again."""
        fresh = {label: place for label, place in found.items() if label not in self._references}
        self._references |= fresh
        for part in self._body:
            if part.lines is not None and may_name(part.source, fresh):
                part.stale()

    def _set_tail(self) -> None:
        tail = self._splitter.tail
        if self._is_finished and (fence := self._fences.get(self._codes)):
            self._close(fence)
        if tail.body is None and is_forming(tail.source):
            tail = replace(tail, source=tail.source.rpartition("\n")[0])
        if tail.source == self._tail.source:
            return
        if tail.source.strip():
            self._show(self._tail, tail, is_open=True)
        else:
            self._tail.renew(tail.source, _nothing)

    def _show(self, part: Part, block: Block, *, is_open: bool) -> None:
        """Let a part be a block from now on."""
        has_gap = block.has_gap and self._has_content
        if block.body is None:
            draw = partial(self._draw, block, self._codes + 1, has_gap=has_gap, is_open=is_open)
        else:
            number = self._codes + (block.goes_on is GoesOn.NOT)
            fence = self._fences.setdefault(number, Fence(number))
            fence.pieces[fence.finished :] = [block]
            self._pieces.setdefault(number, [])[fence.finished :] = [part]
            draw = partial(self._draw_fence, part, fence, fence.finished, has_gap=has_gap)
        height = part.height
        part.renew(block.source, draw)
        part.height = height if part.width else guessed_height(block.source, self._width) + has_gap

    def _close(self, fence: Fence) -> None:
        if fence.is_open:
            fence.is_open = False
            self._redraw(fence)

    def _redraw(self, fence: Fence) -> None:
        for part in self._pieces[fence.number]:
            part.stale()

    # Drawing

    def _draw(self, block: Block, number: int, width: int, *, has_gap: bool, is_open: bool) -> list[Line]:
        lines = lay_out(block, width, number, is_open=is_open, references=self._references)
        return [BLANK, *lines] if has_gap and lines else lines

    def _draw_fence(self, part: Part, fence: Fence, index: int, width: int, *, has_gap: bool) -> list[Line]:
        lines = fence.lines_of(index, width, self.colours, part.stale)
        return [BLANK, *lines] if has_gap and lines else lines

    def _draw_rest(self, width: int) -> list[Line]:
        return [BLANK] * self._rest.height

    def _draw_foot(self, width: int) -> list[Line]:
        marker = _MARKERS.get(self.state, "") if self.state else ""
        lines: list[Line] = []
        label = " · ".join(filter(None, (self.label, marker)))
        if label or self.state:
            lines += wrap([(label, "label")], width)
        if self.details:
            lines += wrap([(self.details, "note")], width)
        for text, style in self._notes:
            lines += wrap([(text, style)], width)
        return [*lines, BLANK]


def _nothing(width: int) -> list[Line]:
    return []

"""One turn in the transcript: what was asked, and every answer to it."""

from collections.abc import Iterator
from functools import partial

from rich.cells import cell_len, set_cell_size

from core.amounts import usd_text
from core.events import StoredQuestion
from core.messages import Answer as StoredAnswer
from core.messages import AnswerState, Route, Turn
from core.metrics.waits import delay_of
from core.sanitise import clean_line
from tui.amounts import sources_texts
from tui.labels import deep_label, fast_label, stored_label
from tui.transcript.answer import Answer
from tui.transcript.fences import Colours
from tui.transcript.lines import BLANK, Line, prefixed, wrap
from tui.transcript.output import Output
from tui.transcript.stack import Part, Stack, Tall

_PIECE = 4_000


class Entry(Stack[Tall]):
    """A question with its answers; the first is there from the beginning, and may never come."""

    def __init__(
        self,
        key: int,
        colours: Colours,
        width: int = 0,
        question: str = "",
        attachments: tuple[str, ...] = (),
    ) -> None:
        self.key = key
        self.question = question
        self._colours = colours
        self._width = width
        self.answers = [Answer(colours, width)]
        self.chosen: Answer | None = None
        head = Stack(list(_head(question, " · ".join(attachments), width)))
        super().__init__([head, *self.answers])

    @classmethod
    def of(cls, turn: Turn, colours: Colours, width: int) -> "Entry":
        """A stored turn, with its current answer; deep answers stand beside the draft they were asked for."""
        names = sources_texts(turn.attachments)
        entry = cls(turn.id, colours, width, turn.question, names)
        for number, stored in enumerate(_shown_of(turn)):
            answer = entry.begin_answer(number) if number else entry.answers[0]
            answer.label = clean_line(_label_of(stored))
            answer.state = stored.state
            answer.append(stored.text)
            answer.renew_foot()
            answer.guess()
            if number and stored is turn.current:
                entry.chosen = answer
        entry.measure(0)
        return entry

    def begin_answer(self, number: int, is_output: bool = False) -> Answer:
        """Begin an answer in the place of the one of that number, or beside the others.

        Args:
            is_output: what comes is no answer but what a command writes.
        """
        kind = Output if is_output else Answer
        answer = kind(self._colours, self._width)
        answer.state = AnswerState.STREAMING
        self.answers[number : number + 1] = [answer]
        self.items[number + 1 : number + 2] = [answer]
        self.measure(number)
        return answer

    def remark(self, text: str, tail: str) -> None:
        """One dim line between the question and its answers; what is too long is cut before the tail."""
        head = self.items[0]
        assert isinstance(head, Stack)
        head.items.insert(len(head.items) - 1, Part(text, partial(_draw_remark, text, tail), self._width))
        head.measure(0)
        self.measure(0)

    def answered(self) -> Answer | None:
        """The answer that was chosen, else the first that has any text."""
        return self.chosen or next((answer for answer in self.answers if answer.text.strip()), None)

    def all_parts(self) -> Iterator[tuple[Tall, Part]]:
        """Everything that can be found in it, also what is folded, behind the question or answer it is in."""
        head = self.items[0]
        yield from ((head, part) for _, part in head.parts(0, head.height))
        for answer in self.answers:
            for part in answer.body:
                yield answer, part


def _shown_of(turn: Turn) -> tuple[StoredAnswer, ...]:
    """The current answer; with deep ones the draft and all of them, but for what a run still writes."""
    deep = [
        each
        for each in turn.answers
        if each.route.is_deep and each.text.strip() and each.state is not AnswerState.STREAMING
    ]
    current = turn.current
    is_being_written = (
        current is not None and current.route.is_deep and current.state is AnswerState.STREAMING
    )
    if not deep and not is_being_written:
        return (current,) if current else ()
    drafts = [each for each in turn.answers if not each.route.is_deep and each.text.strip()]
    draft = [current] if current in drafts else drafts[-1:]
    return (*draft, *deep)


def _label_of(stored: StoredAnswer) -> str:
    """As it was said when the answer came."""
    if stored.route.is_deep:
        took = None if stored.total_ms is None else stored.total_ms / 1000
        cost = usd_text(stored.usd, is_exact=stored.is_usd_exact) if stored.usd else ""
        return deep_label(stored.route, stored.model, stored.place, took, cost)
    if stored.source_at is not None and stored.route is not Route.FAST:  # as what was made ahead may end
        age_s = stored.started_at - stored.source_at
        source = StoredQuestion(stored.source, age_s, is_deep=bool(stored.preset))
        return stored_label(stored.route, stored.model, source)
    durations = stored.load_ms, stored.prefill_ms, stored.thinking_ms, stored.server_ms
    delay = delay_of(stored.ttft_ms, *durations)
    return fast_label(stored.model, stored.place, stored.ttft_ms, *(delay or ()))


def _head(question: str, attachments: str, width: int) -> Iterator[Part]:
    """The question in pieces, since a whole file may have been pasted; then what went along with it."""
    if not question:
        return
    at = 0
    while at < len(question):
        end = at + _PIECE
        if end < len(question):
            end = question.rfind("\n", at, end) + 1 or question.rfind(" ", at, end) + 1 or end
        piece = question[at:end]
        yield Part(piece, partial(_draw_question, piece, at == 0, end >= len(question)), width)
        at = end
    if attachments:
        yield Part(attachments, partial(_draw_attachments, attachments), width)
    yield Part("", _draw_gap, width)


def _draw_question(text: str, is_first: bool, is_last: bool, width: int) -> list[Line]:
    style = "question"
    text = text if is_last else text.removesuffix("\n").removesuffix(" ")
    return prefixed(wrap([(text, style)], width - 2), ("› " if is_first else "  ", style), ("  ", style))


def _draw_attachments(names: str, width: int) -> list[Line]:
    return prefixed(wrap([(f"with {names}", "attachment")], width - 2), ("  ", ""), ("  ", ""))


def _draw_remark(text: str, tail: str, width: int) -> list[Line]:
    room = max(width - 3 - cell_len(tail), 1)
    shown = text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"
    return prefixed(wrap([(f"{shown} {tail}", "remark")], width), ("  ", ""), ("  ", ""))


def _draw_gap(width: int) -> list[Line]:
    return [BLANK]

"""The transcript: every turn of the conversation as one widget, drawn line by line.

The cost of a token does not depend on how long the answer or the conversation is: what is finished was
laid out once, what is far from the view not at all, and its height is guessed until someone comes near.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.events import Click
from textual.message import Message
from textual.timer import Timer

from core.messages import AnswerState, Turn
from core.sanitise import clean, clean_line
from tui.transcript.answer import Answer
from tui.transcript.column import Place
from tui.transcript.entry import Entry
from tui.transcript.pages import Turns, TurnSource
from tui.transcript.paint import COMPONENT, STYLE_NAMES, STYLES_CSS
from tui.transcript.reading import AnswerKey, Reading

__all__ = ["AnswerKey", "Transcript", "TurnSource"]

_FLUSHES_A_SECOND = 30


class Transcript(Reading, can_focus=True):
    """Shows questions and answers, and stays where the reader is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {COMPONENT + name for name in STYLE_NAMES}
    DEFAULT_CSS = (
        """
    Transcript {
        height: 1fr; overflow-x: hidden; overflow-y: auto;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1;
    }
    """
        + STYLES_CSS
    )

    class LinkChosen(Message):
        """A link was clicked; nothing has been opened.

        Attributes:
            url: begins with http, https or mailto.
        """

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._waiting: dict[Answer, Entry] = {}
        self._clock: Timer | None = None

    # What the screen tells

    def begin_turn(self, key: int, question: str, attachments: tuple[str, ...] = ()) -> None:
        """A question was asked; the view goes to it."""
        names = tuple(map(clean_line, attachments))
        self._column.add(Entry(key, self._column.colours, self._column.width, question, names))
        self._is_following = True
        self.lines_below_unseen = 0
        self._arrange(None)

    def begin_answer(self, key: AnswerKey, beside: bool = False) -> AnswerKey:
        """An answer begins, in the place of the one that is there; the key by which it is told from then on.

        Args:
            beside: leave the answers that are there, and begin another one below them.
        """
        number = key[1] if isinstance(key, tuple) else 0
        entry = self._column.find(key[0] if isinstance(key, tuple) else key, to_change=True)
        if entry is None:
            return key
        place = self._place()
        if beside and entry.answers[0].state is not None:
            number = len(entry.answers)
        elif number < len(entry.answers):
            self._waiting.pop(entry.answers[number], None)
        entry.begin_answer(number)
        self._column.changed(entry)
        self._arrange(place)
        return (entry.key, number) if number else entry.key

    def begin_output(self, key: int, command: str) -> None:
        """A command was begun; what it writes is appended as an answer is."""
        self.begin_turn(key, command)
        if entry := self._column.find(key, to_change=True):
            entry.begin_answer(0, is_output=True)
            self._column.changed(entry)
            self._arrange(None)

    def append(self, key: AnswerKey, delta: str) -> None:
        """A piece of an answer, clean already; the first shows at once, later ones with the next flush."""
        entry, answer = self._answer(key)
        if entry is None or answer is None or not delta:
            return
        answer.append(delta)
        self._waiting[answer] = entry
        if self._column.width and (self._clock is None or not answer.is_begun):
            self._show_waiting(is_urgent=False)
            self._start_clock()

    def label(self, key: AnswerKey, text: str) -> None:
        """One dim line below the answer."""
        entry, answer = self._answer(key)
        if entry and answer:
            answer.label = clean_line(text)
            self._renew_foot(entry, answer)

    def remark(self, key: int, text: str, tail: str) -> None:
        """One dim line between a question and its answers, for the rest of the turn; its tail is seen."""
        entry = self._column.find(key, to_change=True)
        if entry is not None:
            place = self._place()
            entry.remark(clean_line(text), clean_line(tail))
            self._column.changed(entry)
            self._arrange(place)

    def note(self, key: AnswerKey, text: str, kind: Literal["note", "error"] = "note") -> None:
        """Lines below the answer; a turn that is not here gets a place of its own."""
        entry, answer = self._answer(key)
        if entry is None:
            entry = Entry(key if isinstance(key, int) else key[0], self._column.colours, self._column.width)
            self._column.add(entry)
        answer = answer or entry.answers[0]
        answer.note(text, kind)
        self._renew_foot(entry, answer)

    def detail(self, key: int, text: str = "") -> bool:
        """Lines below the turn's answer that go away again; whether anything was shown or taken away."""
        entry = self._column.find(key, to_change=True)
        answer = None if entry is None else entry.answered() or entry.answers[0]
        if entry is None or answer is None or answer.details == text:
            return False
        answer.details = clean(text)
        self._renew_foot(entry, answer)
        return True

    def end_answer(self, key: AnswerKey, state: AnswerState) -> None:
        """No more text comes; all of it is shown now, and how it ended."""
        entry, answer = self._answer(key)
        if entry and answer:
            answer.state = state
            self._renew_foot(entry, answer)

    def choose(self, key: AnswerKey) -> None:
        """From now on this answer is its turn's: what is copied, folded and left behind."""
        entry, answer = self._answer(key)
        if entry and answer:
            entry.chosen = answer

    def clear(self) -> None:
        """Empty the view; what still comes for these turns is not shown."""
        self._forget()
        self._waiting.clear()
        self._arrange(None)

    def show(self, source: TurnSource | Sequence[Turn]) -> None:
        """Show stored turns instead of what is here; only those near the view are read and laid out."""
        self._forget()
        self._waiting.clear()
        self._column.show(Turns(source) if isinstance(source, Sequence) else source)
        self._arrange(None)

    # What the screen asks

    def answer_text(self, key: AnswerKey) -> str:
        """The answer's text as it came; empty when there is none."""
        _, answer = self._answer(key, to_change=False)
        return answer.text if answer else ""

    def last_answer(self) -> str:
        """The text of the last turn's answer that has any."""
        _, answer = self._last_answered()
        return answer.text if answer else ""

    def code_blocks(self, key: AnswerKey | None = None) -> list[tuple[str, str]]:
        """Language and text of each code block of an answer, in the order of the numbers shown.

        Args:
            key: whose answer; None takes the last answer there is.
        """
        _, answer = self._last_answered() if key is None else self._answer(key, to_change=False)
        return [(code.language, code.text) for code in answer.codes()] if answer else []

    @property
    def is_busy(self) -> bool:
        """Something is still to be shown."""
        return bool(self._waiting) or self._column.colours.has_work

    def visible_text(self) -> str:
        """What the view shows, with everything that has come."""
        self._show_waiting(is_whole=True)
        while self._column.colours.has_work:
            self._column.colours.work()
        self._arrange(self._place())
        top = self.scroll_offset.y
        lines = [self._column.line(y) for y in range(top, top + self.size.height)]
        return "\n".join(line.text.rstrip() for line in lines)

    def on_click(self, event: Click) -> None:
        """A link leads where it says only after somebody else has agreed."""
        address = self._address_at(event.x, event.y)
        if address and self.text_selection is None:
            self.post_message(self.LinkChosen(address))

    # Showing what comes

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.set_interval(1 / _FLUSHES_A_SECOND, self._tick, name="transcript")

    def _tick(self) -> None:
        colours = self._column.colours
        if self._waiting:
            self._show_waiting(is_urgent=False)
        elif not colours.has_work and self._clock is not None:
            self._clock.stop()
            self._clock = None
        if colours.has_work:
            colours.work()
            self._arrange(self._place())

    def _arrange(self, place: Place | None) -> None:
        super()._arrange(place)
        if not self._column.width:
            return
        height = self.size.height
        top = self.scroll_offset.y
        for entry in self._column.entries_between(top - height, top + 2 * height):
            for answer in entry.answers:
                if answer.has_pending and answer not in self._waiting:
                    self._waiting[answer] = entry
        if self._waiting or self._column.colours.has_work:
            self._start_clock()

    def _show_waiting(self, *, is_urgent: bool = True, is_whole: bool = False) -> None:
        """Bring what has come onto the screen."""
        if not self._column.width:
            return
        place = self._place()
        below = self._lines_below()
        is_changed = False
        for answer, entry in list(self._waiting.items()):
            if answer.flush(is_urgent=is_urgent, is_whole=is_whole):
                is_changed = True
                self._column.changed(entry, answer)
                if not answer.has_pending:
                    self._waiting.pop(answer, None)
        if is_changed:
            self._arrange(place)
            self._count_unseen(below)

    def _renew_foot(self, entry: Entry, answer: Answer) -> None:
        """Label, state or notes have changed; what has come is shown along with that."""
        place = self._place()
        below = self._lines_below()
        answer.renew_foot()
        if self._column.width:
            answer.flush()
            self._waiting.pop(answer, None)
            if answer.has_pending:
                self._waiting[answer] = entry
        self._column.changed(entry, answer)
        self._arrange(place)
        self._count_unseen(below)

    def _count_unseen(self, before: int) -> None:
        below = max(0, self._lines_below())
        arrived = max(0, below - max(0, before))
        self.lines_below_unseen = 0 if self._is_following else min(self.lines_below_unseen + arrived, below)

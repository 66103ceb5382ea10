"""The transcript: every turn of the conversation as one widget, drawn line by line.

The cost of a token does not depend on how long the answer or the conversation is: what is finished was
laid out once, what is far from the view not at all, and its height is guessed until someone comes near.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.events import Resize
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.types import AnimationLevel, CallbackType, EasingFunction
from textual.widget import Widget

from core.messages import AnswerState, Turn
from core.sanitise import clean_line
from tui.transcript.column import Column, Place
from tui.transcript.entry import Entry
from tui.transcript.paint import COMPONENT, STYLE_NAMES, STYLES_CSS, Painter

_FLUSHES_A_SECOND = 30


class Transcript(ScrollView, can_focus=True):
    """Shows questions and answers, and stays where the reader is.

    Attributes:
        lines_below_unseen: lines that came below the view since the reader scrolled up.
    """

    ALLOW_SELECT = True
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

    lines_below_unseen: reactive[int] = reactive(0, repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._column = Column()
        self._waiting: dict[int, Entry] = {}
        self._clock: Timer | None = None
        self._painter = Painter(self)
        self._is_following = True
        self._is_moving = False
        self._text_width = 0

    # What the screen tells

    def begin_turn(self, key: int, question: str, attachments: tuple[str, ...] = ()) -> None:
        """A question was asked; the view goes to it."""
        entry = Entry(key, question, tuple(map(clean_line, attachments)))
        self._column.add(entry)
        self._is_following = True
        self._arrange(None)
        self._repaint_from(self._column.start_of(entry))

    def begin_answer(self, key: int) -> None:
        """An answer to the question begins; it takes the place of one that is there."""
        if entry := self._column.find(key):
            place = self._place()
            entry.begin_answer()
            self._waiting.pop(key, None)
            self._arrange(place)

    def append(self, key: int, delta: str) -> None:
        """A piece of the answer, clean already; the first shows at once, later ones with the next flush."""
        entry = self._column.find(key)
        if entry is None or not delta:
            return
        entry.append(delta)
        self._waiting[key] = entry
        if self._clock is None and self._text_width:
            self._show_waiting(is_urgent=False)
            self._clock = self.set_interval(1 / _FLUSHES_A_SECOND, self._tick, name="transcript")

    def label(self, key: int, text: str) -> None:
        """One dim line below the answer."""
        if entry := self._column.find(key):
            entry.label = clean_line(text)
            self._show(entry)

    def note(self, key: int, text: str, kind: Literal["note", "error"] = "note") -> None:
        """Lines below the answer; a turn that is not here gets a place of its own."""
        entry = self._column.find(key)
        if entry is None:
            entry = Entry(key)
            self._column.add(entry)
        entry.note(text, kind)
        self._show(entry)

    def end_answer(self, key: int, state: AnswerState) -> None:
        """No more text comes; all of it is shown now, and how it ended."""
        if entry := self._column.find(key):
            entry.state = state
            self._show(entry)

    def clear(self) -> None:
        """Empty the view; what still comes for these turns is not shown."""
        self._column.clear()
        self._waiting.clear()
        self._is_following = True
        self._arrange(None)
        self.refresh()

    def show(self, turns: Sequence[Turn]) -> None:
        """Show stored turns instead of what is here; only those near the view are laid out."""
        self.clear()
        for turn in turns:
            self._column.add(Entry.of(turn))
        self._arrange(None)
        self.refresh()

    # What the screen asks

    def answer_text(self, key: int) -> str:
        """The answer's text as it came; empty when there is none."""
        entry = self._column.find(key)
        return entry.answer if entry else ""

    def last_answer(self) -> str:
        """The text of the last answer that has any."""
        entry = self._last_answered()
        return entry.answer if entry else ""

    def code_blocks(self, key: int | None = None) -> list[tuple[str, str]]:
        """Language and text of each code block of an answer, in the order of the numbers shown.

        Args:
            key: whose answer; None takes the last answer there is.
        """
        entry = self._last_answered() if key is None else self._column.find(key)
        return [(code.language, code.text) for code in entry.codes()] if entry else []

    def visible_text(self) -> str:
        """What the view shows, with everything that has come."""
        self._show_waiting()
        top = self.scroll_offset.y
        lines = [self._column.line(y) for y in range(top, top + self.size.height)]
        return "\n".join(line.text.rstrip() for line in lines)

    @property
    def laid_out_lines(self) -> int:
        """How many lines were laid out so far: the measure of the work done."""
        return sum(entry.work for entry in self._column.entries)

    @property
    def is_following(self) -> bool:
        """Whether the view stays at the end as text comes."""
        return self._is_following

    def _last_answered(self) -> Entry | None:
        return next((entry for entry in reversed(self._column.entries) if entry.answer.strip()), None)

    # Showing what comes

    def _tick(self) -> None:
        if self._waiting:
            self._show_waiting(is_urgent=False)
        elif self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _show_waiting(self, *, is_urgent: bool = True) -> None:
        for entry in list(self._waiting.values()):
            self._show(entry, is_urgent=is_urgent)

    def _show(self, entry: Entry, *, is_urgent: bool = True) -> None:
        """Bring what has come for an entry onto the screen, if it is near it."""
        if not self._text_width:
            return
        place = self._place()
        height = len(entry.lines)
        changed = entry.flush(is_urgent=is_urgent)
        if changed is None and entry.width:
            return
        self._waiting.pop(entry.key, None)
        self._column.measure(entry)
        self._arrange(place, grown=(entry, height))
        self._repaint_from(self._column.start_of(entry) + (changed or 0))

    def _repaint_from(self, line: int) -> None:
        top = max(line - self.scroll_offset.y, 0)
        if top < self.size.height:
            self.refresh(Region(0, top, self.size.width, self.size.height - top))

    # Keeping the reader's place

    def _place(self) -> Place | None:
        return self._column.place_at(self.scroll_offset.y, self.size.height)

    def _arrange(self, place: Place | None, *, grown: tuple[Entry, int] | None = None) -> None:
        """Lay out what is near the view, with the reader at the end or where they were.

        Args:
            place: where they were.
            grown: an entry that text has come for, and its height before.
        """
        if not self._text_width:
            return
        height = self.size.height
        top = self._top(place)
        is_moved = False
        while self._column.lay_out_near(max(0, top - height), top + 2 * height):
            is_moved = True
            top = self._top(place)
        if is_moved and self.text_selection is not None:
            self.screen.clear_selection()  # its lines are others now
        self._go_to(top)
        arrived = max(0, len(grown[0].lines) - grown[1]) if grown else 0
        below = max(0, self._column.height - top - height)
        self.lines_below_unseen = 0 if self._is_following else min(self.lines_below_unseen + arrived, below)

    def _top(self, place: Place | None) -> int:
        """The first line of the view."""
        last = max(0, self._column.height - self.size.height)
        if self._is_following:
            return last
        top = self.scroll_offset.y if place is None else self._column.top_for(place)
        return max(0, min(top, last))

    def _go_to(self, top: int) -> None:
        self._is_moving = True
        size = Size(self._text_width, self._column.height)
        if size != self.virtual_size:
            # Set past the reactive, which would lay out the whole screen for each new line.
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
        super().scroll_to(y=top, animate=False, force=True)
        self._is_moving = False

    # Scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader has scrolled: at the end the view follows again, elsewhere it stays."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_moving or round(old_value) == round(new_value):
            return
        self._is_following = new_value >= self.max_scroll_y
        self._arrange(self._place())

    def scroll_to(
        self,
        x: float | None = None,
        y: float | None = None,
        *,
        animate: bool = True,
        speed: float | None = None,
        duration: float | None = None,
        easing: EasingFunction | str | None = None,
        force: bool = False,
        on_complete: CallbackType | None = None,
        level: AnimationLevel = "basic",
        immediate: bool = False,
        release_anchor: bool = True,
    ) -> None:
        """Scroll at once: a view on its way somewhere would be caught by the next line that comes."""
        super().scroll_to(x, y, animate=False, force=force, on_complete=on_complete, immediate=immediate)

    def scroll_end(
        self,
        *,
        animate: bool = True,
        speed: float | None = None,
        duration: float | None = None,
        easing: EasingFunction | str | None = None,
        force: bool = False,
        on_complete: CallbackType | None = None,
        level: AnimationLevel = "basic",
        immediate: bool = False,
        x_axis: bool = True,
        y_axis: bool = True,
    ) -> None:
        """Go to the end, and follow from there."""
        self._is_following = True
        self._arrange(None)

    def on_resize(self, event: Resize) -> None:
        """Wrap what is in view for the new width; the rest when the reader comes near."""
        place = self._place()
        self._text_width = self.scrollable_content_region.width  # the scrollbar stands on the last column
        self._column.resize(self._text_width)
        self._arrange(place)
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the view, with offsets so that the mouse can select."""
        line_number = self.scroll_offset.y + y
        line = self._column.line(line_number)
        width = self.size.width
        selection = self.text_selection
        if selection is None:
            strip = self._painter.strip(line, width)
        else:
            strip = self._painter.selected_strip(line, width, line_number, selection)
        return strip.apply_offsets(0, line_number)

    def notify_style_update(self) -> None:
        """Colours may be others now; the next drawing asks the theme."""
        super().notify_style_update()
        self._painter.forget()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as it is laid out."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self._column.height - 1
        texts = list(self._column.texts(max(first, 0), last))
        if texts and selection.end:
            texts[-1] = texts[-1][: selection.end.x]
        if texts and selection.start:
            texts[0] = texts[0][selection.start.x :]
        return "\n".join(text.rstrip() for text in texts), "\n"

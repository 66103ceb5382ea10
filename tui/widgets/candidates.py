"""What the word being typed could become: a few rows that lie over the transcript's end and move nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.sanitise import clean_line
from tui.cells import beginning, ending
from tui.parts import part_style

MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the things a word could become.

    Attributes:
        text: what is put in its place.
        words: what that is, in a few words.
    """

    text: str
    words: str = ""


class CandidateList(Widget):
    """Candidates, one of them highlighted; the focus stays in the prompt."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "candidates--text",
        "candidates--words",
        "candidates--highlight",
    }
    DEFAULT_CSS = """
    CandidateList {
        overlay: screen; constrain: none inside; display: none;
        width: 100%; height: auto; margin: 0 1; background: $panel;
        .candidates--text { color: $foreground; }
        .candidates--words { color: $text-muted; }
        .candidates--highlight { color: $text-accent; text-style: bold; background: $surface; }
    }
    """

    class Taken(Message):
        """A candidate was clicked."""

        def __init__(self, candidate: Candidate) -> None:
            self.candidate = candidate
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._candidates: tuple[Candidate, ...] = ()
        self._at = self._top = 0
        self.is_chosen = False

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._candidates)

    @property
    def current(self) -> Candidate | None:
        """What is highlighted."""
        return self._candidates[self._at] if self._candidates else None

    def offer(self, candidates: Sequence[Candidate], *, keeps_choice: bool = False) -> None:
        """Show these, the first one highlighted; none closes the list.

        Args:
            keeps_choice: they are the same list with more in it: what the person went to stays highlighted.
        """
        if tuple(candidates) == self._candidates:
            return
        chosen = self.current if keeps_choice and self.is_chosen else None
        self._candidates = tuple(candidates)
        self.is_chosen = chosen is not None and chosen in self._candidates
        self._at = self._candidates.index(chosen) if chosen is not None and self.is_chosen else 0
        self._top = max(0, self._at - self._rows + 1)
        self.display = self.is_open
        if self.is_open:
            self.styles.offset = (0, -self._rows)
            self.refresh(layout=True)

    def close(self) -> None:
        """Nothing is offered any more."""
        self.offer(())

    def move(self, step: int) -> None:
        """Highlight the next (1) or the one before (-1); it goes round."""
        self._at = (self._at + step) % len(self._candidates)
        self._top = min(max(self._top, self._at - self._rows + 1), self._at)
        self.is_chosen = True
        self.refresh()

    @property
    def _rows(self) -> int:
        return min(len(self._candidates), MOST_ROWS)

    @property
    def _column(self) -> int:
        return max(cell_len(each.text) for each in self._candidates if each.words)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row each, up to a bound."""
        return self._rows

    def render_line(self, y: int) -> Strip:
        """One candidate: what it is called at the left, what it is behind it."""
        width, index = self.size.width, self._top + y
        if index >= len(self._candidates):
            return Strip.blank(width, self.rich_style)
        candidate = self._candidates[index]
        at_all = self.rich_style
        name = part_style(self, "candidates--text")
        words = part_style(self, "candidates--words")
        if index == self._at:
            name = at_all = self.rich_style + part_style(self, "candidates--highlight")
        text = ending(clean_line(candidate.text), max(1, width - 2))
        if candidate.words:  # side by side with the others that have any
            text = set_cell_size(text, max(cell_len(text), self._column))
        room = width - 2 - cell_len(text)
        said = clean_line(candidate.words)
        said = f"  {said}" if said and room > 8 else ""
        said = beginning(said, room)
        segments = [Segment(" ", at_all), Segment(text, at_all + name), Segment(said, at_all + words)]
        return Strip(segments).crop_extend(0, width, at_all)

    def on_click(self, event: Click) -> None:
        """A click takes what is clicked."""
        event.stop()
        if (index := self._top + event.y) < len(self._candidates):
            self.post_message(self.Taken(self._candidates[index]))

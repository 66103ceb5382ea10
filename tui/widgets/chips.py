"""One dim row with the follow-up questions that are offered; blank while there are none, so nothing moves."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.sanitise import clean_line
from core.speculation.chip import Chip
from tui.cells import beginning
from tui.parts import part_style

_BETWEEN = "   "
_LEAST_CELLS = 4
"""Of a question that had to be cut; where there is less, the last ones are not shown."""


class ChipRow(Widget):
    """Offered questions side by side; each is cut where they do not all fit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"chips--number", "chips--mark", "chips--text"}
    DEFAULT_CSS = """
    ChipRow {
        display: none; height: 1; padding: 0 1;
        .chips--number { color: $text-accent; }
        .chips--mark { color: $text-muted; }
        .chips--text { color: $text-muted; }
        &.-typing .chips--number { color: $text-muted; }
        &.-typing .chips--mark { color: $text-disabled; }
        &.-typing .chips--text { color: $text-disabled; }
    }
    """

    class Chosen(Message):
        """An offered question was clicked.

        Attributes:
            place: from 1.
        """

        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._chips: tuple[Chip, ...] = ()

    def show(self, chips: Sequence[Chip], *, is_typing: bool) -> None:
        """Show these; while something else is typed they are dimmer."""
        self.set_class(is_typing, "-typing")
        if tuple(chips) != self._chips:
            self._chips = tuple(chips)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        width = self.size.width
        styles = {
            name: self.rich_style + part_style(self, f"chips--{name}") for name in ("number", "mark", "text")
        }
        segments = [Segment(text, styles[style]) for text, style, _ in self._laid_out(width)]
        return Strip(segments).crop_extend(0, width, self.rich_style)

    def on_click(self, event: Click) -> None:
        """A click asks what is clicked."""
        event.stop()
        at = event.get_content_offset(self)
        if at is None:
            return
        end = 0
        for text, _, place in self._laid_out(self.size.width):
            end += cell_len(text)
            if at.x < end:
                if place:
                    self.post_message(self.Chosen(place))
                return

    def _laid_out(self, width: int) -> list[tuple[str, str, int]]:
        """Text, style, and the place of the chip it belongs to; 0 between two."""
        parts: list[tuple[str, str, int]] = []
        for chip, text in zip(self._chips, _cut(self._chips, width), strict=False):
            if parts:
                parts.append((_BETWEEN, "text", 0))
            parts.append((f"{chip.place} ", "number", chip.place))
            parts.append((f"{chip.mark} ", "mark", chip.place))
            parts.append((text, "text", chip.place))
        return parts


def _cut(chips: Sequence[Chip], width: int) -> list[str]:
    """The questions as they fit side by side: short ones whole, long ones alike; the last ones may not."""
    texts = [clean_line(chip.question) for chip in chips]
    while texts:
        around = sum(len(f"{chip.place} ") + 2 for chip in chips[: len(texts)])
        room = width - around - len(_BETWEEN) * (len(texts) - 1)
        lengths = [cell_len(text) for text in texts]
        share = _fair(lengths, room)
        if share >= min(_LEAST_CELLS, max(lengths)) or len(texts) == 1:
            return [beginning(text, max(1, share)) for text in texts]
        texts.pop()
    return texts


def _fair(lengths: Sequence[int], room: int) -> int:
    """So much each may have at most; what the short ones leave goes to the long ones."""
    left = len(lengths)
    for length in sorted(lengths):
        if length * left > room:
            return room // left
        room -= length
        left -= 1
    return max(lengths, default=0)

"""One dim row that names what would go along with the next question; not there when nothing would."""

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
from tui.parts import part_style

_LEAD, _BETWEEN, _REMOVE = "▤ ", " · ", " ✕"


@dataclass(frozen=True, slots=True)
class Chip:
    """One source on the row.

    Attributes:
        key: by which whoever shows it knows it again.
        words: its name and how much it is.
        is_trouble: it cannot be sent, and the words say so.
        is_removable: a click on its mark takes it away.
    """

    key: str
    words: str
    is_trouble: bool = False
    is_removable: bool = True


class SourceRow(Widget):
    """Chips side by side; what does not fit is counted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sources--chip", "sources--mark", "sources--trouble"}
    DEFAULT_CSS = """
    SourceRow {
        display: none; height: 1; padding: 0 1;
        .sources--chip { color: $text-muted; }
        .sources--mark { color: $text-accent; }
        .sources--trouble { color: $text-error; }
    }
    """

    class Removed(Message):
        """The mark of a chip was clicked."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    class Opened(Message):
        """A chip itself was clicked, or what stands for those that do not fit (then without a key)."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._chips: tuple[Chip, ...] = ()

    def show(self, chips: Sequence[Chip]) -> None:
        """Show these; none takes the row away."""
        if tuple(chips) == self._chips:
            return
        self._chips = tuple(chips)
        self.display = bool(chips)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        width = self.size.width
        styles = {
            name: self.rich_style + part_style(self, f"sources--{name}")
            for name in ("chip", "mark", "trouble")
        }
        segments = [Segment(text, styles[style]) for text, style, _, _ in self._laid_out(width)]
        return Strip(segments).crop_extend(0, width, self.rich_style)

    def on_click(self, event: Click) -> None:
        """The mark removes, anything else opens."""
        event.stop()
        at = event.get_content_offset(self)
        if at is None:
            return
        end = 0
        for text, _, key, removes in self._laid_out(self.size.width):
            end += cell_len(text)
            if at.x < end:
                self.post_message(self.Removed(key) if removes else self.Opened(key))
                return

    def _laid_out(self, width: int) -> list[tuple[str, str, str, bool]]:
        """Text, style, whose it is, and whether a click there removes."""
        count = self._fitting(width)
        parts = [(_LEAD, "mark", "", False)]
        for index, chip in enumerate(self._chips[:count]):
            if index:
                parts.append((_BETWEEN, "chip", "", False))
            words = clean_line(chip.words)
            room = width - cell_len(_LEAD) - self._rest_cells(count) - cell_len(_REMOVE)
            if count == 1 and cell_len(words) > room:
                words = set_cell_size(words, max(1, room - 1)).rstrip() + "…"
            parts.append((words, "trouble" if chip.is_trouble else "chip", chip.key, False))
            if chip.is_removable:
                parts.append((_REMOVE, "mark", chip.key, True))
        if count < len(self._chips):
            parts.append((f"{_BETWEEN}+{len(self._chips) - count}", "chip", "", False))
        return parts

    def _fitting(self, width: int) -> int:
        """How many chips fit; the first one always does, cut if it must be."""
        used = cell_len(_LEAD)
        for index, chip in enumerate(self._chips):
            used += (
                cell_len(clean_line(chip.words)) + cell_len(_REMOVE) + (cell_len(_BETWEEN) if index else 0)
            )
            if index and used + self._rest_cells(index + 1) > width:
                return index
        return len(self._chips)

    def _rest_cells(self, shown: int) -> int:
        rest = len(self._chips) - shown
        return cell_len(f"{_BETWEEN}+{rest}") if rest else 0

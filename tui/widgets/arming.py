"""What would leave this machine, said before it does: a row to agree to, and what can be left out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.sanitise import clean_line
from tui.cells import beginning
from tui.parts import part_style

_BETWEEN = " · "
_STRUCK = " (not sent)"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that goes along and can be struck.

    Attributes:
        words: what it is, and how much.
    """

    words: str
    is_struck: bool = False


class ArmingRow(Widget, can_focus=True):
    """What would be sent where; the person says whether it is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "arming--sends",
        "arming--keys",
        "arming--item",
        "arming--struck",
    }
    DEFAULT_CSS = """
    ArmingRow {
        display: none; height: 1; padding: 0 1; background: $surface;
        .arming--sends { color: $foreground; text-style: bold; }
        .arming--keys { color: $text-accent; }
        .arming--item { color: $text-muted; }
        .arming--struck { color: $text-muted; text-style: strike; }
    }
    """

    class Agreed(Message):
        """Enter: it goes."""

    class Struck(Message):
        """An item was struck, or no longer is.

        Attributes:
            number: from 1.
        """

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._sends: Callable[[int], str] = lambda _: ""
        self._asks: tuple[str, ...] = ()
        self._items: tuple[Item, ...] = ()

    def show(self, sends: Callable[[int], str], asks: Sequence[str], items: Sequence[Item]) -> None:
        """Say it.

        Args:
            sends: what goes where at what cost, in so many cells.
            asks: why the person is asked.
        """
        self._sends, self._asks, self._items = sends, tuple(asks), tuple(items)
        self.styles.height = 3 if items else 2
        self.display = True
        self.refresh(layout=True)

    def close(self) -> None:
        """Nothing is asked any more."""
        self.display = False

    def render_line(self, y: int) -> Strip:
        """What is sent; why that is asked, and the keys; what can be struck."""
        width = self.size.width
        base = self.rich_style
        segments = [
            Segment(text, base + part_style(self, f"arming--{style}"))
            for text, style in self._spans(y, width)
        ]
        return Strip(segments).crop_extend(0, width, base)

    def _spans(self, y: int, width: int) -> list[tuple[str, str]]:
        if y == 0:
            return [(beginning(clean_line(self._sends(width)), width), "sends")]
        if y == 1:
            keys = "enter sends · esc no" if self.has_focus else "/go sends · /cancel"
            if self._items:
                keys += " · 1-9 strike" if self.has_focus else " · /strike N"
            why = clean_line(", ".join(self._asks))
            room = width - cell_len(keys) - len(_BETWEEN)
            why = f"{beginning(why, room)}{_BETWEEN}" if why and room > 8 else ""
            return [(why, "item"), (keys, "keys")]
        return [(text, style) for text, style, _ in self._chips(width)]

    def _chips(self, width: int) -> list[tuple[str, str, int]]:
        """Text, style, and the number of the item that it belongs to."""
        chips: list[tuple[str, str, int]] = []
        used = 0
        for number, item in enumerate(self._items, 1):
            text = f"{number}) {clean_line(item.words)}" + (_STRUCK if item.is_struck else "")
            rest = f"{_BETWEEN}+{len(self._items) - number + 1}"
            room = width - used - (0 if number == len(self._items) else len(rest))
            if chips and cell_len(text) + len(_BETWEEN) > room:
                chips.append((rest, "item", 0))
                break
            if chips:
                chips.append((_BETWEEN, "item", 0))
                used += len(_BETWEEN)
            text = beginning(text, max(1, room))
            chips.append((text, "struck" if item.is_struck else "item", number))
            used += cell_len(text)
        return chips

    def on_focus(self) -> None:
        """Other keys work here."""
        self.refresh()

    def on_blur(self) -> None:
        """Other keys work there."""
        self.refresh()

    def on_key(self, event: Key) -> None:
        """Enter agrees, a digit strikes; every other key means what it means anywhere."""
        if event.key == "enter":
            event.stop()
            self.post_message(self.Agreed())
        elif event.character in self.digits():
            event.stop()
            self.post_message(self.Struck(int(event.character or 0)))

    def digits(self) -> tuple[str, ...]:
        """The digits that strike something."""
        return tuple(str(number) for number in range(1, min(len(self._items), 9) + 1))

    def on_click(self, event: Click) -> None:
        """A click on an item strikes it."""
        event.stop()
        at = event.get_content_offset(self)
        if at is None or at.y != 2:
            return
        end = 0
        for text, _, number in self._chips(self.size.width):
            end += cell_len(text)
            if at.x < end:
                if number:
                    self.post_message(self.Struck(number))
                return

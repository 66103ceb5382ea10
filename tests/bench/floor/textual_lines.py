"""A bare Textual chat: one widget that draws wrapped lines of plain text, at most thirty updates a second.

What the framework allows if a reply is not a tree of widgets. Called with the server's address.
"""

import time

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tests.bench.floor.chat_client import Client, Said, arguments

FRAME_S = 1 / 30


def wrapped(paragraph: str, width: int) -> list[str]:
    """One paragraph cut between words."""
    lines, line = [], ""
    for word in paragraph.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


class Lines(ScrollView):
    """Lines, of which only the last paragraph is ever wrapped again."""

    DEFAULT_CSS = "Lines { height: 1fr; }"

    def __init__(self, said: Said) -> None:
        super().__init__()
        self._early = "".join(f"{message['content']}\n" for message in said)
        self._strips: list[Strip] = []
        self._style = Style()
        self._open = ""
        self._whole = 0
        self._held: list[str] = []
        self._shown_at = 0.0
        self._is_due = False

    def on_mount(self) -> None:
        """What was said before, once there is a width."""
        self._style = self.rich_style
        self.call_after_refresh(self.take, self._early)

    def begin(self, question: str) -> None:
        """Show a question; the first piece of its answer does not wait."""
        self.take(f"\n> {question}\n")
        self._shown_at = 0.0

    def take(self, text: str) -> None:
        """Show a piece: at once after a pause, else with the next update."""
        self._held.append(text)
        if self._is_due:
            return
        wait_s = self._shown_at + FRAME_S - time.monotonic()
        if wait_s <= 0:
            self._show()
        else:
            self._is_due = True
            self.set_timer(wait_s, self._show)

    def _show(self) -> None:
        self._is_due, self._shown_at = False, time.monotonic()
        *whole, self._open = (self._open + "".join(self._held)).split("\n")
        self._held.clear()
        width = max(self.size.width - 2, 20)
        del self._strips[self._whole :]
        for paragraph in whole:
            self._draw(paragraph, width)
        self._whole = len(self._strips)
        self._draw(self._open, width)
        size = Size(width, len(self._strips))
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)  # by itself it would lay out the whole screen
            self._scroll_update(size)
            self.scroll_to(y=size.height, animate=False, force=True)
        self.refresh()

    def _draw(self, paragraph: str, width: int) -> None:
        """Each line once; it is painted as often as the view scrolls."""
        for line in wrapped(paragraph, width):
            text = line.ljust(self.size.width)
            self._strips.append(Strip([Segment(text, self._style)], len(text)))

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        number = y + self.scroll_offset.y
        if number < len(self._strips):
            return self._strips[number]
        return Strip.blank(self.size.width, self._style)


class Bare(App[None]):
    """Lines and an input."""

    AUTO_FOCUS = "Input"

    def __init__(self, url: str, said: Said) -> None:
        super().__init__()
        self._client = Client(url, said)
        self._lines = Lines(said)

    def compose(self) -> ComposeResult:
        yield self._lines
        yield Input()

    def on_mount(self) -> None:
        """Httpx behind the first frame."""
        self.call_after_refresh(lambda: self.run_worker(self._client.open()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask."""
        event.input.clear()
        self.run_worker(self._ask(event.value), exclusive=True)

    async def _ask(self, question: str) -> None:
        self._lines.begin(question)
        async for text in self._client.ask(question):
            self._lines.take(text)
        self._lines.take("\n")


if __name__ == "__main__":
    Bare(*arguments()).run()

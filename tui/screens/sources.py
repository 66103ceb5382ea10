"""What would go along with the next question, to be looked at and taken away."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.amounts import tokens_text
from core.context.budget import estimate_tokens
from core.messages import Attachment
from core.sanitise import clean_line
from tui.amounts import bytes_text
from tui.cells import ending
from tui.screens.attaching import Held

_NAME_CELLS = 40


class Preview(ScrollView, can_focus=True):
    """A text of any length as it stands, line by line."""

    DEFAULT_CSS = "Preview { height: 1fr; background: $background; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def show(self, text: str) -> None:
        """Show another text, from its beginning."""
        self._lines = [line.expandtabs(4) for line in text.split("\n")]
        self.virtual_size = Size(max(map(len, self._lines)), len(self._lines))
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, as far as it is scrolled to."""
        x, top = self.scroll_offset
        line = self._lines[top + y] if top + y < len(self._lines) else ""
        width = self.size.width
        return Strip([Segment(line, self.rich_style)]).crop_extend(x, x + width, self.rich_style)


class SourcesScreen(ModalScreen[None]):
    """Every source with its size and freshness, and the text of the one that is chosen."""

    DEFAULT_CSS = """
    SourcesScreen { align: center middle; background: $background 60%; }
    SourcesScreen Vertical {
        width: 94%; min-width: 20; max-width: 140; height: 90%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    SourcesScreen Static { color: $text-muted; }
    SourcesScreen OptionList { height: auto; max-height: 35%; background: $surface; border: none; }
    SourcesScreen OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,ctrl+s", "dismiss(None)", "Close"),
        ("delete,backspace", "remove", "Remove"),
        ("pagedown", "scroll(1)", "Down"),
        ("pageup", "scroll(-1)", "Up"),
    ]

    def __init__(
        self,
        held: Callable[[], tuple[Held, ...]],
        remove: Callable[[str], None],
        newest: Callable[[Held], Awaitable[Attachment | None]],
    ) -> None:
        """Make it.

        Args:
            held: what there is now.
            remove: takes one of them away, by its key.
            newest: reads a followed one again; None when it cannot be read.
        """
        super().__init__()
        self._held = held
        self._remove = remove
        self._newest = newest
        self._rows: list[tuple[Held, Attachment | None]] = []
        self._fresh: dict[str, str] = {}
        self._shown = ""
        self._list = OptionList(markup=False)
        self._preview = Preview()

    def compose(self) -> ComposeResult:
        """A list above, the text of one source below."""
        with Vertical():
            yield Static("What goes along · delete removes · tab: its text · esc closes", markup=False)
            yield self._list
            yield self._preview

    def on_mount(self) -> None:
        """List what there is; what the conversation follows is looked at behind."""
        self._fill(0)
        self.set_focus(self._list)
        self.run_worker(self._look_again(), group="newest", exclusive=True)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show its text; the word may come late, when the list is another already."""
        if event.option_index < len(self._rows):
            self._show(event.option_index)

    def action_remove(self) -> None:
        """Take the highlighted source away; with the last one gone there is nothing to look at."""
        at = self._list.highlighted
        if at is None or at >= len(self._rows):
            return
        self._remove(self._rows[at][0].key)
        self._fill(at)
        if not self._rows:
            self.dismiss(None)

    def action_scroll(self, pages: int) -> None:
        """Scroll the text, wherever the focus is."""
        self._preview.scroll_relative(y=pages * max(1, self._preview.size.height - 1), animate=False)

    async def _look_again(self) -> None:
        for held, attachment in list(self._rows):
            if not held.is_followed or attachment is None:
                continue
            newest = await self._newest(held)
            self._fresh[held.key] = (
                "cannot be read any more"
                if newest is None
                else "unchanged since it was sent"
                if newest.sha256 == attachment.sha256
                else "changed, goes again"
            )
            self._fill(self._list.highlighted or 0)

    def _fill(self, at: int) -> None:
        self._rows = [(held, one) for held in self._held() for one in held.attachments or (None,)]
        self._list.clear_options()
        self._list.add_options([Option(Content(self._line(held, one))) for held, one in self._rows])
        if self._rows:
            self._list.highlighted = min(at, len(self._rows) - 1)
            self._show(min(at, len(self._rows) - 1))

    def _show(self, at: int) -> None:
        held, attachment = self._rows[at]
        text = attachment.text if attachment else held.trouble or "not read yet"
        if text is not self._shown:  # who has scrolled in it stays there
            self._shown = text
            self._preview.show(text)

    def _line(self, held: Held, attachment: Attachment | None) -> str:
        name = clean_line(attachment.name if attachment else held.label)
        name = ending(name, _NAME_CELLS)
        if attachment is None:
            return f"{name}  {'cannot be sent' if held.trouble else '…'}"
        text = attachment.text
        lines = len(text.splitlines())
        size = f"{lines:,} line{'s' if lines != 1 else ''}  {bytes_text(len(text.encode()))}"
        return f"{name}  {size}  {tokens_text(estimate_tokens(text))} tok  {self._freshness(held)}"

    def _freshness(self, held: Held) -> str:
        if held.is_followed:
            return self._fresh.get(held.key, "sent before, read again at each question")
        return "goes once" if held.key.startswith("carried:") else "new"

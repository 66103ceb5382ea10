"""Where the person types: several lines, earlier questions, and keys that mean what they say."""

import unicodedata
from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from core.sanitise import clean
from tui.pasted import Pasted, Span

JOINER = "\u200d"
"""Stands inside emoji of several people or things, and comes as a key of its own."""


def writes(key: events.Key) -> bool:
    """Whether a key writes something: a wide space, a no-break space and a joiner do, printable or not."""
    character = key.character
    return key.is_printable or (
        character is not None and (character == JOINER or unicodedata.category(character) in ("Zs", "Co"))
    )


class Prompt(TextArea):
    """An input that grows to a quarter of the screen; enter sends."""

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        min-height: 1;
        max-height: 25h;
        padding: 0 0 0 1;
        border: none;
        background: $surface;
        color: $foreground;
        &:focus { border: none; }
        & .text-area--cursor-line { background: $surface; }
        & .text-area--placeholder { color: $text-muted; }
    }
    """

    class Sent(Message):
        """The person pressed enter.

        Attributes:
            is_literal: it began with a space or a paste, so it is text whatever it begins with.
            pasted: the parts of it that were pasted; no sigil in them acts.
        """

        def __init__(self, text: str, is_literal: bool, pasted: tuple[Span, ...] = ()) -> None:
            self.text = text
            self.is_literal = is_literal
            self.pasted = pasted
            super().__init__()

    class Left(Message):
        """Shift+tab: the person wants to read."""

    def __init__(
        self,
        newline_keys: frozenset[str],
        placeholder: str,
        walk: Callable[[int], None],
        choose: Callable[[str], bool],
    ) -> None:
        """Make it.

        Args:
            newline_keys: what puts a new line in.
            placeholder: shown while nothing is typed.
            walk: up on the first line (1) and down on the last (-1) go through earlier questions. Called at
                once and not told by message, so that what is typed next stands behind what it brings.
            choose: a key that may mean something to what is offered for the word being typed, called at once
                for the same reason; whether it did.
        """
        super().__init__(
            soft_wrap=True,
            show_line_numbers=False,
            compact=True,
            placeholder=placeholder,
            highlight_cursor_line=False,
        )
        self._newline_keys = newline_keys
        self._walk = walk
        self._choose = choose
        self._begins_with_paste = False
        self._pasted = Pasted()

    @property
    def is_literal(self) -> bool:
        """Whether it is text even where it looks like a command: it began with a space, or was not typed."""
        return self._begins_with_paste or self.text[:1].isspace()

    @property
    def pasted(self) -> tuple[Span, ...]:
        """The parts of the text that were pasted."""
        return self._pasted.spans

    def put(self, text: str, *, is_literal: bool = False, pasted: tuple[Span, ...] = ()) -> None:
        """Replace what is typed; the cursor goes to the end. Undo brings the former text back."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)
        self._begins_with_paste = is_literal
        self._pasted.restore(text, pasted)

    def put_in(self, text: str, start: int, end: int) -> None:
        """Replace a part of what is typed, counted in characters; the cursor goes behind it."""
        result = self.replace(text, self._place(start), self._place(end), maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    @property
    def cursor_index(self) -> int:
        """How many characters stand before the cursor."""
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def _place(self, index: int) -> tuple[int, int]:
        before = self.text[:index].split("\n")
        return len(before) - 1, len(before[-1])

    def edit(self, edit: Edit) -> EditResult:
        """Every change goes through here; what was pasted is followed at once, not when it is heard of."""
        result = super().edit(edit)
        self._pasted.follow(self.text)
        return result

    def on_text_area_changed(self) -> None:
        """An emptied prompt forgets that it began with a paste."""
        if not self.text:
            self._begins_with_paste = False

    async def _on_key(self, event: events.Key) -> None:
        if self._act_on(event.key):
            event.stop()
            event.prevent_default()
            return
        # The editor's own bindings would run only after the key has gone up to the app and back, while a
        # letter is inserted at once: keys that come together (a fast typist, ssh) would change places.
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
            return
        if event.character is not None and writes(event) and not event.is_printable:
            event.stop()
            event.prevent_default()
            self._replace_via_keyboard(event.character, *self.selection)
            return
        await super()._on_key(event)

    def _act_on(self, key: str) -> bool:
        """Do what a key means here; False leaves it to the editor."""
        if self._choose(key):
            return True
        if key == "enter":
            self._send()
        elif key in self._newline_keys:
            self.insert("\n")
        elif key == "shift+tab":
            self.post_message(self.Left())
        elif key == "up" and self.cursor_at_first_line:
            self._walk(1)
        elif key == "down" and self.cursor_at_last_line:
            self._walk(-1)
        else:
            return key == "tab"
        return True

    def _send(self) -> None:
        """Send what is typed; a backslash before enter means a new line, and nothing typed sends nothing."""
        text = self.text
        if self.cursor_location == self.document.end and text.endswith("\\") and not text.endswith("\\\\"):
            end = self.document.end
            self.replace("\n", (end[0], end[1] - 1), end, maintain_selection_offset=False)
            self.move_cursor(self.document.end)
            return
        if not text.strip():
            return
        self.post_message(self.Sent(text, self.is_literal, self.pasted))
        self.put("")

    async def _on_paste(self, event: events.Paste) -> None:
        """A paste is text: made harmless, and never a command."""
        event.stop()
        event.prevent_default()
        start, end = self.selection
        if min(start, end) == (0, 0):
            self._begins_with_paste = True
        self._pasted.expect()
        if result := self._replace_via_keyboard(clean(event.text), start, end):
            self.move_cursor(result.end_location)

"""The history screen: earlier questions to ask again, and everything that was said, found while one types."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content, Span
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.errors import HouseError
from core.sanitise import clean_line
from tui.bridge import Bridge
from tui.cells import beginning
from tui.labels import ago_text
from tui.snippets import Snippet, has_words, snippet

Mode = Literal["prompts", "everything"]
MOST = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the person chose.

    Attributes:
        question: to be put into the prompt; empty when a conversation is to be opened.
        turn: where to open it; None for its end.
    """

    question: str = ""
    conversation: int | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, and what it stands for."""

    question: str
    conversation: int | None
    turn: int | None
    title: str
    age_s: float | None
    answer: str = ""


def rows_of(bridge: Bridge, mode: Mode, typed: str, now: float) -> list[Row]:
    """What the list shows; blocking, so it runs in a thread."""
    if typed.strip():
        rows = [
            Row(each.question, each.conversation, each.turn, each.title, now - each.asked_at, each.answer)
            for each in bridge.search(typed, MOST)
        ]
        if mode == "everything":
            return rows
        asked = {row.question: row for row in rows if has_words(row.question, typed)}
        return [replace(row, answer="") for row in asked.values()]
    if mode == "prompts":
        return [Row(question, None, None, "", None) for question in bridge.questions(MOST)]
    return [Row("", each.id, None, each.title, now - each.updated_at) for each in bridge.recent(MOST)]


class HistoryScreen(ModalScreen[Chosen | None]):
    """Search, then take a question into the prompt or open its conversation."""

    DEFAULT_CSS = """
    HistoryScreen { align: center middle; background: $background 60%; }
    HistoryScreen Vertical {
        width: 94%; min-width: 20; max-width: 130; height: 90%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    HistoryScreen Input { border: none; height: 1; padding: 0; background: $surface; }
    HistoryScreen Input:focus { border: none; }
    HistoryScreen OptionList { height: 1fr; background: $surface; border: none; padding: 0; margin: 1 0; }
    HistoryScreen OptionList:focus { border: none; }
    HistoryScreen Static { height: 1; color: $text-muted; }
    HistoryScreen #keys { color: $text-accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", priority=True),
        Binding("tab", "switch", "Prompts or everything", priority=True),
        Binding("down", "move(1)", "Next", priority=True),
        Binding("up", "move(-1)", "Before", priority=True),
        Binding("pagedown", "move(10)", "Further down", priority=True),
        Binding("pageup", "move(-10)", "Further up", priority=True),
        Binding("ctrl+o", "open", "Open its conversation", priority=True),
        Binding("f2", "rename", "Rename", priority=True),
        Binding("f8", "delete", "Delete", priority=True),
        Binding("f9", "undo", "Bring back", priority=True),
    ]

    def __init__(
        self, bridge: Bridge, mode: Mode, typed: str = "", now: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._now = now
        self._mode: Mode = mode
        self._rows: list[Row] = []
        self._deleted: list[int] = []
        self._renaming: int | None = None
        self._kept = typed
        self._wish = 0
        self._is_looking = False
        self._input = Input(typed, placeholder="words that stand in a question or an answer")
        self._list = OptionList(markup=False)
        self._told = Static("", markup=False)
        self._keys = Static("", id="keys", markup=False)

    def compose(self) -> ComposeResult:
        """One field, one list, a line that tells and a line of keys."""
        with Vertical():
            yield self._input
            yield self._list
            yield self._told
            yield self._keys

    def on_mount(self) -> None:
        """The field has the focus, and what is newest is there already."""
        self._list.can_focus = False
        self.set_focus(self._input)
        self._input.cursor_position = len(self._input.value)
        self._look()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while one types."""
        event.stop()
        if self._renaming is None:
            self._look()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the row; while a title is being typed, it is the title's end."""
        event.stop()
        if self._renaming is not None:
            self._end_renaming(clean_line(event.value).strip())
        elif self._mode == "prompts":
            row = self._row()
            self.dismiss(Chosen(question=row.question) if row else None)
        else:
            self.action_open()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click takes the row as enter does."""
        event.stop()
        self._list.highlighted = event.option_index
        self.on_input_submitted(Input.Submitted(self._input, self._input.value))

    # Actions

    def action_close(self) -> None:
        """Leave the title as it was, else close."""
        if self._renaming is not None:
            self._end_renaming("")
        else:
            self.dismiss(None)

    def action_switch(self) -> None:
        """Prompts only, or everything."""
        if self._renaming is None:
            self._mode = "everything" if self._mode == "prompts" else "prompts"
            self._look()

    def action_move(self, step: int) -> None:
        """Through the list, with the field still taking what is typed."""
        if self._rows:
            at = self._list.highlighted or 0
            self._list.highlighted = max(0, min(len(self._rows) - 1, at + step))

    def action_open(self) -> None:
        """Open the conversation at the turn."""
        row = self._row()
        if row is not None and row.conversation is not None:
            self.dismiss(Chosen(conversation=row.conversation, turn=row.turn))

    def action_rename(self) -> None:
        """The field takes the title now."""
        row = self._row()
        if row is not None and row.conversation is not None and self._renaming is None:
            self._renaming, self._kept = row.conversation, self._input.value
            self._input.value = row.title
            self._input.cursor_position = len(row.title)
            self._tell_keys()

    def action_delete(self) -> None:
        """Out of sight at once; F9 brings it back."""
        row = self._row()
        if row is not None and row.conversation is not None and self._renaming is None:
            self._act(self._bridge.delete(row.conversation))
            self._deleted.append(row.conversation)
            self._tell(f"deleted: {beginning(row.title, 40)} · F9 undoes it")

    def action_undo(self) -> None:
        """Bring back what was deleted last here."""
        if self._deleted:
            number = self._deleted.pop()
            self._act(self._bridge.undo_delete(number))
            self._tell("it is back")

    # What the actions are made of

    def _end_renaming(self, title: str) -> None:
        number, self._renaming = self._renaming, None
        if number is not None and title:
            self._act(self._bridge.rename(number, title))
        self._input.value = self._kept
        self._look()

    def _act(self, act: Coroutine[None, None, None]) -> None:
        """Change something in the store; then look again."""

        async def work() -> None:
            try:
                await act
            except HouseError as error:
                self._tell(error.told)
            self._look()

        self.run_worker(work(), group="act")

    def _row(self) -> Row | None:
        at = self._list.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def _look(self) -> None:
        """Show what is typed now, soon; one search runs at a time, and the newest wish wins."""
        self._wish += 1
        if not self._is_looking:
            self._is_looking = True
            # As a function, so that closing at once leaves no coroutine that was never begun.
            self.run_worker(self._look_up, group="look")  # type: ignore[arg-type]  # Textual means it so

    async def _look_up(self) -> None:
        try:
            wish = 0
            while wish != self._wish:
                wish, mode, typed = self._wish, self._mode, self._input.value
                rows = await asyncio.to_thread(rows_of, self._bridge, mode, typed, self._now())
                if wish == self._wish:
                    self._show(rows, typed)
        except HouseError as error:
            self._tell(error.told)
        finally:
            self._is_looking = False

    def _show(self, rows: list[Row], typed: str) -> None:
        at = self._list.highlighted or 0
        self._rows = rows
        self._list.clear_options()
        width = max(20, self._list.size.width - 4)
        self._list.add_options(Option(_drawn(row, typed, width)) for row in rows)
        if rows:
            self._list.highlighted = min(at, len(rows) - 1) if not typed else 0
        elif typed.strip():
            self._tell("nothing has all of these words")
        self._tell_keys()

    def _tell(self, text: str) -> None:
        self._told.update(Text(clean_line(text)))

    def _tell_keys(self) -> None:
        if self._renaming is not None:
            keys = "enter gives it this title · esc leaves it"
        elif self._mode == "prompts":
            keys = "enter takes · ctrl+o opens · tab everything · esc"
        else:
            keys = "enter opens · tab prompts · F2 renames · F8 deletes · F9 undoes · esc"
        self._keys.update(Text(keys))


def _drawn(row: Row, typed: str, width: int) -> Content:
    """The question or title, how long ago, and below it the piece of the answer that was found."""
    age = "" if row.age_s is None else f"  {ago_text(row.age_s)}"
    head = _marked(snippet(row.question or row.title, typed, max(10, width - len(age))))
    lines = [head + Content.styled(age, "dim")]
    if row.answer:
        lines.append(Content("  ") + _marked(snippet(row.answer, typed, width - 2), "dim"))
    return Content("\n").join(lines)


def _marked(piece: Snippet, style: str = "") -> Content:
    spans = [Span(start, end, "$text-warning bold") for start, end in piece.marks]
    base = [Span(0, len(piece.text), style)] if style else []
    return Content(piece.text, [*base, *spans])

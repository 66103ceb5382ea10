"""The deep panel: a run under way, docked below the transcript or beside it, and never in front of it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.events import Click, Key
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.deep.status import RunState, RunStatus
from core.events import StageState
from tui.cells import beginning
from tui.parts import part_style
from tui.run_wording import ended_elsewhere, plain, step_now, steps_of
from tui.widgets.panel_lines import PanelLine, low_height, low_lines, parts_of, tall_lines

WIDE_FROM = 150
SIDE_CELLS = 72
_LEAST_BOXED = 4

Shape = Literal["open", "row", "hidden"]
"""All of it, one row of it, or nothing."""


class DeepPanel(Widget, can_focus=True):
    """Shows one run of several; told how they stand, it draws again only what has changed.

    Args:
        keys: what a key means while it has the focus, by the id of `tui.keys`.
        is_plain: the terminal cannot show our marks.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("panel--text", "panel--muted", "panel--accent", "panel--trouble", "panel--chosen", "panel--frame")
    }
    DEFAULT_CSS = """
    DeepPanel {
        width: 100%; height: 1; display: none;
        .panel--text { color: $foreground; }
        .panel--muted { color: $text-muted; }
        .panel--accent { color: $text-accent; }
        .panel--trouble { color: $text-error; }
        .panel--chosen { color: $foreground; background: $surface; text-style: bold; }
        .panel--frame { color: $text-muted; }
        &:focus .panel--frame { color: $text-accent; }
    }
    """

    class Acted(Message):
        """A key of the panel's was pressed.

        Attributes:
            action: its id in `tui.keys`.
            key: of the row that is chosen; empty when none can be.
        """

        def __init__(self, action: str, key: str) -> None:
            self.action = action
            self.key = key
            super().__init__()

    def __init__(self, keys: Mapping[str, str], *, is_plain: bool = False) -> None:
        super().__init__()
        self._keys = keys
        self._is_plain = is_plain
        self._shape: Shape = "hidden"
        self._room = (80, 24)
        self._status: RunStatus | None = None
        self._others: tuple[RunStatus, ...] = ()
        self._word = ""
        self._is_elsewhere = False
        self._chosen = ""
        self._lines: tuple[PanelLine, ...] = ()
        self._frame = ("", "")
        self._cells = (0, 0)
        self.redraws = 0

    # What it is told

    def show(
        self, status: RunStatus, others: Sequence[RunStatus] = (), *, is_elsewhere: bool = False
    ) -> None:
        """How the run stands that is open, and those beside it.

        Args:
            is_elsewhere: its answer is in a conversation that is not on the screen.
        """
        self._status, self._others, self._word = status, tuple(others), ""
        self._is_elsewhere = is_elsewhere
        self._renew()

    def announce(self, word: str) -> None:
        """One row, while there is no run yet."""
        self._status, self._word = None, word
        self.shape = "row"
        self._renew()

    def fit_into(self, columns: int, rows: int) -> None:
        """The screen is so large; the panel finds its own place and size."""
        self._room = (columns, rows)
        self._renew()

    @property
    def shape(self) -> Shape:
        """How much of it is seen."""
        return self._shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self._shape = shape
        self.display = shape != "hidden"
        self._renew()

    @property
    def is_side(self) -> bool:
        """Whether it stands at the right, as the screen is wide enough."""
        return self._room[0] >= WIDE_FROM and self._shape == "open" and self._status is not None

    @property
    def chosen(self) -> str:
        """The step or part that is chosen."""
        return self._chosen if self._chosen in self._keys_of_rows() else self._first_key()

    # Drawing

    @property
    def is_boxed(self) -> bool:
        """Whether there is room for more than one row."""
        return self._shape == "open" and self._status is not None and self._height > 1

    @property
    def _height(self) -> int:
        columns, rows = self._room
        if self._shape != "open" or self._status is None:
            return 1
        if self.is_side:
            return max(1, rows - 3)
        wanted = low_height(self._status.preset) + 2
        room = min(wanted, (rows - 2) // 2)
        return room if room >= _LEAST_BOXED and columns >= 20 else 1

    def _renew(self) -> None:
        """Lay the rows out, and draw again those that are others now."""
        if not self.display:
            return
        columns, _ = self._room
        width = SIDE_CELLS if self.is_side else columns
        height = self._height
        if self._cells != (width, height):
            self._cells = width, height
            self.styles.width, self.styles.height = width, height
        lines = self._laid_out(max(1, width - 4), height)
        frame = self._frame_texts()
        changed = [at for at, line in enumerate(lines) if at >= len(self._lines) or line != self._lines[at]]
        if len(lines) != len(self._lines) or frame != self._frame:
            self.refresh()
            self.redraws += 1
        elif changed:
            top = int(self.is_boxed)
            self.refresh(*(Region(0, at + top, width, 1) for at in changed))
            self.redraws += 1
        self._lines, self._frame = lines, frame

    def _laid_out(self, width: int, height: int) -> tuple[PanelLine, ...]:
        if self._status is None:
            return (PanelLine(self._word, style="accent"),)
        if height == 1 and self._is_elsewhere and self._status.state.is_over:
            return (PanelLine(ended_elsewhere(self._status, width + 2), style="accent"),)
        if height == 1:
            return low_lines(self._status, width + 2, 1)
        if self.is_side:
            return tall_lines(self._status, self._others, width, height - 2)
        return low_lines(self._status, width, height - 2)

    def _frame_texts(self) -> tuple[str, str]:
        """What stands in the upper and in the lower edge."""
        status = self._status
        if status is None:
            return "", ""
        steps = steps_of(status)
        where = "" if status.state.is_over else f" · stage {step_now(status)[0]} of {len(steps)}"
        more = f" · {len(self._others)} more, n: next" if self._others else ""
        title = f"{status.preset} · run {status.number}{where}{more} · {status.model} · {status.place}"
        return title, self._hints(status)

    def _hints(self, status: RunStatus) -> str:
        """The keys that work where the focus is, most wanted first."""
        if not self.has_focus:
            if status.state.is_over:
                return "/finding reads · /hide"
            if status.state is RunState.PLANNED:  # the row holds no more at 80 cells
                wait = "" if status.goes_on_in_s is None else "/plan waits · "
                return f"{wait}/strike N · /go · /end keeps · /hint TEXT · shift+tab"
            return "/end keeps · /hint TEXT · /hide · shift+tab"
        if status.state.is_over:
            return "enter reads · b hides · c one row"
        if status.state is RunState.PLANNED:
            return "p wait · x strike · g go on · e end"
        return "enter reads · e end+keep · u hint · b hide · c one row"

    def render_line(self, y: int) -> Strip:
        """One row, with its piece of the frame."""
        width = self.size.width
        if not self.is_boxed:
            line = self._lines[0] if self._lines and y == 0 else PanelLine("")
            return self._strip([(f" {line.text}", line.style)], width)
        if y in (0, self.size.height - 1):
            return self._strip([(self._edge(y == 0, width), "frame")], width)
        line = self._lines[y - 1] if y - 1 < len(self._lines) else PanelLine("")
        is_chosen = self.has_focus and line.key != "" and line.key == self.chosen
        room = max(0, width - 4)
        text = set_cell_size(beginning(line.text, room), room)
        lead = "›" if is_chosen else " "
        side = "|" if self._is_plain else "│"
        spans = [(side, "frame"), (f"{lead}{text} ", "chosen" if is_chosen else line.style), (side, "frame")]
        return self._strip(spans, width)

    def _edge(self, is_upper: bool, width: int) -> str:
        text = self._frame_texts()[0 if is_upper else 1]
        text = beginning(f" {text} ", max(0, width - 6)) if text else ""
        if self._is_plain:
            left, right, line = "+", "+", "-"
        else:
            left, right = ("╭", "╮") if is_upper else ("╰", "╯")
            line = "─"
        return f"{left}{line}{text}{line * max(0, width - cell_len(text) - 3)}{right}"

    def _strip(self, spans: Sequence[tuple[str, str]], width: int) -> Strip:
        base = self.rich_style
        segments = [
            Segment(
                plain(text) if self._is_plain else text,
                base + part_style(self, f"panel--{style}"),
            )
            for text, style in spans
        ]
        return Strip(segments).crop_extend(0, width, base)

    def on_focus(self) -> None:
        """What is chosen is seen, and the keys are others."""
        self._renew()

    def on_blur(self) -> None:
        """The keys are others."""
        self._renew()

    # Choosing

    def _keys_of_rows(self) -> list[str]:
        return [line.key for line in self._lines if line.key]

    def _first_key(self) -> str:
        """What runs, else what ended last: what one would read first."""
        status, keys = self._status, self._keys_of_rows()
        if status is None or not keys:
            return ""
        running = [part.id for part in parts_of(status) if part.state is StageState.STARTED]
        wanted = [*running, step_now(status)[1].name]
        return next((key for key in wanted if key in keys), keys[0])

    def _move(self, step: int) -> None:
        keys = self._keys_of_rows()
        if keys:
            at = keys.index(self.chosen)
            self._chosen = keys[(at + step) % len(keys)]
            self.refresh()

    async def _on_key(self, event: Key) -> None:
        action = self._keys.get(event.key, "")
        if not action:
            return
        event.stop()
        event.prevent_default()
        match action:
            case "run_up":
                self._move(-1)
            case "run_down":
                self._move(1)
        self.post_message(self.Acted(action, self.chosen))

    def on_click(self, event: Click) -> None:
        """A click chooses a row; on the one that is chosen it opens it. One row alone opens up."""
        event.stop()
        if not self.is_boxed:
            self.post_message(self.Acted("run_fold", ""))
            return
        at = event.y - 1
        key = self._lines[at].key if 0 <= at < len(self._lines) else ""
        if key and key == self.chosen:
            self.post_message(self.Acted("run_read", key))
        elif key:
            self._chosen = key
            self.refresh()

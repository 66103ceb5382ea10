"""A view of a column of lines: it stays where the reader is, and repaints only what has changed."""

from textual.events import Leave, MouseMove, Resize
from textual.geometry import Region, Size, Spacing
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.types import AnimationLevel, CallbackType, EasingFunction
from textual.widget import Widget

from tui.transcript.code import CONTINUED
from tui.transcript.column import Column, Place
from tui.transcript.find import Finder, Match
from tui.transcript.lines import Line, address_in
from tui.transcript.paint import Mark, Painter
from tui.transcript.stack import Part


class Surface(ScrollView):
    """Draws a column, scrolls it, and marks what is selected, found and pointed at.

    Attributes:
        lines_below_unseen: lines that came below the view since the reader scrolled up.
    """

    ALLOW_SELECT = True
    lines_below_unseen: reactive[int] = reactive(0, repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._column = Column()
        self._painter = Painter(self)
        self._is_following = True
        self._is_moving = False
        self._drawn: list[Line] = []
        self._rows: dict[int, tuple[Line, Strip]] = {}
        self._finder: Finder | None = None
        self._found: tuple[Part, Match] | None = None
        self._pointed_at = ""

    @property
    def laid_out_lines(self) -> int:
        """How many lines were laid out so far: the measure of the work done."""
        return self._column.work

    @property
    def is_following(self) -> bool:
        """Whether the view stays at the end as text comes."""
        return self._is_following

    # Keeping the reader's place

    def _place(self) -> Place | None:
        return self._column.place_at(self.scroll_offset.y, max(self.size.height, 1))

    def _arrange(self, place: Place | None) -> None:
        """Lay out what is near the view, with the reader at the end or where they were."""
        column = self._column
        if not column.width:
            return
        height = self.size.height
        top = self._top(place)
        is_moved = False
        while column.lay_out_near(max(0, top - height), top + 2 * height):
            is_moved = True
            top = self._top(place)
        if is_moved and self.text_selection is not None:
            self.screen.clear_selection()  # its lines are others now
        column.trim(max(0, top - 2 * height), top + 3 * height)
        self._go_to(top)
        self._draw_changes()

    def _lines_below(self) -> int:
        return self._column.height - self.scroll_offset.y - self.size.height

    def _top(self, place: Place | None) -> int:
        """The first line of the view."""
        last = max(0, self._column.height - self.size.height)
        if self._is_following:
            return last
        top = self.scroll_offset.y if place is None else self._column.top_for(place)
        return max(0, min(top, last))

    def _go_to(self, top: int) -> None:
        """Set past the reactives, which would lay out and paint the whole screen for each new line."""
        self._is_moving = True
        size = Size(self._column.width, self._column.height)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
        if top != self.scroll_y:
            self.set_reactive(Widget.scroll_y, top)
            self.set_reactive(Widget.scroll_target_y, top)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.position = top
        self._is_moving = False

    def _draw_changes(self) -> None:
        """Repaint the rows that are others now."""
        top, height = self.scroll_offset.y, self.size.height
        lines = [self._column.line(y) for y in range(top, top + height)]
        before, self._drawn = self._drawn, lines
        if len(before) != height:
            self.refresh()
            return
        rows = [row for row in range(height) if lines[row] is not before[row] and lines[row] != before[row]]
        if len(rows) > height // 2:
            self.refresh()
        elif rows:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in rows))

    # Scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader has scrolled: at the end the view follows again, elsewhere it stays."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_moving or round(old_value) == round(new_value):
            return
        self._is_following = new_value >= self.max_scroll_y
        self._arrange(self._place())
        below = 0 if self._is_following else self._lines_below()
        self.lines_below_unseen = max(0, min(self.lines_below_unseen, below))

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
        self.lines_below_unseen = 0
        self._arrange(None)

    def on_resize(self, event: Resize) -> None:
        """Wrap what is in view for the new width; the rest when the reader comes near."""
        place = self._place()
        self._column.width = self.scrollable_content_region.width  # the scrollbar stands on the last column
        self._drawn = []
        self._rows.clear()
        self._arrange(place)
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the view, with offsets so that the mouse can select."""
        return self._strip(y).apply_offsets(0, self.scroll_offset.y + y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are painted: without the offsets, which cost more than all the rest."""
        if self.styles.gutter != Spacing():
            return super().render_lines(crop)
        strips = [self._row(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _row(self, y: int) -> Strip:
        """A row's strip, kept as long as the row shows the same line: every frame asks for all of them."""
        if self._finder is not None or self._pointed_at or self.text_selection is not None:
            return self._strip(y)
        line = self._column.line(self.scroll_offset.y + y)
        kept = self._rows.get(y)
        if kept is None or kept[0] is not line:
            kept = self._rows[y] = line, self._strip(y)
        return kept[1]

    def _strip(self, y: int) -> Strip:
        number = self.scroll_offset.y + y
        line = self._column.line(number)
        marks = self._marks(line, number)
        width = self.size.width
        return self._painter.marked_strip(line, width, marks) if marks else self._painter.strip(line, width)

    def _marks(self, line: Line, number: int) -> list[Mark]:
        marks: list[Mark] = []
        if self._finder is not None:
            marks += self._found_in(self._finder, number)
        if self._pointed_at:
            at = 0
            for text, style in line.spans:
                if address_in(style) == self._pointed_at:
                    marks.append((at, at + len(text), self._painter.mark("link-hover")))
                at += len(text)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(number)) is not None:
            end = len(line.text) if span[1] == -1 else span[1]
            marks.append((span[0], end, self.screen.get_component_rich_style("screen--selection")))
        return marks

    def _found_in(self, finder: Finder, number: int) -> list[Mark]:
        path, at = self._column.path_at(number)
        part = path[-1] if path else None
        if not isinstance(part, Part):
            return []
        usual, current = self._painter.mark("match"), self._painter.mark("match-current")
        return [
            (start, end, current if (part, match) == self._found else usual)
            for match in finder.matches(part)
            for row, start, end in match.marks
            if row == at
        ]

    def notify_style_update(self) -> None:
        """Colours may be others now; the next drawing asks the theme."""
        super().notify_style_update()
        self._painter.forget()
        self._rows.clear()

    # The mouse

    def _address_at(self, x: int, y: int) -> str:
        return self._column.line(self.scroll_offset.y + y).address_at(x)

    def on_mouse_move(self, event: MouseMove) -> None:
        """A link that is pointed at is shown as one."""
        self._point_at(self._address_at(event.x, event.y))

    def on_leave(self, event: Leave) -> None:
        """Nothing is pointed at any more."""
        self._point_at("")

    def _point_at(self, address: str) -> None:
        if address != self._pointed_at:
            self._pointed_at = address
            self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it is laid out, but with code that was broken to the width whole again."""
        first = max(selection.start.y, 0) if selection.start else 0
        last = selection.end.y if selection.end else self._column.height - 1
        rows = list(self._column.texts(first, last))
        if rows and selection.end:
            rows[-1] = rows[-1][0][: selection.end.x], rows[-1][1]
        if rows and selection.start:
            rows[0] = rows[0][0][selection.start.x :], rows[0][1]
        whole: list[str] = []
        for text, is_more in rows:
            if is_more and whole:
                whole[-1] += text.removeprefix(CONTINUED[0])
            else:
                whole.append(text.removeprefix(CONTINUED[0]) if is_more else text)
        return "\n".join(line.rstrip() for line in whole), "\n"

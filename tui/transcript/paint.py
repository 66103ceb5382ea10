"""From named spans to what the terminal is sent: styles come from the theme, strips are kept."""

from collections.abc import Sequence
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from tui.parts import part_style
from tui.transcript.lines import ADDRESS, Line

COMPONENT = "transcript--"

Mark = tuple[int, int, Style]
"""The first and the last character of a mark, and what it adds to the style."""

STYLE_NAMES = (
    *("question", "attachment", "remark", "label", "note", "error"),
    *("title", "heading", "strong", "em", "strike", "code", "link", "host"),
    *("quote", "quote-bar", "marker", "rule", "table", "fold"),
    *("match", "match-current", "link-hover"),
    *(
        "code-header",
        "block",
        "continued",
        "keyword",
        "builtin",
        "name",
        "string",
        "number",
        "comment",
        "removed",
    ),
)
"""Every name that a span's style may be made of; each is a component class of the transcript."""

STYLES_CSS = """
Transcript {
    .transcript--question { color: $accent; text-style: bold; }
    .transcript--attachment { color: $text-muted; }
    .transcript--remark { color: $text-muted; }
    .transcript--label { color: $text-muted; }
    .transcript--note { color: $text-muted; }
    .transcript--error { color: $text-error; }
    .transcript--title { color: $primary; text-style: bold underline; }
    .transcript--heading { color: $primary; text-style: bold; }
    .transcript--strong { text-style: bold; }
    .transcript--em { text-style: italic; }
    .transcript--strike { text-style: strike; }
    .transcript--code { color: $text-accent; }
    .transcript--link { text-style: underline; }
    .transcript--host { color: $text-muted; }
    .transcript--quote { color: $text-muted; }
    .transcript--quote-bar { color: $primary; }
    .transcript--marker { color: $primary; }
    .transcript--rule { color: $text-muted; }
    .transcript--table { color: $text-muted; }
    .transcript--fold { color: $text-muted; text-style: italic; }
    .transcript--match { background: $warning-muted; color: $text-warning; }
    .transcript--match-current { background: $warning; color: $text; text-style: bold; }
    .transcript--link-hover { color: $accent; text-style: bold underline; }
    .transcript--code-header { color: $text-muted; }
    .transcript--block { background: $surface; }
    .transcript--continued { color: $text-muted; }
    .transcript--keyword { color: $text-primary; }
    .transcript--builtin { color: $text-secondary; }
    .transcript--name { color: $text-accent; }
    .transcript--string { color: $text-success; }
    .transcript--number { color: $text-warning; }
    .transcript--comment { color: $text-muted; text-style: italic; }
    .transcript--removed { color: $text-error; }
}
"""


class Painter:
    """Turns lines into strips for one widget, and remembers both styles and strips."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._strips: LRUCache[tuple[Line, int], Strip] = LRUCache(2048)

    def forget(self) -> None:
        """The theme, or another thing that styles depend on, has changed."""
        self._styles.clear()
        self._strips.clear()

    def strip(self, line: Line, width: int) -> Strip:
        """The line, extended to the width."""
        if (known := self._strips.get((line, width))) is not None:
            return known
        strip = self._extended([Segment(text, self._style(style)) for text, style in line.spans], line, width)
        self._strips[line, width] = strip
        return strip

    def marked_strip(self, line: Line, width: int, marks: Sequence[Mark]) -> Strip:
        """The line with some parts of it marked, later marks above earlier ones."""
        borders = {0, *(border for start, end, _ in marks for border in (start, end))}
        segments: list[Segment] = []
        at = 0
        for text, names in line.spans:
            inner = sorted(border - at for border in borders if at < border < at + len(text))
            for first, last in pairwise((0, *inner, len(text))):
                style = self._style(names)
                for start, end, mark in marks:
                    if start <= at + first < end:
                        style += mark
                segments.append(Segment(text[first:last], style))
            at += len(text)
        return self._extended(segments, line, width)

    def mark(self, name: str) -> Style:
        """What a mark of that name adds to a text's style."""
        return self._part(name)

    def _extended(self, segments: list[Segment], line: Line, width: int) -> Strip:
        return Strip(segments).crop_extend(0, width, self._style(line.fill))

    def _style(self, names: str) -> Style:
        known = self._styles.get(names)
        if known is None:
            known = self._widget.rich_style
            for name in names.split():
                if not name.startswith(ADDRESS):
                    known += self._part(name)
            self._styles[names] = known
        return known

    def _part(self, name: str) -> Style:
        """Only what the name's own rules say: a bold word in a quote keeps the quote's colour."""
        return part_style(self._widget, COMPONENT + name)

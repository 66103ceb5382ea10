"""Cuts a growing Markdown text into blocks that later text cannot change.

A cut is made only where CommonMark is certain: not cutting is always right, and merely costs time, so
whatever is in doubt stays in the open tail. The one exception is a block so long that laying it out would
hold up the screen: it is cut into pieces that go on with each other. The sources of all blocks, in order,
are the text, and where the cuts are depends on the text alone, not on how it arrived.
"""

import re
from enum import Enum, auto

from tui.transcript.block import Block, GoesOn
from tui.transcript.parse import ends_in_heading, ends_in_table, html_of


class _Kind(Enum):
    NOTHING = auto()
    TEXT = auto()
    TABLE = auto()
    LIST = auto()
    CODE = auto()
    FENCE = auto()
    HTML = auto()
    PLAIN = auto()


MOST = {
    _Kind.NOTHING: 4_000,
    _Kind.TEXT: 4_000,
    _Kind.TABLE: 2_500,
    _Kind.LIST: 12_000,
    _Kind.CODE: 4_000,
    _Kind.FENCE: 4_000,
    _Kind.HTML: 4_000,
    _Kind.PLAIN: 4_000,
}
"""So many characters of a kind are one block; what comes then is a further piece."""

_MOST_OF_ROWS = 1_500
_LONGEST_LINE = 4_000
_ON = {
    _Kind.NOTHING: GoesOn.TEXT,
    _Kind.TEXT: GoesOn.TEXT,
    _Kind.TABLE: GoesOn.TEXT,
    _Kind.LIST: GoesOn.PLAIN,
    _Kind.CODE: GoesOn.CODE,
    _Kind.FENCE: GoesOn.FENCE,
    _Kind.HTML: GoesOn.PLAIN,
    _Kind.PLAIN: GoesOn.PLAIN,
}
_KIND_OF = {
    GoesOn.TEXT: _Kind.TEXT,
    GoesOn.PLAIN: _Kind.PLAIN,
    GoesOn.CODE: _Kind.CODE,
    GoesOn.FENCE: _Kind.FENCE,
    GoesOn.TABLE: _Kind.TABLE,
}

_FENCE = re.compile(r"(?P<mark>`{3,})[^`\n]*$|(?P<tilde>~{3,})")
_HEADING = re.compile(r"#{1,6}([ \t]|$)")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDERLINE = re.compile(r"-{3,}[ \t]*$")
_ITEM = re.compile(r"(?P<number>\d{1,9})?(?P<mark>[-+*]|(?<=\d)[.)])(?P<space>[ \t]+|$)(?P<rest>.*)")
_DELIMITERS = re.compile(r"[-:|][-:| \t]+$")


class Splitter:
    """Takes a text piece by piece, and gives its finished blocks."""

    def __init__(self) -> None:
        self._done: list[Block] = []
        self._partial = ""
        self._is_mid_line = False
        self._is_after_blank = False
        self._fence = ""
        self._offset = 0
        self._item_mark = ""
        self._number = 0
        self._open_anew()

    def _open_anew(self) -> None:
        """Nothing is open."""
        self._open: list[str] = []
        self._size = 0
        self._kind = _Kind.NOTHING
        self._has_gap = False
        self._ordinal: int | None = None
        self._body: int | None = None
        self._goes_on = GoesOn.NOT
        self._head = ""
        self._table_at = 0
        self._html_end: re.Pattern[str] | None = None

    @property
    def tail(self) -> Block:
        """What is still open, as far as it has come."""
        has_gap = self._has_gap
        if self._kind is _Kind.NOTHING:
            has_gap = self._is_after_blank or _HEADING.match(self._partial) is not None
        return self._block("".join(self._open) + self._partial, has_gap)

    def _block(self, source: str, has_gap: bool, end: int | None = None) -> Block:
        body = None if self._body is None else (self._body, len(source) if end is None else end)
        return Block(source, has_gap, self._ordinal, body, self._goes_on, self._head)

    @property
    def is_in_fence(self) -> bool:
        """A fence is open."""
        return self._kind is _Kind.FENCE

    def append(self, delta: str) -> list[Block]:
        """The next piece of the text; the blocks that it finished."""
        *lines, self._partial = (self._partial + delta).split("\n")
        for line in lines:
            self._take_all(line + "\n")
        if len(self._partial) > _LONGEST_LINE:
            self._partial = self._cut_line(self._partial)
        return self._hand_over()

    def finish(self) -> list[Block]:
        """The text is whole; the blocks that were still open."""
        if self._partial:
            line, self._partial = self._partial, ""
            self._take_all(line)
        self._close()
        return self._hand_over()

    def _hand_over(self) -> list[Block]:
        done, self._done = self._done, []
        return done

    # Pieces of what is too long

    def _take_all(self, line: str) -> None:
        if len(line) > _LONGEST_LINE:
            line = self._cut_line(line)
        if self._is_mid_line:
            self._is_mid_line = False
            self._keep(line)
            self._end_html(line)
        else:
            self._take(line)
        most = _MOST_OF_ROWS if self._goes_on is GoesOn.TABLE else MOST[self._kind]
        if self._size > most:
            self._cut()

    def _cut_line(self, line: str) -> str:
        """Take a line that is too long in pieces; the rest of it."""
        at = 0
        while len(line) - at > _LONGEST_LINE:
            cut = at + _place_to_cut(line[at : at + _LONGEST_LINE])
            if self._is_mid_line:
                self._keep(line[at:cut])
            else:
                self._take(line[at:cut])
            self._cut(is_mid_line=True)
            self._is_mid_line = True
            at = cut
        return line[at:]

    def _cut(self, *, is_mid_line: bool = False) -> None:
        """Close what is open, and go on with the same."""
        kind, goes_on, head, html_end = self._kind, _ON[self._kind], self._head, self._html_end
        if not is_mid_line and kind is _Kind.NOTHING:
            return
        if kind is _Kind.TABLE and not is_mid_line:
            goes_on = GoesOn.TABLE
            head = head or "".join(self._open[self._table_at :])
        elif kind is _Kind.FENCE:
            head = head or "".join(self._open)[: self._body].lstrip("\n")
        is_quote = not is_mid_line and kind is _Kind.TEXT and "".join(self._open).lstrip().startswith(">")
        self._close()
        if is_quote:
            return  # each of its lines says by itself that it is one
        self._kind = kind if kind is _Kind.HTML else _KIND_OF[goes_on]
        self._goes_on, self._head, self._html_end = goes_on, head, html_end
        if kind is _Kind.FENCE:
            self._body = 0

    def _keep(self, line: str) -> None:
        self._open.append(line)
        self._size += len(line)

    def _close(self, end: int | None = None) -> None:
        if self._open:
            self._done.append(self._block("".join(self._open), self._has_gap, end))
        self._open_anew()

    # Line by line

    def _take(self, line: str) -> None:
        text = line.strip()
        indent = _indent(line)
        if self._kind is _Kind.FENCE:
            end = self._size
            self._keep(line)
            self._is_after_blank = False
            if indent < 4 and len(text) >= len(self._fence) and not text.strip(self._fence[0]):
                self._close(end)
            return
        if self._html_end is not None:
            self._keep(line)
            self._is_after_blank = False
            self._end_html(line)
            return
        if not text:
            self._keep(line)
            self._is_after_blank = True
            return
        if self._kind is _Kind.NOTHING:
            self._begin(line, text, indent)
        elif self._kind is _Kind.LIST and indent < self._offset:
            self._leave_item(line, text, indent)
        elif self._ends_here(text, indent):
            self._close()
            self._begin(line, text, indent)
        else:
            self._go_on(line, text, indent)
        self._is_after_blank = False

    def _end_html(self, line: str) -> None:
        if self._html_end is not None and self._html_end.search(line.strip()):
            self._close()

    def _ends_here(self, text: str, indent: int) -> bool:
        """Whether this line, outside lists and fences, certainly begins another block."""
        match self._kind:
            case _Kind.LIST:
                return False
            case _Kind.CODE:
                return indent < 4
            case _Kind.PLAIN:
                return indent == 0 and (self._is_after_blank or _ITEM.match(text) is not None)
            case _Kind.HTML:
                return self._is_after_blank
        if self._is_after_blank:
            return True
        if indent >= 4:
            return False
        if self._kind is _Kind.TABLE:
            if _RULE.match(text) or text.startswith(">"):
                return True
        elif _UNDERLINE.match(text):
            return False
        item = _ITEM.match(text)
        return _starts_plainly(text) or bool(
            item and item["rest"] and (item["number"] is None or int(item["number"]) == 1)
        )

    def _leave_item(self, line: str, text: str, indent: int) -> None:
        """A line left of the item's content: the next item, another block, or a lazy continuation."""
        item = None if _RULE.match(text) else _ITEM.match(text)
        if item and not item["rest"] and not self._is_after_blank:
            item = None  # a bare mark may also go on with the paragraph
        if item and indent < 4 and self._item_mark:
            is_sibling = item["mark"] == self._item_mark
            number = self._number + 1
            self._close()
            self._begin(line, text, indent)
            if is_sibling and item["number"] is not None:
                self._ordinal = self._number = number
        elif self._is_after_blank or (indent < 4 and (_starts_plainly(text) or text.startswith(">"))):
            if not self._is_after_blank and _UNDERLINE.match(text) and self._heads(line):
                self._keep(line)
                self._close()
                return
            self._close()
            self._begin(line, text, indent)
        else:
            self._keep(line)

    def _heads(self, line: str) -> bool:
        """Whether a line of dashes is under words that an item without any has not taken in."""
        return ends_in_heading("".join(self._open) + line)

    def _begin(self, line: str, text: str, indent: int) -> None:
        self._has_gap = self._is_after_blank
        self._keep(line)
        if indent >= 4:
            self._kind = _Kind.CODE
        elif fence := _FENCE.match(text):
            self._kind = _Kind.FENCE
            self._fence = fence["mark"] or fence["tilde"]
            self._body = self._size
        elif html := html_of(text):
            self._kind = _Kind.HTML
            self._html_end = html.end
            self._end_html(line)
        elif _HEADING.match(text) or _RULE.match(text):
            self._has_gap = self._has_gap or text.startswith("#")
            self._close()
        elif item := _ITEM.match(text):
            self._kind = _Kind.LIST
            self._offset = indent + _content_offset(item)
            self._item_mark = item["mark"]
            self._number = int(item["number"] or 0)
        else:
            self._kind = _Kind.TEXT

    def _go_on(self, line: str, text: str, indent: int) -> None:
        self._keep(line)
        if self._kind is _Kind.TABLE:
            if indent >= 4 or _ITEM.match(text):
                self._kind = _Kind.TEXT  # this ends the table in a way that is not certain
            else:
                return
        if self._kind is not _Kind.TEXT or indent >= 4:
            return
        if self._goes_on is GoesOn.NOT and _DELIMITERS.match(text) and ends_in_table("".join(self._open)):
            self._kind = _Kind.TABLE
            self._table_at = len(self._open) - 2
        elif _UNDERLINE.match(text):
            self._close()
        elif _ITEM.match(text):
            # An item here may or may not be part of the paragraph: wait for a line that leaves both.
            self._kind = _Kind.LIST
            self._offset = 1
            self._item_mark = ""


def _place_to_cut(text: str) -> int:
    """Where a line may be cut: behind a space, else where no character is taken apart."""
    space = text.rfind(" ", len(text) - 200)
    if space > 0:
        return space + 1
    for at in range(len(text) - 1, len(text) - 200, -1):
        if text[at].isascii() and text[at - 1].isascii() and text[at - 1] != "\\":
            return at
    return len(text)


def _starts_plainly(text: str) -> bool:
    if text.startswith("<"):
        return (html := html_of(text)) is not None and html.may_interrupt
    return bool(_FENCE.match(text) or _HEADING.match(text) or _RULE.match(text))


def _content_offset(item: re.Match[str]) -> int:
    width = len(item["number"] or "") + len(item["mark"])
    space = len(item["space"].expandtabs(4))
    return width + (space if item["rest"] and space <= 4 else 1)


def _indent(line: str) -> int:
    lead = line[: len(line) - len(line.lstrip(" \t"))]
    return len(lead.expandtabs(4)) if "\t" in lead else len(lead)

"""Cuts a growing Markdown text into blocks that later text cannot change.

A cut is made only where CommonMark is certain: not cutting is always right, and merely costs time, so
whatever is in doubt stays in the open tail. The sources of all blocks, in order, are the text.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Block:
    """One or more neighbouring top-level blocks, or one item of a top-level list.

    Attributes:
        source: the slice of the text, blank lines around it included.
        has_gap: a blank line belongs before it.
        ordinal: the number of its first item, when its list began in an earlier block.
        fence_body: where the content of a top-level fence begins in `source`; -1 when it is none.
    """

    source: str
    has_gap: bool = False
    ordinal: int | None = None
    fence_body: int = -1


class _Kind(Enum):
    NOTHING = auto()
    TEXT = auto()
    LIST = auto()
    CODE = auto()
    FENCE = auto()


_FENCE = re.compile(r"(?P<mark>`{3,})[^`\n]*$|(?P<tilde>~{3,})")
_HEADING = re.compile(r"#{1,6}([ \t]|$)")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDERLINE = re.compile(r"-{3,}[ \t]*$")
_ITEM = re.compile(r"(?P<number>\d{1,9})?(?P<mark>[-+*]|(?<=\d)[.)])(?P<space>[ \t]+|$)(?P<rest>.*)")


class Splitter:
    """Takes a text piece by piece, and gives its finished blocks."""

    def __init__(self) -> None:
        self._done: list[Block] = []
        self._partial = ""
        self._open: list[str] = []
        self._kind = _Kind.NOTHING
        self._is_after_blank = False
        self._has_gap = False
        self._ordinal: int | None = None
        self._fence = ""
        self._fence_body = -1
        self._offset = 0
        self._item_mark = ""
        self._number = 0

    @property
    def tail(self) -> Block:
        """What is still open, as far as it has come."""
        has_gap = self._has_gap
        if self._kind is _Kind.NOTHING:
            has_gap = self._is_after_blank or _HEADING.match(self._partial) is not None
        return Block("".join(self._open) + self._partial, has_gap, self._ordinal, self._fence_body)

    def append(self, delta: str) -> list[Block]:
        """The next piece of the text; the blocks that it finished."""
        self._partial += delta
        if "\n" not in delta:
            return []
        *lines, self._partial = self._partial.split("\n")
        for line in lines:
            self._take(line + "\n")
        return self._hand_over()

    def finish(self) -> list[Block]:
        """The text is whole; the blocks that were still open."""
        if self._partial:
            line, self._partial = self._partial, ""
            self._take(line)
        self._close()
        return self._hand_over()

    def _hand_over(self) -> list[Block]:
        done, self._done = self._done, []
        return done

    def _close(self) -> None:
        if self._open:
            self._done.append(Block("".join(self._open), self._has_gap, self._ordinal, self._fence_body))
        self._open = []
        self._kind = _Kind.NOTHING
        self._ordinal = None
        self._fence_body = -1

    def _take(self, line: str) -> None:
        text = line.strip()
        indent = _indent(line)
        if self._kind is _Kind.FENCE:
            self._open.append(line)
            self._is_after_blank = False
            if indent < 4 and len(text) >= len(self._fence) and not text.strip(self._fence[0]):
                self._close()
            return
        if not text:
            self._open.append(line)
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

    def _ends_here(self, text: str, indent: int) -> bool:
        """Whether this line, outside lists and fences, certainly begins another block."""
        if self._kind is _Kind.LIST:
            return False
        if self._kind is _Kind.CODE:
            return indent < 4
        if self._is_after_blank:
            return True
        if indent >= 4:
            return False
        if _UNDERLINE.match(text):
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
            self._close()
            self._begin(line, text, indent)
        else:
            self._open.append(line)

    def _begin(self, line: str, text: str, indent: int) -> None:
        self._has_gap = self._is_after_blank
        self._open.append(line)
        if indent >= 4:
            self._kind = _Kind.CODE
        elif fence := _FENCE.match(text):
            self._kind = _Kind.FENCE
            self._fence = fence["mark"] or fence["tilde"]
            self._fence_body = sum(map(len, self._open))
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
        self._open.append(line)
        if self._kind is not _Kind.TEXT or indent >= 4:
            return
        if _UNDERLINE.match(text):
            self._close()
        elif _ITEM.match(text):
            # An item here may or may not be part of the paragraph: wait for a line that leaves both.
            self._kind = _Kind.LIST
            self._offset = 1
            self._item_mark = ""


def _starts_plainly(text: str) -> bool:
    return bool(_FENCE.match(text) or _HEADING.match(text) or _RULE.match(text))


def _content_offset(item: re.Match[str]) -> int:
    width = len(item["number"] or "") + len(item["mark"])
    space = len(item["space"].expandtabs(4))
    return width + (space if item["rest"] and space <= 4 else 1)


def _indent(line: str) -> int:
    lead = line[: len(line) - len(line.lstrip(" \t"))]
    return len(lead.expandtabs(4)) if "\t" in lead else len(lead)

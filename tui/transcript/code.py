"""Code blocks: a numbered header, colours by the language that was named, long lines continued."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.transcript.lines import Line, Span, chop, wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_FILL = "block"
CONTINUED: Span = ("↪ ", "block continued")

Row = list[Span]
"""One line of code, as many lines of the screen as it may need."""

# Beyond these a lexer's regular expressions could hold up the screen; the text is then shown plain.
MOST_COLOURED = 60_000
_LONGEST_LINE = 2_000

_MOST_AT_ONCE = 4_000
_SLICE = 1_500
"""So many characters are coloured without a pause."""

_STYLES = {
    "Keyword": "block keyword",
    "Name.Builtin": "block builtin",
    "Name.Function": "block name",
    "Name.Class": "block name",
    "Name.Decorator": "block name",
    "Name.Tag": "block keyword",
    "Name.Attribute": "block builtin",
    "Literal.String": "block string",
    "Literal.Number": "block number",
    "Comment": "block comment",
    "Generic.Inserted": "block string",
    "Generic.Deleted": "block removed",
    "Generic.Heading": "block name",
    "Generic.Subheading": "block name",
    "Generic.Prompt": "block comment",
    "Operator.Word": "block keyword",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One code block of an answer: the language as it was named, and the text without its last newline."""

    language: str
    text: str


def language_of(info: str) -> str:
    """The language that a fence's info string names, or nothing."""
    words = re.split(r"[\s,:{}]+", info.strip(" {}"), maxsplit=1)
    return words[0].removeprefix(".")


def header(info: str, number: int, width: int) -> list[Line]:
    """The line above a code block: the number by which it is copied, and what its fence says."""
    return wrap([(f"[{number}] {info}".rstrip(), "code-header")], width)


def is_continued(line: Line) -> bool:
    """Whether a line goes on with the code of the one above, for want of width."""
    return line.spans[:1] == (CONTINUED,)


def code_lines(code: Code, width: int, is_plain: bool = False) -> list[Line]:
    """The text of a code block, coloured unless it is still growing or its language is not known."""
    text = code.text.expandtabs(4)
    lexer = None if is_plain or len(text) > _MOST_AT_ONCE else lexer_of(code.language, text)
    rows = coloured(lexer, text) if lexer else None
    return rows_to_lines(rows or plain(text), width)


def rows_to_lines(rows: Iterable[Row], width: int) -> list[Line]:
    """Rows of code on as many lines of the screen as they need."""
    return [line for row in rows for line in _fitted(row, width)]


def _fitted(row: Row, width: int) -> Iterator[Line]:
    """One line of code; where it is cut depends on the text alone, so that colours move nothing."""
    text = "".join(words for words, _ in row)
    if cell_len(text) <= width:
        yield Line(tuple(row), _FILL)
        return
    mark = (CONTINUED,) if width > 8 else ()
    at = 0
    for piece in chop([(text, "")], width - 2 if mark else max(width, 1)):
        end = at + sum(len(words) for words, _ in piece)
        yield Line((*(mark if at else ()), *_slice(row, at, end)), _FILL)
        at = end


def _slice(row: Row, start: int, end: int) -> Iterator[Span]:
    at = 0
    for words, style in row:
        if kept := words[max(start - at, 0) : max(end - at, 0)]:
            yield kept, style
        at += len(words)


def plain(text: str) -> list[Row]:
    """The text's lines without colours."""
    return [[(line, _FILL)] if line else [] for line in text.split("\n")]


def lexer_of(language: str, text: str) -> "Lexer | None":
    """What colours the text; None where that could not be done, or hold up the screen."""
    lexer = _lexer(language.lower()) if language else None
    if lexer is None or len(text) > MOST_COLOURED or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return None
    return lexer


def coloured(lexer: "Lexer", text: str) -> list[Row] | None:
    """The text's lines with colours; None when the lexer changed what it read."""
    colouring = Colouring(lexer, text)
    while not colouring.advance():
        pass
    return colouring.rows


class Colouring:
    """Colours a text slice by slice.

    Attributes:
        rows: the text's lines, once all is done; None when the lexer changed what it read.
    """

    def __init__(self, lexer: "Lexer", text: str) -> None:
        self.rows: list[Row] | None = None
        self._text = text + "\n"  # many lexers see a comment only where its line ends
        self._tokens = lexer.get_tokens(self._text)
        self._rows: list[Row] = [[]]

    def advance(self) -> bool:
        """One slice, of about 5 ms; whether that was the last."""
        done = 0
        rows = self._rows
        for kind, value in self._tokens:
            style = _style(kind)
            first, *others = value.split("\n")
            if first:
                rows[-1].append((first, style))
            rows += [[(other, style)] if other else [] for other in others]
            done += len(value)
            if done > _SLICE:
                return False
        if "\n".join("".join(value for value, _ in row) for row in rows) == self._text:
            self.rows = rows[:-1]  # a lexer that changes what it reads is no use to us
        return True


@lru_cache(maxsize=32)
def _lexer(language: str) -> "Lexer | None":
    """The lexer of that name; one is never guessed, since guessing tries every lexer there is."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _style(kind: object) -> str:
    """The style of a token's kind, or of the nearest kind above it."""
    name = str(kind).removeprefix("Token").removeprefix(".")
    while name:
        if style := _STYLES.get(name):
            return style
        name = name.rpartition(".")[0]
    return _FILL

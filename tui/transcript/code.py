"""Code blocks: a numbered header, colours by the language that was named, long lines continued."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.transcript.lines import Line, Span, chop, wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_FILL = "block"
_CONTINUED: Span = ("↪ ", "block continued")

# Beyond these a lexer's regular expressions could hold up the screen; the text is then shown plain.
_MOST_CHARACTERS = 60_000
_LONGEST_LINE = 2_000

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


def code_lines(code: Code, width: int, is_plain: bool = False) -> list[Line]:
    """The text of a code block, coloured unless it is still growing or its language is not known."""
    text = code.text.expandtabs(4)
    rows = _plain(text) if is_plain else _coloured(code.language, text)
    return [line for row in rows for line in _fitted(row, width)]


def _fitted(row: list[Span], width: int) -> Iterator[Line]:
    """One line of code on as many lines of the screen as it needs; nothing is cut off."""
    if sum(cell_len(text) for text, _ in row) <= width:
        yield Line(tuple(row), _FILL)
        return
    mark = (_CONTINUED,) if width > 8 else ()
    first, *rest = chop(row, width - 2 if mark else max(width, 1))
    yield Line(tuple(first), _FILL)
    for piece in rest:
        yield Line((*mark, *piece), _FILL)


def _plain(text: str) -> list[list[Span]]:
    return [[(line, _FILL)] if line else [] for line in text.split("\n")]


def _coloured(language: str, text: str) -> list[list[Span]]:
    lexer = _lexer(language.lower()) if language else None
    if lexer is None or len(text) > _MOST_CHARACTERS or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return _plain(text)
    rows: list[list[Span]] = [[]]
    # Many lexers see a comment only where its line ends.
    for kind, value in lexer.get_tokens(text + "\n"):
        style = _style(kind)
        first, *others = value.split("\n")
        if first:
            rows[-1].append((first, style))
        rows += [[(other, style)] if other else [] for other in others]
    if "\n".join("".join(value for value, _ in row) for row in rows) != text + "\n":
        return _plain(text)  # a lexer that changes what it reads is no use to us
    return rows[:-1]


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

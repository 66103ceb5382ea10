"""One block of Markdown at one width: its lines. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.sanitise import clean, clean_line
from tui.transcript.block import Block, GoesOn
from tui.transcript.code import Code, code_lines, header, language_of
from tui.transcript.fences import Colours, Fence, body_of, info_of
from tui.transcript.inline import spans_of
from tui.transcript.lines import BLANK, Line, Span, prefixed, styled, wrap
from tui.transcript.parse import DEEPEST, References, definitions, parse, parse_words
from tui.transcript.table import Cell, Table, natural_widths, table_lines

if TYPE_CHECKING:
    from markdown_it.token import Token

_LEAST_WIDTH = 8
_TASKS = ("[ ] ", "[x] ", "[X] ")


def lay_out(
    block: Block, width: int, number: int = 1, *, is_open: bool = False, references: References | None = None
) -> list[Line]:
    """Lay out one block.

    Args:
        block: as the splitter gave it.
        width: cells of a line.
        number: of the next code block within the answer.
        is_open: it is still growing, so code stays plain.
        references: definitions of links in the same answer.
    """
    match block.goes_on:
        case GoesOn.TEXT:
            return wrap(spans_of(parse_words(block.source.strip("\n"), references)), width)
        case GoesOn.PLAIN:
            return wrap([(block.source.strip("\n"), "")], width)
        case GoesOn.CODE:
            return code_lines(Code("", indented_code(block.source)), width, is_plain=True)
        case GoesOn.TABLE:
            return _more_rows(block, width, is_open, references)
    if block.body is not None:
        fence = Fence(number, [block], is_open)
        return fence.lines_of(0, width, Colours(), lambda: None)
    return _lines_of(block.source, block, width, number, is_open, references)


def _lines_of(
    source: str,
    block: Block,
    width: int,
    number: int,
    is_open: bool,
    references: References | None,
    natural: tuple[int, ...] = (),
) -> list[Line]:
    named, source = definitions(source)
    above = [line for text in named for line in wrap([(text, "")], width)]
    if named and not source.strip():
        return above
    tokens = parse(source, references)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return wrap([(block.source.strip("\n"), "")], width)
    page = _Page(tokens, source.split("\n"), number, is_open, block.ordinal, natural)
    return above + page.between(0, len(tokens), width, "")


def _more_rows(block: Block, width: int, is_open: bool, references: References | None) -> list[Line]:
    """Rows of a table whose columns have the widths of its first piece."""
    if not block.source.strip():
        return []
    header, delimiters, _ = block.head.split("\n", 2)
    source = f"{header}\n{delimiters}\n{block.source}"
    return _lines_of(source, block, width, 1, is_open, references, _natural_of(block.head))


@lru_cache(maxsize=16)
def _natural_of(source: str) -> tuple[int, ...]:
    """How wide the columns of a table would like to be."""
    tokens = parse(source)
    page = _Page(tokens, source.split("\n"), 1, False, None)
    return natural_widths(page.table(0, len(tokens), ""))


def indented_code(source: str) -> str:
    """What an indented code block holds."""
    lines = source.expandtabs(4).split("\n")
    return "\n".join(line[min(4, len(line) - len(line.lstrip(" "))) :] for line in lines).rstrip("\n")


def codes_of(blocks: list[Block]) -> list[Code]:
    """The code blocks in some blocks, in the order of their numbers."""
    found: list[Code] = []
    for block in blocks:
        if block.body is not None:
            text = body_of(block)
            if block.goes_on is GoesOn.NOT:
                found.append(Code(language_of(info_of(block)), text))
            else:
                found[-1] = Code(found[-1].language, found[-1].text + text)
        elif block.goes_on is GoesOn.CODE:
            found[-1] = Code(found[-1].language, found[-1].text + "\n" + indented_code(block.source))
        elif block.goes_on is GoesOn.NOT:
            tokens = [token for token in parse(block.source) if token.type in ("fence", "code_block")]
            found += [Code(language_of(clean_line(token.info)), token.content) for token in tokens]
    return [Code(code.language, code.text.removesuffix("\n")) for code in found]


def warm() -> None:
    """Import and build what the first answer would wait for; for a thread, behind the first frame."""
    lay_out(Block("words **of** `text`\n"), 80)
    lay_out(Block("```python\npass\n```\n", body=(10, 15)), 80)


@dataclass(slots=True)
class _Page:
    """The tokens of one block.

    Attributes:
        number: of the next code block.
        natural: the widths of the columns, when the table goes on with one.
    """

    tokens: list["Token"]
    source: list[str]
    number: int
    is_open: bool
    ordinal: int | None
    natural: tuple[int, ...] = ()

    def between(self, start: int, end: int, width: int, style: str) -> list[Line]:
        """The lines of the blocks between two tokens; gaps are where the source has them."""
        lines: list[Line] = []
        for at, behind in self._children(start, end):
            laid_out = self._block(at, behind, width, style)
            if lines and laid_out and self._has_gap(self.tokens[at]):
                lines.append(BLANK)
            lines += laid_out
        return lines

    def _children(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        at = start
        while at < end:
            behind = at + 1
            if self.tokens[at].nesting == 1:
                while self.tokens[behind].level > self.tokens[at].level:
                    behind += 1
                behind += 1
            yield at, behind
            at = behind

    def _has_gap(self, token: "Token") -> bool:
        if token.type == "heading_open":
            return True
        first = token.map[0] if token.map else 0
        return first > 0 and not self.source[first - 1].strip(" \t>")

    def _block(self, at: int, behind: int, width: int, style: str) -> list[Line]:
        token = self.tokens[at]
        match token.type:
            case "paragraph_open":
                return wrap(self._spans(at + 1, style), width)
            case "heading_open":
                level = "title" if token.tag in ("h1", "h2") else "heading"
                return wrap(self._spans(at + 1, styled(style, level)), width)
            case "fence" | "code_block":
                return self._code(token, width)
            case "hr":
                return [Line((("─" * width, "rule"),))]
            case "blockquote_open":
                bar = ("▌ ", styled(style, "quote-bar"))
                return self._within(at + 1, behind - 1, width, styled(style, "quote"), bar, bar)
            case "bullet_list_open" | "ordered_list_open":
                return self._list(at, behind, width, style)
            case "table_open":
                return table_lines(self.table(at, behind, style), width, self.natural)
            case _:
                return wrap([(clean(token.content), style)], width)

    def _spans(self, at: int, style: str) -> list[Span]:
        return spans_of(self.tokens[at].children or [], style)

    def _code(self, token: "Token", width: int) -> list[Line]:
        info = clean_line(token.info).strip()
        code = Code(language_of(info), token.content.removesuffix("\n"))
        above = header(info, self.number, width)
        self.number += 1
        return above + code_lines(code, width, is_plain=self.is_open)

    def _list(self, at: int, behind: int, width: int, style: str) -> list[Line]:
        token = self.tokens[at]
        number = int(token.attrs.get("start", 1))
        if token.level == 0 and self.ordinal is not None:
            number, self.ordinal = self.ordinal, None
        lines: list[Line] = []
        for item, item_end in self._children(at + 1, behind - 1):
            is_numbered = token.type == "ordered_list_open"
            mark = f"{number}{self.tokens[item].markup} " if is_numbered else "• "
            mark += self._taken_task(item)
            if lines and self._has_gap(self.tokens[item]):
                lines.append(BLANK)
            first, rest = (mark, styled(style, "marker")), (" " * len(mark), "")
            lines += self._within(item + 1, item_end - 1, width, style, first, rest)
            number += 1
        return lines

    def _taken_task(self, item: int) -> str:
        """The box of a task item, taken out of its text so that it stands with the mark."""
        text = self.tokens[item + 2] if self.tokens[item + 1].type == "paragraph_open" else None
        if text is None or not text.children or not text.content.startswith(_TASKS):
            return ""
        box = text.content[:4]
        text.children[0].content = text.children[0].content.removeprefix(box)
        return box

    def _within(self, start: int, end: int, width: int, style: str, first: Span, rest: Span) -> list[Line]:
        """A container's lines behind its mark; where no room is left, below it."""
        room = width - len(first[0])
        if room < _LEAST_WIDTH:
            return [Line((first,)), *self.between(start, end, width, style)]
        return prefixed(self.between(start, end, room, style), first, rest)

    def table(self, at: int, behind: int, style: str) -> Table:
        """The table between two tokens."""
        alignments: list[str] = []
        rows: list[list[Cell]] = []
        for index in range(at, behind):
            token = self.tokens[index]
            match token.type:
                case "tr_open":
                    rows.append([])
                case "th_open":
                    alignments.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
                    rows[-1].append(self._spans(index + 1, styled(style, "strong")))
                case "td_open":
                    rows[-1].append(self._spans(index + 1, style))
                case "tr_close":
                    self._keep_surplus(rows[-1], len(alignments), index, style)
        return Table(rows[0], rows[1:], alignments)

    def _keep_surplus(self, row: list[Cell], columns: int, closed: int, style: str) -> None:
        """Markdown drops cells beyond the header's, as behind a `|` within code: they go into the last."""
        from markdown_it.rules_block.table import escapedSplit

        opened = closed
        while self.tokens[opened].type != "tr_open":
            opened -= 1
        place = self.tokens[opened].map
        if len(row) < columns or not row or place is None:
            return
        cells = escapedSplit(self.source[place[0]].strip(" \t>"))
        cells = cells[1:] if cells and not cells[0].strip() else cells
        cells = cells[:-1] if cells and not cells[-1].strip() else cells
        for surplus in cells[columns:]:
            row[-1].append((f" | {clean_line(surplus.strip())}", style))

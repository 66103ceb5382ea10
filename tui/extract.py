"""Code blocks in an answer, without a Markdown parser: the one-shot command must not wait for one."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$")
_ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: {1,4}|$)")
_QUOTE = re.compile(r" {0,3}> ?")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """What stands in a fenced block.

    Attributes:
        code: with its last newline.
        is_closed: its closing fence is there; without it the text may have been cut.
    """

    code: str
    is_closed: bool


def first_code_block(text: str) -> CodeBlock | None:
    """The first fenced block; None when there is none.

    A block that is never closed counts to the end, as CommonMark has it; what its opening fence is indented
    by is taken off every line. It may stand in a list's item, which indents it, or in a quotation.
    """
    lines = text.split("\n")
    deepest = 0
    for number, line in enumerate(lines):
        lead = _lead(line, deepest)
        if item := _ITEM.match(line):
            deepest = item.end()
        elif line.strip() and not line.startswith(" "):
            deepest = 0
        opening = None if lead is None else _FENCE.match(line, lead)
        if lead is None or opening is None or (opening["fence"][0] == "`" and "`" in opening["info"]):
            continue
        is_quoted = _QUOTE.match(line) is not None
        closing = re.compile(
            rf" {{0,{3 if is_quoted else deepest + 3}}}{opening['fence'][0]}{{{len(opening['fence'])},}}\s*$"
        )
        return _block(lines[number + 1 :], closing, lead, is_quoted)
    return None


def _lead(line: str, deepest: int) -> int | None:
    """Where a fence may begin in a line; None where it would be indented code.

    Args:
        deepest: how far the text of the list's item above is indented.
    """
    mark = _QUOTE.match(line) or _ITEM.match(line)
    start = mark.end() if mark else 0
    indent = len(line) - start - len(line[start:].lstrip(" "))
    return start + indent if mark or indent <= deepest + 3 else None


def _block(lines: list[str], closing: re.Pattern[str], indent: int, is_quoted: bool) -> CodeBlock:
    """What follows an opening fence, to the closing one."""
    code: list[str] = []
    is_closed = False
    for line in lines:
        if is_quoted:
            if (mark := _QUOTE.match(line)) is None:
                break  # a quotation ends what it began
            line = line[mark.end() :]
        if is_closed := closing.match(line) is not None:
            break
        # In a quotation the mark is the indentation, and it is gone already.
        code.append(line if is_quoted else line[min(indent, len(line) - len(line.lstrip(" "))) :])
    while not is_closed and code and not code[-1].strip():
        code.pop()
    return CodeBlock("".join(f"{line}\n" for line in code), is_closed)

"""Code blocks in an answer, without a Markdown parser: the one-shot command must not wait for one."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$")


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

    A block that is never closed counts to the end, as CommonMark has it; the indentation of its opening
    fence is taken off every line.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        opening = _FENCE.match(line)
        if opening is None or (opening["fence"][0] == "`" and "`" in opening["info"]):
            continue
        indent = len(line) - len(line.lstrip(" "))
        closing = re.compile(rf"^ {{0,3}}{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}\s*$")
        code: list[str] = []
        is_closed = False
        for inner in lines[number + 1 :]:
            if is_closed := closing.match(inner) is not None:
                break
            code.append(inner[min(indent, len(inner) - len(inner.lstrip(" "))) :])
        while not is_closed and code and not code[-1].strip():
            code.pop()
        return CodeBlock("".join(f"{inner}\n" for inner in code), is_closed)
    return None

"""Code blocks in an answer, without a Markdown parser: the one-shot command must not wait for one."""

import re

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$")


def first_code_block(text: str) -> str | None:
    """What stands in the first fenced block, with its last newline; None when there is none.

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
        code = []
        for inner in lines[number + 1 :]:
            if closing.match(inner):
                break
            code.append(inner[min(indent, len(inner) - len(inner.lstrip(" "))) :])
        else:
            while code and not code[-1].strip():
                code.pop()
        return "".join(f"{inner}\n" for inner in code)
    return None

"""The fenced blocks of an answer, and the prose around them, in one bounded walk over its lines."""

import re
from dataclasses import dataclass

MOST_CHARACTERS = 256 * 1024
"""So much of an answer is looked at; more was written by nothing that expects to be read."""
MOST_BLOCKS = 40

_FENCE = re.compile(
    r"(?P<lead>[ \t>]{0,16}(?:(?:[-*+]|\d{1,9}[.)]) {1,4})?)(?P<fence>`{3,64}|~{3,64})(?P<info>.*)"
)


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """A fenced block.

    Attributes:
        number: its place among the blocks of the answer, from 1.
        language: the first word behind the fence, in small letters; may be empty.
        is_closed: its end is there; without it the answer may have been cut.
    """

    number: int
    language: str
    code: str
    is_closed: bool = True


def taken_apart(text: str) -> tuple[tuple[AnswerBlock, ...], str]:
    """The blocks of an answer, and its text without them."""
    blocks: list[AnswerBlock] = []
    prose: list[str] = []
    lines = text[:MOST_CHARACTERS].split("\n")
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        at += 1
        if opening is None or (opening["fence"][0] == "`" and "`" in opening["info"]):
            prose.append(lines[at - 1])
            continue
        code: list[str] = []
        is_closed = False
        while at < len(lines) and not is_closed:
            is_closed = _closes(lines[at], opening["fence"])
            if not is_closed:
                code.append(_without(lines[at], len(opening["lead"]), ">" in opening["lead"]))
            at += 1
        if len(blocks) < MOST_BLOCKS:
            language = opening["info"].strip().strip("{.").split(" ")[0].partition(":")[0].lower()
            blocks.append(AnswerBlock(len(blocks) + 1, language, "\n".join([*code, ""]), is_closed))
    return tuple(blocks), "\n".join(prose)


def closing_fence(text: str) -> str:
    """What closes the block that a text ends in; empty when it ends in none."""
    open_lead = fence = ""
    for line in text.split("\n"):
        if fence:
            fence = "" if _closes(line, fence) else fence
            continue
        opening = _FENCE.match(line)
        if opening is not None and not (opening["fence"][0] == "`" and "`" in opening["info"]):
            open_lead, fence = opening["lead"], opening["fence"]
    if not fence:
        return ""
    # Under a list's mark, which is not said again, and behind a quotation's.
    return "".join(each if each in " \t>" else " " for each in open_lead) + fence


def rounded(text: str) -> str:
    """The text, and the end of the block that it was cut in: it would else swallow what comes behind it."""
    fence = closing_fence(text)
    return f"{text}\n{fence}" if fence else text


def _closes(line: str, fence: str) -> bool:
    bare = line.strip(" \t>")
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _without(line: str, indent: int, is_quoted: bool) -> str:
    """A line of code without what its fence is indented by."""
    lead = " \t>" if is_quoted else " \t"
    return line[min(indent, len(line) - len(line.lstrip(lead))) :]

"""Replies with marks: words that come once, so that each can be seen and held against the clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice

from tests.server import markdown

MARK_EVERY = 140
LAST_MARK = "zqthelastqz"
_PIECE = re.compile(r"\s*\S{1,12}|\s+")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as the server says it.

    Attributes:
        marks: each marked word, and which piece it is.
    """

    pieces: tuple[str, ...]
    marks: tuple[tuple[str, int], ...]


def marked(text: str, tokens: int) -> Reply:
    """A text cut into so many tokens, marks among them; the last token is a mark of its own paragraph."""
    pieces: list[str] = []
    marks: list[tuple[str, int]] = []
    for piece in _PIECE.findall(text):
        if len(pieces) >= tokens - 1:
            break
        is_due = len(pieces) >= MARK_EVERY * (len(marks) + 1)
        if is_due and piece.startswith(" ") and not piece.startswith("  ") and pieces[-1][-1:].isalpha():
            word = f"zq{len(marks):05}qz"
            marks.append((word, len(pieces)))
            pieces.append(f" {word}")
        pieces.append(piece)
    marks.append((LAST_MARK, len(pieces)))
    pieces.append(f"\n\n{LAST_MARK}")
    return Reply(tuple(pieces), tuple(marks))


def mixed(tokens: int) -> Reply:
    """Headings, paragraphs, lists and code, as answers are."""
    return marked(markdown(tokens), tokens)


def _repeated(head: str, line: Callable[[int], str], tokens: int) -> Reply:
    """One block of many lines, with as many as are needed."""
    return marked(head + "".join(line(number) for number in islice(count(), tokens)), tokens)


def one_code_block(tokens: int) -> Reply:
    """One fence that goes on and on."""
    return _repeated(
        "```python\n",
        lambda n: f'def step_{n}(count: int) -> str:  # makes one more of them\n    return "done" * {n}\n\n',
        tokens,
    )


def one_table(tokens: int) -> Reply:
    """One table of many rows."""
    return _repeated(
        "| name | what it does | since |\n| --- | --- | --- |\n",
        lambda n: f"| `option-{n}` | makes the thing do another thing | 1.{n} |\n",
        tokens,
    )


def one_list(tokens: int) -> Reply:
    """One list of many items."""
    return _repeated("", lambda n: f"- item {n} says **something** about `it` and ends\n", tokens)


def one_paragraph(tokens: int) -> Reply:
    """One paragraph without an end."""
    return _repeated("", lambda n: f"and then thing {n} happens to the *next* one, ", tokens)


WORST: dict[str, Callable[[int], Reply]] = {
    "code": one_code_block,
    "table": one_table,
    "list": one_list,
    "paragraph": one_paragraph,
}

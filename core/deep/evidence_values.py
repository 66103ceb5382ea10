"""What was found when an answer was held against the project, in words and of bounded length."""

from dataclasses import dataclass

from core.sanitise import clean_line

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was looked at in an answer, without a model.

    Attributes:
        what: in words: ``block 2 (python) parses``, ``worker.py:188: the file has 120 lines``.
        is_ok: whether it holds.
        detail: what else there is to know; may be empty.
    """

    what: str
    is_ok: bool
    detail: str = ""


def told(text: str) -> str:
    """A line of bounded length that does nothing to a terminal."""
    line = clean_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

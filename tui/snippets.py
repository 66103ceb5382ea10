"""The piece of a text in which searched words stand, on one line, and where in it they do."""

import re
from dataclasses import dataclass

from core.sanitise import clean_line

_WORD = re.compile(r"\w+")
_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)
"""Says nothing to who looks for words."""
_SPACE = re.compile(r"\s+")
_BEFORE = 0.3
"""Share of the room that goes to what stands before the first word."""
_LONGEST_LOOKED_AT = 40_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text.

    Attributes:
        text: harmless, on one line.
        marks: first and last character (exclusive) of each word that was searched for.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, typed: str, length: int) -> Snippet:
    """The piece of a text around the first of the typed words, at most so many characters long.

    The index finds inflected words as well, so the beginning of each typed word is what is marked.
    """
    flat = _FENCE.sub(" ", text[:_LONGEST_LOOKED_AT]).replace("\n", " ")
    line = _SPACE.sub(" ", clean_line(flat)).strip()
    pattern = _pattern(typed)
    first = pattern.search(line) if pattern else None
    start = 0
    if len(line) > length and first is not None:
        start = max(0, first.start() - int(length * _BEFORE))
    if start:
        start = line.find(" ", start, first.start() if first else start) + 1 or start  # not within a word
    head = "… " if start else ""
    room = max(length - len(head), 1)
    piece = line[start:]
    if len(piece) > room:
        piece = piece[: room - 1].rstrip() + "…"
    shown = head + piece
    marks = tuple(match.span() for match in pattern.finditer(shown)) if pattern else ()
    return Snippet(shown, marks)


def has_words(text: str, typed: str) -> bool:
    """Whether every typed word stands in a text, or begins a word of it."""
    low = text.lower()
    return all(_stem(word).lower() in low for word in _WORD.findall(typed))


def _pattern(typed: str) -> "re.Pattern[str] | None":
    words = {word for word in _WORD.findall(typed) if word}
    if not words:
        return None
    stems = sorted((re.escape(_stem(word)) for word in words), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(stems)})\w*", re.IGNORECASE)


def _stem(word: str) -> str:
    """Roughly what the index compares; too short a beginning would mark half of the text."""
    for ending in ("ing", "ed", "es", "s"):
        if word.lower().endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word

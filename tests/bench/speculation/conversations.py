"""What people asked, in order: conversations from (gzipped) JSON lines; a line that is broken is named."""

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from core.sanitise import clean

_GZIP = b"\x1f\x8b"


class NotConversations(Exception):
    """The file does not hold what it should; says where."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a conversation as it was.

    Attributes:
        user: what was asked.
        assistant: the end of the answer, where it is known.
        think_s: from the answer before to this; None where it is not known.
    """

    user: str
    assistant: str = ""
    think_s: float | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order; all but the first are follow-ups.

    Attributes:
        before, in_all: follow-ups of the file before this conversation, and all of them; 0 where it stands
            alone.
    """

    name: str
    is_agent: bool
    turns: tuple[Said, ...]
    before: int = 0
    in_all: int = 0


def conversations_from(path: Path) -> list[Conversation]:
    """All conversations of a file; those of one turn too, as their answers cost something.

    Raises:
        NotConversations: It cannot be read, or a line of it cannot.
    """
    try:
        text = _text_of(path)
    except (OSError, EOFError, zlib.error) as error:
        raise NotConversations(f"{path} cannot be read: {error}") from error
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(_conversation(json.loads(line), f"line-{number}"))
            except (ValueError, RecursionError) as error:
                raise NotConversations(f"{path}, line {number}: {error}") from error
    found = [conversation for conversation in found if conversation.turns]
    if not found:
        raise NotConversations(f"{path} holds no conversation")
    before = list(accumulate((len(one.turns) - 1 for one in found), initial=0))
    return [replace(one, before=at, in_all=before[-1]) for one, at in zip(found, before[:-1], strict=True)]


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw.startswith(_GZIP) else raw).decode("utf-8", "replace")


def _conversation(row: object, unnamed: str) -> Conversation:
    if not isinstance(row, dict) or not isinstance(row.get("conversation"), list):
        raise ValueError('there is no list "conversation" in it')
    name = row.get("id")
    return Conversation(
        name if isinstance(name, str) and name else unnamed,
        row.get("kind") == "agent",
        tuple(_turns(row["conversation"])),
    )


def _turns(rows: list[object]) -> Iterator[Said]:
    """Its turns; those in which nothing is asked are left out, since nothing can be sent."""
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError("a turn is not an object")
        user = row.get("user")
        if not isinstance(user, str):
            raise ValueError('a turn has no text "user"')
        # As what is typed, pasted and answered reaches the product: harmless, and UTF-8.
        if asked := clean(user).strip():
            assistant = row.get("assistant")
            yield Said(
                asked,
                clean(assistant).strip() if isinstance(assistant, str) else "",
                _seconds(row.get("think_s")),
            )


def _seconds(value: object) -> float | None:
    """A time that can be waited; anything else is not known."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None

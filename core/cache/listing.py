"""The entries as a person looks at them: listed, searched, shown, summed up."""

import sqlite3
from dataclasses import dataclass

from core.cache.uses import uses
from core.store import cells

_ENTRY = """
SELECT e.id, e.question, a.text, a.model, a.place, e.depth, e.kind, e.created_at, e.used_at, e.hits,
e.seconds, e.bytes, e.expires_at, e.is_pinned, e.is_exact_only, e.stands_alone, t.conversation_id, e.origin
FROM entry e JOIN answer a ON a.id = e.answer_id JOIN turn t ON t.id = a.turn_id"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored answer that may serve again.

    Attributes:
        seconds: what making it took, and what each hit saves.
        expires_at: Unix time; of no meaning for a pinned one.
        is_exact_only: its answer deletes or overwrites something, so only the same question gets it.
        is_alone: its question needs no context, so another wording may find it.
    """

    id: int
    question: str
    text: str
    model: str
    place: str
    depth: int
    kind: str
    created_at: float
    used_at: float
    hits: int
    seconds: float
    bytes: int
    expires_at: float
    is_pinned: bool
    is_exact_only: bool
    is_alone: bool
    conversation: int
    origin: str
    is_expired: bool


@dataclass(frozen=True, slots=True)
class CacheStats:
    """The answer cache in figures; what was done with it as in `core.cache.uses`."""

    entries: int
    pinned: int
    expired: int
    bytes: int
    vetoes: int
    seconds_saved: float
    hits: dict[str, int]
    shown: dict[str, int]
    objections: dict[str, int]
    kinds: dict[str, int]
    fine_kinds: dict[str, int]


def entry_of(connection: sqlite3.Connection, entry: int, now: float) -> Entry | None:
    """One entry; None when there is none."""
    row = connection.execute(f"{_ENTRY} WHERE e.id = ?", (entry,)).fetchone()
    return None if row is None else _entry(row, now)


def newest(connection: sqlite3.Connection, limit: int, pinned_only: bool, now: float) -> list[Entry]:
    """The entries stored last."""
    rows = connection.execute(
        f"{_ENTRY} WHERE e.is_pinned OR NOT ? ORDER BY e.id DESC LIMIT ?", (pinned_only, max(limit, 0))
    )
    return [_entry(row, now) for row in rows]


def search(connection: sqlite3.Connection, text: str, limit: int, now: float) -> list[Entry]:
    """The entries whose question or answer has every word, newest first."""
    words = text.split()
    if not words:
        return []
    clause = " AND ".join("(e.question LIKE ? ESCAPE '\\' OR a.text LIKE ? ESCAPE '\\')" for _ in words)
    patterns = [f"%{_literally(word)}%" for word in words for _ in range(2)]
    rows = connection.execute(
        f"{_ENTRY} WHERE {clause} ORDER BY e.id DESC LIMIT ?", (*patterns, max(limit, 0))
    )
    return [_entry(row, now) for row in rows]


def stats(connection: sqlite3.Connection, now: float) -> CacheStats:
    """Everything summed up."""
    entries, pinned, expired, size = connection.execute(
        "SELECT count(*), coalesce(sum(is_pinned), 0), coalesce(sum(expires_at <= ? AND NOT is_pinned), 0),"
        " coalesce(sum(bytes), 0) FROM entry",
        (now,),
    ).fetchone()
    (vetoes,) = connection.execute("SELECT count(*) FROM never").fetchone()
    return CacheStats(entries, pinned, expired, size, vetoes, *uses(connection))


def _entry(row: sqlite3.Row, now: float) -> Entry:
    expires_at, is_pinned = cells.moment(row[12]), bool(row[13])
    return Entry(
        id=row[0],
        question=cells.text(row[1]),
        text=cells.text(row[2]),
        model=cells.line(row[3]),
        place=cells.line(row[4]),
        depth=cells.count(row[5]) or 0,
        kind=cells.line(row[6]),
        created_at=cells.moment(row[7]),
        used_at=cells.moment(row[8]),
        hits=cells.count(row[9]) or 0,
        seconds=cells.number(row[10]) or 0.0,
        bytes=cells.count(row[11]) or 0,
        expires_at=expires_at,
        is_pinned=is_pinned,
        is_exact_only=bool(row[14]),
        is_alone=bool(row[15]),
        conversation=row[16],
        origin=cells.line(row[17]),
        is_expired=not is_pinned and expires_at <= now,
    )


def _literally(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")

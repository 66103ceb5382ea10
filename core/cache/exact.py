"""The same question in the same scope: one look-up by key, with nothing imported that an `ask` would feel."""

import sqlite3

from core.store import cells

Row = tuple[object, ...]
"""Number of the entry and of its answer, depth, seconds it took, question, when that was asked, and the
answer's text, model, provider and place; to be believed only as `core.cache.lookup.found_in` reads it."""

FOUND = """
SELECT e.id, e.answer_id, e.depth, e.seconds, e.question, t.asked_at, a.text, a.model, a.provider, a.place
FROM entry e JOIN answer a ON a.id = e.answer_id JOIN turn t ON t.id = a.turn_id
JOIN conversation c ON c.id = t.conversation_id"""
# Of several depths the deepest; a pin outlives its time. What is deleted is out of sight, here too.
_EXACT = f"""{FOUND}
WHERE e.key = ? AND e.depth >= ? AND (e.expires_at > ? OR e.is_pinned) AND a.state = 'complete'
AND c.deleted_at IS NULL ORDER BY e.depth DESC LIMIT 1"""
_TEXT = 6


def text_of(row: Row) -> str:
    """The answer's text, harmless; empty when the row holds none."""
    return cells.text(row[_TEXT])


def exact_row(connection: sqlite3.Connection, key: bytes, depth: int, now: float) -> Row | None:
    """The stored answer under a key; None when there is none, or none any more."""
    row: Row | None = connection.execute(_EXACT, (key, depth, now)).fetchone()
    return row

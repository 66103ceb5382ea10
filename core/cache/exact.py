"""The same question in the same scope: one look-up by key, with nothing imported that an `ask` would feel."""

import sqlite3

Row = tuple[object, ...]
"""Number of the entry and of its answer, depth, seconds it took, question, when that was asked, and the
answer's text, model, provider and place; to be believed only as `core.cache.lookup.found_in` reads it."""

# Of several depths the deepest; a pin outlives its time.
_EXACT = """
SELECT e.id, e.answer_id, e.depth, e.seconds, e.question, t.asked_at, a.text, a.model, a.provider, a.place
FROM entry e JOIN answer a ON a.id = e.answer_id JOIN turn t ON t.id = a.turn_id
WHERE e.key = ? AND e.depth >= ? AND (e.expires_at > ? OR e.is_pinned) AND a.state = 'complete'
ORDER BY e.depth DESC LIMIT 1"""


def exact_row(connection: sqlite3.Connection, key: bytes, depth: int, now: float) -> Row | None:
    """The stored answer under a key; None when there is none, or none any more."""
    row: Row | None = connection.execute(_EXACT, (key, depth, now)).fetchone()
    return row

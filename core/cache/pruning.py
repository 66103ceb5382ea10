"""What makes room: entries out of date, then those of least use for what they take."""

import sqlite3

from core.cache import index
from core.cache.keeping import drop

_BATCH = 200
"""So many go in one transaction, so that no write of a conversation waits behind them."""

_EXPIRED = "SELECT id FROM entry WHERE expires_at <= ? AND NOT is_pinned LIMIT ?"

# The least (hits + 1) x seconds saved / (bytes x age) goes first; an hour is added to the age, or what was
# stored a moment ago would look as if it were worth anything.
_LEAST_USEFUL = """
SELECT id, bytes FROM entry WHERE NOT is_pinned
ORDER BY (hits + 1) * (seconds + 0.1) / ((bytes + 1) * (max(? - used_at, 0) + 3600)) LIMIT ?"""


def prune_some(connection: sqlite3.Connection, most: int, largest_bytes: int, now: float) -> int:
    """Take out one batch; how many went, 0 when nothing needs to go."""
    expired = connection.execute(_EXPIRED, (now, _BATCH)).fetchall()
    for (entry,) in expired:
        drop(connection, entry)
    if expired:
        return len(expired)
    count, size = connection.execute("SELECT count(*), coalesce(sum(bytes), 0) FROM entry").fetchone()
    if count <= most and size <= largest_bytes:
        return 0
    gone = 0
    for entry, taken in connection.execute(_LEAST_USEFUL, (now, _BATCH)).fetchall():
        if count <= most and size <= largest_bytes:
            break
        drop(connection, entry)
        count, size, gone = count - 1, size - taken, gone + 1
    return gone


def forget_conversation(connection: sqlite3.Connection, conversation: int) -> int:
    """Take out every entry of a conversation; how many."""
    rows = connection.execute(
        "SELECT e.id FROM entry e JOIN answer a ON a.id = e.answer_id"
        " JOIN turn t ON t.id = a.turn_id WHERE t.conversation_id = ?",
        (conversation,),
    ).fetchall()
    for (entry,) in rows:
        drop(connection, entry)
    return len(rows)


def clear(connection: sqlite3.Connection) -> int:
    """Take out every entry; how many there were. A word against a pair of questions stands for ever."""
    index.clear(connection)
    connection.execute("DELETE FROM vector")
    return connection.execute("DELETE FROM entry").rowcount

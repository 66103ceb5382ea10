"""What keeps the answer cache small and readable, in pieces so short that no write waits behind them."""

import sqlite3

from core.cache import index
from core.cache.pruning import LARGEST_BYTES, prune_some
from core.store import cells
from core.store.text import storable

_BATCH = 100


def tend(connection: sqlite3.Connection, most: int, now: float, largest_bytes: int = LARGEST_BYTES) -> int:
    """Do one piece of what is to be done; how much that was, 0 when all is well."""
    return prune_some(connection, most, largest_bytes, now) or reread_some(connection)


def reread_some(connection: sqlite3.Connection) -> int:
    """Read questions afresh that another version of the parser has read; how many."""
    # Only here, in idle time and in the writer's thread: the parser brings its vocabulary.
    from core.cache.question import VERSION, parse

    # An entry without words is found by its key only, and its parse is never looked at.
    rows = connection.execute(
        "SELECT id, question, words FROM entry WHERE words <> '' AND parsed NOT LIKE ? LIMIT ?",
        (f"[{VERSION},%", _BATCH),
    ).fetchall()
    for entry, question, words in rows:
        parsed = parse(cells.text(question))
        index.remove(connection, entry, words)
        new_words = storable(index.indexable(parsed.words)) if parsed.stands_alone else ""
        connection.execute(
            "UPDATE entry SET words = ?, parsed = ?, stands_alone = ? WHERE id = ?",
            (new_words, storable(parsed.dump()), parsed.stands_alone, entry),
        )
        if new_words:
            index.add(connection, entry, new_words)
    return len(rows)

"""What keeps the answer cache small and readable, in pieces so short that no write waits behind them."""

import sqlite3

from core.cache import index
from core.cache.pruning import prune_some
from core.store import cells
from core.store.text import storable

_BATCH = 100


def tend(connection: sqlite3.Connection, most: int, largest_bytes: int, now: float) -> int:
    """Do one piece of what is to be done; how much that was, 0 when all is well."""
    return (
        prune_some(connection, most, largest_bytes, now) or unlist_some(connection) or reread_some(connection)
    )


def unlist_some(connection: sqlite3.Connection) -> int:
    """Take words out of the index whose entries went with their conversations; how many entries."""
    rows = connection.execute(
        "SELECT id FROM indexed WHERE id NOT IN (SELECT id FROM entry) LIMIT ?", (_BATCH,)
    ).fetchall()
    for (entry,) in rows:
        index.remove(connection, entry)
    return len(rows)


def reread_some(connection: sqlite3.Connection) -> int:
    """Read questions and judge answers afresh that another version has read and judged; how many."""
    # Only here, in idle time and in the writer's thread: the parser brings its vocabulary.
    from core.cache.destructive import what_it_destroys
    from core.cache.question import VERSION, parse

    # An entry without words is found by its key only, and its parse is never looked at.
    rows = connection.execute(
        "SELECT e.id, e.scope, e.question, a.text FROM entry e JOIN answer a ON a.id = e.answer_id"
        " WHERE e.parsed NOT LIKE ? AND EXISTS (SELECT 1 FROM indexed WHERE indexed.id = e.id) LIMIT ?",
        (f"[{VERSION},%", _BATCH),
    ).fetchall()
    for entry, scope, question, answer in rows:
        parsed = parse(cells.text(question))
        is_exact_only = bool(what_it_destroys(cells.text(answer)))
        index.remove(connection, entry)
        connection.execute(
            "UPDATE entry SET is_exact_only = ?, parsed = ?, stands_alone = ? WHERE id = ?",
            (is_exact_only, "" if is_exact_only else storable(parsed.dump()), parsed.stands_alone, entry),
        )
        if parsed.stands_alone and not is_exact_only and (words := storable(index.indexable(parsed.words))):
            index.add(connection, entry, scope, words)
    return len(rows)

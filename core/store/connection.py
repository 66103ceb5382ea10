"""A connection to the database, opened the same way by everyone."""

import sqlite3

from core.store import cells
from core.store.schema import shape_of

_PATIENCE_S = 5.0


def connected(address: str) -> sqlite3.Connection:
    """A connection of ours: transactions are begun by name, and one thread at a time is our own care."""
    connection = sqlite3.connect(
        address, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False, uri=True
    )
    connection.row_factory = sqlite3.Row
    connection.text_factory = cells.decoded
    # What a stranger wrote into the schema may not call what can do more than reckon.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def connected_to_look(path: str, *, is_still: bool = False) -> sqlite3.Connection | None:
    """A connection that cannot write; None when the file is not there, not ours, or not the newest shape.

    Args:
        is_still: nobody writes, so that none of the files need be made that even a reader leaves beside it.
    """
    connection = None
    try:
        connection = connected(f"file:{_quoted(path)}?mode=ro{'&immutable=1' if is_still else ''}")
        shape = shape_of(connection)
        if is_still:  # SQLite then says nothing of a WAL
            shape = shape._replace(is_wal=True)
        if shape.is_current and not shape.stranger:
            return connection
    except sqlite3.Error:
        pass
    if connection is not None:
        connection.close()
    return None


def _quoted(path: str) -> str:
    """A path as a URI has it; only what would end the path, or begin something else, is written otherwise."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")

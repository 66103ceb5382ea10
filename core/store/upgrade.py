"""Bringing a database to the newest shape, and only then importing what that takes."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from core.store import faults
from core.store.schema import APPLICATION, SCHEMA, shape_of

_PATIENCE_S = 10.0
_PAUSE_S = 0.01


def bring_up_to_date(connect: Callable[[], sqlite3.Connection], where: str) -> None:
    """Give a database the newest shape, whoever else does the same at this moment.

    Args:
        connect: opens it for writing; the connection is closed again.
        where: the database, for sentences.

    Raises:
        StoreUnavailable: Another program's, or from a newer leadline; then it is left as it is.
        sqlite3.Error: It cannot be written.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with closing(connect()) as connection:
                shape_of(connection).check(where)
                # Going over to WAL needs the file alone, and SQLite's own patience does not cover that.
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
                make_current(connection, where)
            return
        except sqlite3.Error as error:
            if not faults.is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_S)


def make_current(connection: sqlite3.Connection, where: str) -> None:
    """Take the steps that are missing; the connection stays open."""
    shape = shape_of(connection)
    if shape.application == APPLICATION and shape.version == SCHEMA:
        return
    # Only here: sqlite-utils costs 50-150 ms, and is of no use to a database that is current.
    from core.store.migrations import migrate

    migrate(connection, where)

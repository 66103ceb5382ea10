"""The product's own store in memory; it writes at once, as a writer's thread has no place on a virtual clock.

Each conversation has a new one: a person who has not used this before, so that no policy lives on what
another conversation taught it, and conversations can be replayed in any order.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import TypeVar

from core.store.connection import connected
from core.store.database import Database
from core.store.upgrade import make_current

T = TypeVar("T")


class AtOnce(Database):
    """A database that has written when `submit` returns."""

    def __init__(self, clock: Callable[[], float], connection: sqlite3.Connection) -> None:
        super().__init__(None, clock, connection, lambda: connection)
        self._connection = connection

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Change something, here and now."""
        future: Future[T] = Future()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._connection)
        except Exception as error:  # noqa: BLE001 - it belongs to who waits, as with the writer
            self._connection.execute("ROLLBACK")
            future.set_exception(error)
        else:
            self._connection.execute("COMMIT")
            future.set_result(result)
        return future


def new_memory(clock: Callable[[], float]) -> AtOnce:
    """A new database in memory, of the newest shape, with nothing in it."""
    connection = connected(":memory:")
    _template().backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    return AtOnce(clock, connection)


@lru_cache(maxsize=1)
def _template() -> sqlite3.Connection:
    """Made once a process, as making the tables takes longer than a conversation."""
    connection = connected(":memory:")
    make_current(connection, "the bench")
    return connection

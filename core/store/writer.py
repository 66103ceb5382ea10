"""The one thread that changes the database, so that nobody waits for a disk."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

from core.store import faults

T = TypeVar("T")

_DRAIN_S = 15.0
"""Longer than SQLite's own patience with a lock, so that the last write has its chance."""


class Writer:
    """Takes work in order, each piece in a transaction of its own; its thread starts with the first."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        where: str,
        turnstile: AbstractContextManager[object],
    ) -> None:
        """Prepare, without a thread or a connection yet.

        Args:
            connect: opens the writing connection, in the writer's thread.
            where: the database, for sentences.
            turnstile: passed by every transaction; a lock where readers share the connection.
        """
        self._connect = connect
        self._where = where
        self._turnstile = turnstile
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._door = Lock()
        self._thread: Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Do a piece of work soon; the future has its result once it is committed."""
        future: Future[T] = Future()
        # Marked as running at once: whoever stops waiting (a cancelled turn) does not unsay the write.
        future.set_running_or_notify_cancel()

        def job() -> None:
            try:
                result = self._in_transaction(work)
            except sqlite3.Error as error:
                future.set_exception(_caused(faults.said_by_sqlite(error, self._where), error))
            except Exception as error:  # noqa: BLE001 - the worker's edge: it belongs to who waits
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._door:
            if self._is_closed:
                future.set_exception(faults.closed(self._where))
                return future
            self._jobs.put(job)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="leadline-writer", daemon=True)
                self._thread.start()
        return future

    def close(self) -> None:
        """Do what was submitted, then end; a second call finds nothing to do."""
        with self._door:
            if not self._is_closed:
                self._is_closed = True
                self._jobs.put(None)
            thread = self._thread
        if thread is not None:
            thread.join(_DRAIN_S)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        if self._connection is not None:
            self._connection.close()

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._turnstile:
            if self._connection is None:
                self._connection = self._connect()
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                # A failed commit (a full disk) may have rolled back already; the first error is the one told.
                with suppress(sqlite3.Error):
                    connection.rollback()
                raise
            return result


def _caused(told: Exception, cause: Exception) -> Exception:
    told.__cause__ = cause
    return told

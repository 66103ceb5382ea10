"""The database file: private, opened by one reader and one writer, shared with other leadlines.

Reads are inline and quick, writes go to the writer's thread. The async world awaits a write with
`asyncio.wrap_future`; to stop waiting never takes a write back.
"""

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, closing, nullcontext, suppress
from pathlib import Path
from threading import RLock
from typing import TypeVar

from core.errors import StoreUnavailable
from core.store import faults, prepared, recovery, removal
from core.store.connection import connected
from core.store.schema import Shape, shape_of
from core.store.upgrade import bring_up_to_date, make_current
from core.store.writer import Writer

T = TypeVar("T")

_SIDECARS = ("-wal", "-shm", "-journal")


class Database:
    """An open database; `open` is the way to one."""

    def __init__(
        self,
        path: Path | None,
        clock: Callable[[], float],
        reader: sqlite3.Connection,
        connect: Callable[[], sqlite3.Connection],
    ) -> None:
        self.path = path
        self.clock = clock
        self._where = _name(path)
        self._reader = reader
        self._reading = RLock()
        self._is_closed = False
        # In memory there is only one connection, so readers and the writer take turns.
        self._writer = Writer(connect, self._where, self._reading if path is None else nullcontext())

    @classmethod
    def open(cls, path: Path | None, clock: Callable[[], float]) -> "Database":
        """Open a database, made and brought up to date as needed.

        Args:
            path: the file; None for a private one in memory.
            clock: the time in Unix seconds.

        Raises:
            StoreUnavailable: It cannot be used; whatever stands at the path is left as it is.
        """
        database = cls._open_file(path, clock) if path is not None else cls._open_memory(clock)
        try:
            if database.read(recovery.has_streaming):
                now = clock()
                database.submit(lambda connection: recovery.settle(connection, now))
            if database.read(lambda connection: removal.has_expired(connection, clock())):
                before = clock() - removal.KEPT_S
                database.submit(lambda connection: removal.purge(connection, before))
            if database.read(lambda connection: prepared.has_expired(connection, clock())):
                today = clock()
                database.submit(lambda connection: prepared.sweep(connection, today))
        except StoreUnavailable:
            database.close()
            raise
        return database

    def read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Look something up, here and now, on one state of the database; rows have names.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        with self._reading:
            if self._is_closed:
                raise faults.closed(self._where)
            try:
                self._reader.execute("BEGIN")
                try:
                    return look(self._reader)
                finally:
                    if self._reader.in_transaction:
                        self._reader.execute("COMMIT")
            except sqlite3.Error as error:
                raise faults.said_by_sqlite(error, self._where) from error

    def read_aside(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Look something up that takes its time, from a thread, while others read.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        if self.path is None:
            return self.read(look)
        try:
            with closing(connected(f"{self.path.as_uri()}?mode=ro")) as connection:
                return look(connection)
        except sqlite3.Error as error:
            raise faults.said_by_sqlite(error, self._where) from error

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Change something, in a transaction, in the writer's thread, after all that was submitted before.

        The future raises `StoreUnavailable` when the database refuses, and whatever `work` raises.
        """
        return self._writer.submit(work)

    def close(self) -> None:
        """Write what was submitted, and let go of the file; a second call does nothing."""
        with self._reading:
            self._is_closed = True
            # Before the writer: the last to leave folds the -wal file in, and a reader may not.
            if self.path is not None:
                self._reader.close()
        self._writer.close()
        # In memory it is the writer's own, which only a writer that ever worked has closed.
        self._reader.close()

    @classmethod
    def _open_memory(cls, clock: Callable[[], float]) -> "Database":
        connection = _connected_to_write(":memory:")
        make_current(connection, _name(None))
        return cls(None, clock, connection, lambda: connection)

    @classmethod
    def _open_file(cls, path: Path, clock: Callable[[], float]) -> "Database":
        path = path.absolute()
        _make_private(path)
        address = path.as_uri()

        def connect() -> sqlite3.Connection:
            return _connected_to_write(f"{address}?mode=rw")

        with ExitStack() as on_failure:
            try:
                # Read-only, so that merely looking never changes a file that turns out not to be ours.
                reader = on_failure.enter_context(closing(connected(f"{address}?mode=ro")))
                shape = _shape_if_readable(reader)
                if shape is not None:
                    shape.check(str(path))
                _narrow(path)
                if shape is None or not shape.is_current:
                    bring_up_to_date(connect, str(path))
            except sqlite3.Error as error:
                raise faults.said_by_sqlite(error, str(path)) from error
            on_failure.pop_all()
        return cls(path, clock, reader, connect)


def _name(path: Path | None) -> str:
    return str(path) if path is not None else "the database in memory"


def _connected_to_write(address: str) -> sqlite3.Connection:
    connection = connected(address)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # With WAL this survives a crash of the program, and a power cut costs at most the last moments.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _shape_if_readable(reader: sqlite3.Connection) -> Shape | None:
    """What the file is; None when a crash left it so that only a writer can look."""
    try:
        return shape_of(reader)
    except sqlite3.OperationalError as error:
        if faults.primary_code(error) == sqlite3.SQLITE_READONLY:
            return None
        raise


def _make_private(path: Path) -> None:
    """Make the file and the directories that lead to it, for the user alone; what exists stays."""
    try:
        missing = []
        directory = path.parent
        while not directory.exists():
            missing.append(directory)
            directory = directory.parent
        for directory in reversed(missing):
            directory.mkdir(mode=0o700, exist_ok=True)
        # SQLite would take the umask; and it gives -wal and -shm the rights that the file has.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise faults.said_by_system(error, path) from error
    if path.is_dir():
        raise faults.not_a_file(path)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise faults.read_only(path)


def _narrow(path: Path) -> None:
    """Take away what others may do with an existing file, where the file system knows of others."""
    path = path.resolve()  # SQLite puts the sidecars beside the file itself, not beside a link to it
    for file in (path, *(path.with_name(path.name + ending) for ending in _SIDECARS)):
        # A sidecar may be gone at any moment; a USB stick knows no rights, and must not stop anyone.
        with suppress(OSError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & 0o077:
                file.chmod(mode & 0o700)

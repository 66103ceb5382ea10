"""Which shape a database file has, asked without anything that is slow to import."""

import sqlite3
from typing import NamedTuple

from core.store import cells, faults

SCHEMA = 8
"""The newest shape; one more with every step in `core.store.migrations`."""

APPLICATION = 0x6C65_6164
"""Says "lead" in a file's header, so that no other program's database is ever taken for ours."""


class Shape(NamedTuple):
    """What a file's header says.

    Attributes:
        is_empty: no table, no number of anyone: a file just made.
        stranger: the name of a view or trigger; we make none, and one could change what we read and write.
    """

    application: int
    version: int
    is_wal: bool
    is_empty: bool
    stranger: str = ""

    @property
    def is_foreign(self) -> bool:
        """Whether some other program made it."""
        return self.application != APPLICATION and not self.is_empty

    def check(self, where: str) -> None:
        """Refuse a database that is not for this leadline.

        Raises:
            StoreUnavailable: Another program's, from a newer leadline, or altered by someone.
        """
        if self.is_foreign:
            raise faults.foreign(where)
        if self.version > SCHEMA:
            raise faults.newer(where, self.version, SCHEMA)
        if self.stranger:
            raise faults.altered(where, self.stranger)

    @property
    def is_current(self) -> bool:
        """Whether it can be used as it stands."""
        return self.application == APPLICATION and self.version == SCHEMA and self.is_wal


def shape_of(connection: sqlite3.Connection) -> Shape:
    """Look at a database without changing anything; the connection is in no transaction."""
    # All at one moment: another leadline may be making it, and half made it would look foreign.
    connection.execute("BEGIN")
    try:
        return shape_inside(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def shape_inside(connection: sqlite3.Connection) -> Shape:
    """The same within a transaction that has begun."""
    application = _number(connection, "PRAGMA application_id")
    version = _number(connection, "PRAGMA user_version")
    tables = _number(connection, "SELECT count(*) FROM sqlite_master") if application != APPLICATION else 1
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    row = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger') LIMIT 1"
    ).fetchone()
    stranger = "" if row is None else cells.line(row[0])[:60] or "without a name"
    return Shape(application, version, mode == "wal", not (application or version or tables), stranger)


def _number(connection: sqlite3.Connection, sql: str) -> int:
    (number,) = connection.execute(sql).fetchone()
    return int(number)

"""The few columns of every answer that figures are added up from, read as they stand.

`core.store.measured` reads an answer whole; here a hundred thousand are read in a tenth of a second, because
a row holds only what is added up, names are left as bytes until they are known to differ, and the division
into moments of a chart is SQLite's work. Nothing is looked up beside the covering index.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from core.store import cells
from core.store.database import Database

Timing = tuple[bytes, bytes, bytes, bytes, int, object, object, object, object]
"""Model, route, place, state; the place in time; TTFT, total, paint in milliseconds; tokens a second.

The numbers are cells as they are: None, or whatever stands there.
"""

AHEAD_S = 24 * 3600.0
"""A clock that was set back leaves answers in the future; later ones than this were never given."""

_OLDEST = "SELECT min(started_at) FROM answer WHERE started_at >= ? AND started_at < ?"
# Where the server said nothing of its times, the text came from the first of it to the end.
_TIMINGS = """
SELECT CAST(model AS BLOB), CAST(route AS BLOB), CAST(place AS BLOB), CAST(state AS BLOB),
    CAST((started_at - ?) / ? AS INTEGER), ttft_ms, total_ms, paint_ms,
    CASE WHEN decode_ms > 0 THEN output_tokens * 1000.0 / decode_ms
        WHEN total_ms > ttft_ms THEN output_tokens * 1000.0 / (total_ms - ttft_ms) END
FROM answer WHERE started_at >= ? AND started_at < ? AND state <> 'streaming' ORDER BY started_at"""
_ASKED = (
    "SELECT count(*) FROM answer WHERE started_at >= ? AND started_at < ? AND door = 'ask'"
    " AND state <> 'streaming'"
)


class Division(NamedTuple):
    """Time cut into equal parts.

    Attributes:
        start: of the first; Unix time in seconds.
    """

    start: float
    step_s: float


class Timings:
    """Reads of the times of all answers since a moment, for a thread or a command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def oldest(self, since: float) -> float | None:
        """When the first of them began; None when there is none."""
        until = self._database.clock() + AHEAD_S

        def look(connection: sqlite3.Connection) -> float | None:
            return cells.number(connection.execute(_OLDEST, (since, until)).fetchone()[0])

        return self._database.read_aside(look)

    def rows(self, since: float, division: Division) -> Sequence[Timing]:
        """Every answer that is over, oldest first."""
        until = self._database.clock() + AHEAD_S

        def look(connection: sqlite3.Connection) -> Sequence[Timing]:
            cursor = connection.cursor()
            cursor.row_factory = None  # a name for each cell would be a third of the time
            return cursor.execute(_TIMINGS, (*division, since, until)).fetchall()

        return self._database.read_aside(look)

    def asked(self, since: float) -> int:
        """How many of them went to `leadline ask`."""
        until = self._database.clock() + AHEAD_S

        def look(connection: sqlite3.Connection) -> int:
            return cells.count(connection.execute(_ASKED, (since, until)).fetchone()[0]) or 0

        return self._database.read_aside(look)

"""The few columns of answers that figures are added up from, read as they stand.

`core.store.measured` reads an answer whole; here a row holds only what is added up, and names are left as
bytes until they are known to differ. Nothing is looked up beside the covering index. Counts are of all
answers; of more than `MOST_ROWS` the times are those of every n-th, drawn evenly, so that a look back takes
as long in ten years as it does today.
"""

import math
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from core.store import cells
from core.store.database import Database

Timing = tuple[bytes, bytes, bytes, int, int, object, object, object, object]
"""Model, route, place; whether it is complete; the place in time; TTFT, total, paint in ms; tokens a second.

The last four are cells as they are: None, or whatever stands there.
"""

MOST_ROWS = 10_000
"""Read at most, or a few more: the p95 of so many lies between the true p94.5 and p95.5."""
AHEAD_S = 24 * 3600.0
"""A clock that was set back leaves answers in the future; later ones than this were never given."""

_OLDEST = "SELECT min(started_at) FROM answer WHERE started_at >= ? AND started_at < ?"
# Where the server said nothing of its times, the text came from the first of it to the end.
_TIMINGS = """
SELECT CAST(model AS BLOB), CAST(route AS BLOB), CAST(place AS BLOB), state = 'complete',
    CAST((started_at - ?) / ? AS INTEGER), ttft_ms, total_ms, paint_ms,
    CASE WHEN decode_ms > 0 THEN output_tokens * 1000.0 / decode_ms
        WHEN total_ms > ttft_ms THEN output_tokens * 1000.0 / (total_ms - ttft_ms) END
FROM answer WHERE started_at >= ? AND started_at < ? AND state <> 'streaming'"""
# Scattered by a multiplication: of answers that come in turns, every n-th would always be of the same kind.
_DRAWN = " AND ((id * 2654435761) >> 16) % ? = 0"
_COUNTS = """
SELECT count(*), total(door = 'ask'), total(state = 'partial'), total(state = 'failed'),
    total(state = 'cancelled')
FROM answer WHERE started_at >= ? AND started_at < ? AND state <> 'streaming'"""


class Counted(NamedTuple):
    """How many answers are over, and how; `asked` of them went to `leadline ask`."""

    answers: int
    asked: int
    partial: int
    failed: int
    cancelled: int

    @property
    def complete(self) -> int:
        """Those that are whole."""
        return self.answers - self.partial - self.failed - self.cancelled

    @property
    def every(self) -> int:
        """How many answers stand behind each one whose times are read."""
        return max(1, math.ceil(self.answers / MOST_ROWS))


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

    def counted(self, since: float) -> Counted:
        """How many answers there are."""
        until = self._database.clock() + AHEAD_S

        def look(connection: sqlite3.Connection) -> Counted:
            return Counted(*map(int, connection.execute(_COUNTS, (since, until)).fetchone()))

        return self._database.read_aside(look)

    def rows(self, since: float, division: Division, every: int = 1) -> Sequence[Timing]:
        """Answers that are over, oldest first.

        Args:
            every: about one of so many.
        """
        until = self._database.clock() + AHEAD_S
        drawn, values = (_DRAWN, (every,)) if every > 1 else ("", ())

        def look(connection: sqlite3.Connection) -> Sequence[Timing]:
            cursor = connection.cursor()
            cursor.row_factory = None  # a name for each cell would be a third of the time
            sql = f"{_TIMINGS}{drawn} ORDER BY started_at"
            return cursor.execute(sql, (*division, since, until, *values)).fetchall()

        return self._database.read_aside(look)

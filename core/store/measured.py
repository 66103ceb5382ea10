"""What was measured of answers, read for figures: never a text, so that 100,000 are read at once."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, NamedTuple

from core.store import cells
from core.store.database import Database
from core.store.text import storable


class Measured(NamedTuple):
    """What is known of one answer's making; None for what was not measured.

    Attributes:
        started_at: Unix time in seconds.
        route, state, door: as text, in the words of `core.messages`; what nobody knows stays as it is.
        paint_ms: from the key that sent the question to the first text on the screen.
        thinking_ms, itl_ms, starved_ms: as `core.metrics.times.Times`.
        blocked_ms: of a deep run: so long it was looked at and nothing else was done.
        load_ms, prefill_ms, decode_ms, server_ms: the server's own durations; 0 when it gave none.
    """

    answer: int
    turn: int
    started_at: float
    model: str
    route: str
    effort: str
    door: str
    place: str
    state: str
    ttft_ms: float | None
    total_ms: float | None
    paint_ms: float | None
    thinking_ms: float | None
    itl_ms: float | None
    starved_ms: float | None
    blocked_ms: float | None
    load_ms: float | None
    prefill_ms: float | None
    decode_ms: float | None
    server_ms: float | None
    output_tokens: int | None
    usd: float | None


_TEXTS = ("model", "route", "effort", "door", "place", "state")
_NUMBERS = (
    *("ttft_ms", "total_ms", "paint_ms", "thinking_ms", "itl_ms", "starved_ms", "blocked_ms"),
    *("load_ms", "prefill_ms", "decode_ms", "server_ms", "output_tokens", "usd"),
)
_COLUMNS = f"id, turn_id, started_at, {', '.join(_TEXTS)}, {', '.join(_NUMBERS)}"
_ONE = f"SELECT {_COLUMNS} FROM answer WHERE id = ?"  # noqa: S608  (our own)
# What a stranger wrote into a cell is told here, where it costs least: text is larger than any number.
# Backwards by number, which ends after a few rows: the model in use is the one that made the last answers.
_LAST_MADE = (
    f"SELECT {_COLUMNS} FROM answer WHERE id > (SELECT max(id) FROM answer) - 200"  # noqa: S608  (our own)
    " AND model = ? AND route = 'fast' AND state = 'complete' ORDER BY id DESC LIMIT ?"
)
_IS_SOUND = " AND ".join(
    (
        *(f"typeof({name}) = 'text'" for name in _TEXTS),
        *(f"({name} IS NULL OR {name} BETWEEN 0 AND 1e12)" for name in ("started_at", *_NUMBERS)),
    )
)
_SINCE = (
    f"SELECT {_COLUMNS} FROM answer INDEXED BY answer_measured"  # noqa: S608  (our own)
    f" WHERE started_at >= ? AND state <> 'streaming' AND {_IS_SOUND} ORDER BY started_at"
)
_NEWEST = (
    f"SELECT {_COLUMNS} FROM answer INDEXED BY answer_measured"  # noqa: S608  (our own)
    f" WHERE started_at >= ? AND state <> 'streaming' AND {_IS_SOUND} ORDER BY started_at DESC LIMIT ?"
)


class MeasuredStore:
    """Reads are inline; the two writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, answer: int) -> Measured | None:
        """One answer's; None when it is not there."""

        def look(connection: sqlite3.Connection) -> Measured | None:
            row = connection.execute(_ONE, (answer,)).fetchone()
            return None if row is None else _believed(row)

        return self._database.read(look)

    def cached_tokens(self, answer: int) -> int | None:
        """How many of one answer's tokens the server's prefix cache held; None when not known."""

        def look(connection: sqlite3.Connection) -> int | None:
            row = connection.execute("SELECT cached_tokens FROM answer WHERE id = ?", (answer,)).fetchone()
            number = None if row is None else cells.measure(row["cached_tokens"])
            return None if number is None else int(number)

        return self._database.read(look)

    def last_made(self, model: str, count: int) -> Sequence[Measured]:
        """The last whole answers that a model made at once, newest first."""

        def look(connection: sqlite3.Connection) -> list[Measured]:
            return [_believed(row) for row in connection.execute(_LAST_MADE, (storable(model), count))]

        return self._database.read(look)

    def since(self, moment: float) -> Sequence[Measured]:
        """All answers that ended since a moment (Unix seconds), oldest first; out of the index alone.

        An answer that has something in a cell which we cannot have written is left out. Model and place are
        as they stand there: whoever shows them makes them harmless. For a thread, where there are many.
        """

        def look(connection: sqlite3.Connection) -> list[Measured]:
            cursor = connection.cursor()
            cursor.row_factory = _measured
            before, connection.text_factory = connection.text_factory, _text
            try:
                return cursor.execute(_SINCE, (moment,)).fetchall()
            finally:
                connection.text_factory = before

        return self._database.read_aside(look)

    def newest(self, moment: float, most: int) -> Sequence[Measured]:
        """At most so many of them, the newest, newest first."""

        def look(connection: sqlite3.Connection) -> list[Measured]:
            cursor = connection.cursor()
            cursor.row_factory = _measured
            return cursor.execute(_NEWEST, (moment, most)).fetchall()

        return self._database.read_aside(look)

    def painted(self, answer: int, paint_ms: float) -> Future[None]:
        """The answer's first text was on the screen, so long after the key."""
        return self._write("UPDATE answer SET paint_ms = ? WHERE id = ?", (paint_ms, answer))

    def blocked(self, answer: int, blocked_ms: float) -> Future[None]:
        """A deep run was looked at so much longer while nothing else was done; it is added."""
        return self._write(
            "UPDATE answer SET blocked_ms = coalesce(blocked_ms, 0) + ? WHERE id = ?", (blocked_ms, answer)
        )

    def _write(self, sql: str, values: tuple[float, int]) -> Future[None]:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql, values)

        return self._database.submit(work)


_text = lru_cache(256)(cells.decoded)
"""Of a hundred thousand rows the same few words stand in each."""


def _measured(_: sqlite3.Cursor, row: tuple[Any, ...]) -> Measured:
    return Measured._make(row)


def _believed(row: sqlite3.Row) -> Measured:
    """One row as far as it can be believed."""
    texts = [cells.line(row[name]) for name in _TEXTS]
    numbers = [cells.measure(row[name]) for name in _NUMBERS]
    return Measured._make([row["id"], row["turn_id"], cells.moment(row["started_at"]), *texts, *numbers])

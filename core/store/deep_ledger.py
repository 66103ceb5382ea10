"""Every deep call with its times, tokens and cost, and no text: what a day cost, how long things take.

Rows outlive the conversations they were made for: what was spent stays spent.
"""

import sqlite3
from concurrent.futures import Future
from functools import lru_cache
from typing import NamedTuple

from core.store import cells
from core.store.database import Database
from core.store.text import storable

ENOUGH = 9
"""With fewer of the same effort, runs of every effort are told of; nine allow a bound of nine in ten."""

WHOLE_RUN = "run"
"""The stage under which a whole run is kept: for its time and its cost, and never added to its calls'."""

REMEMBERED = 50
"""Older ones say less about a service that changes every month."""

_COLUMNS = (
    "run, ended_at, provider, address, model, effort, preset, stage, size, total_ms, first_event_ms,"
    " first_text_ms, input_tokens, cached_tokens, thinking_tokens, output_tokens, usd, is_whole"
)


class DeepCallRecord(NamedTuple):
    """One deep call that is over.

    Attributes:
        run: of the journal; calls of one run belong together.
        stage: as `core.deep.status.StageKind`, ``run`` for a whole run's time.
            A row ``run`` has the run's whole cost and tokens, which no sum counts once more.
        size: of what was sent, as the rounded log2 of its tokens.
        first_event_ms, first_text_ms: None when none came.
        usd: None when not known.
        is_whole: it ended by the provider's own word.
    """

    run: int
    provider: str
    address: str
    model: str
    effort: str
    preset: str
    stage: str
    size: int
    total_ms: float
    first_event_ms: float | None = None
    first_text_ms: float | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    thinking_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    is_whole: bool = True


class Spent(NamedTuple):
    """What was spent since a moment.

    Attributes:
        unpriced_tokens: of calls whose price is not known.
    """

    usd: float
    tokens: int
    unpriced_tokens: int


class PastTimes(NamedTuple):
    """How long such a thing took before, newest first; seconds, of whole calls only.

    Attributes:
        is_pooled: there were too few with the same effort, so all efforts are among them.
        output_tokens, usd: of the same calls, in the same order; `usd` is None where it is not known.
    """

    seconds: tuple[float, ...] = ()
    output_tokens: tuple[int, ...] = ()
    usd: tuple[float | None, ...] = ()
    is_pooled: bool = False


class RunTime(NamedTuple):
    """A whole run, for who looks back at them.

    Attributes:
        ended_at: Unix time in seconds.
        usd: None when not known.
    """

    ended_at: float
    model: str
    effort: str
    preset: str
    seconds: float
    usd: float | None


class DeepLedger:
    """Deep calls in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, call: DeepCallRecord) -> Future[None]:
        """Keep a call; the future raises `StoreUnavailable` when the database refuses."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                f"INSERT INTO deep_call ({_COLUMNS}) VALUES ({', '.join('?' * 18)})",  # noqa: S608  (our own)
                (
                    call.run,
                    now,
                    *map(storable, (call.provider, call.address, call.model, call.effort)),
                    *map(storable, (call.preset, call.stage)),
                    call.size,
                    call.total_ms,
                    call.first_event_ms,
                    call.first_text_ms,
                    call.input_tokens,
                    call.cached_tokens,
                    call.thinking_tokens,
                    call.output_tokens,
                    call.usd,
                    call.is_whole,
                ),
            )

        return self._database.submit(work)

    def spent_since(self, moment: float, run: int | None = None) -> Spent:
        """What deep calls have cost since a moment (Unix seconds), whichever leadline made them.

        Args:
            run: of the journal; None is all of them.
        """

        def look(connection: sqlite3.Connection) -> Spent:
            usd, tokens, unpriced = 0.0, 0, 0
            for cost, read, written in connection.execute(
                "SELECT usd, input_tokens, output_tokens FROM deep_call WHERE ended_at >= ? AND stage <> ?"
                " AND (? IS NULL OR run = ?)",
                (moment, WHOLE_RUN, run, run),
            ):
                size = (cells.count(read) or 0) + (cells.count(written) or 0)
                known = cells.measure(cost)
                usd += known or 0.0
                tokens += size
                unpriced += size if known is None else 0
            return Spent(usd, tokens, unpriced)

        return self._database.read(look)

    def spent_by_model(self, since: float) -> dict[str, Spent]:
        """The same since a moment, by model; dearest first. From a thread, while others read."""

        def look(connection: sqlite3.Connection) -> dict[str, Spent]:
            rows = connection.execute(
                "SELECT model, total(usd), total(input_tokens + output_tokens),"
                " total(CASE WHEN usd IS NULL THEN input_tokens + output_tokens END)"
                " FROM deep_call WHERE ended_at >= ? AND stage <> ? GROUP BY model ORDER BY 2 DESC, model",
                (since, WHOLE_RUN),
            )
            return {
                cells.line(model): Spent(cells.measure(usd) or 0.0, _whole(tokens), _whole(unpriced))
                for model, usd, tokens, unpriced in rows
            }

        return self._database.read_aside(look)

    def runs(self) -> tuple[RunTime, ...]:
        """Every whole run there ever was, oldest first; from a thread, while others read."""

        def look(connection: sqlite3.Connection) -> tuple[RunTime, ...]:
            # Few names, and many runs: each name is made harmless once.
            line = lru_cache(maxsize=None)(cells.line)
            cursor = connection.cursor()
            cursor.row_factory = None
            rows = cursor.execute(
                "SELECT ended_at, model, effort, preset, total_ms, usd FROM deep_call"
                " WHERE stage = ? AND is_whole ORDER BY id",
                (WHOLE_RUN,),
            )
            return tuple(
                RunTime(
                    ended_at=cells.moment(ended_at),
                    model=line(model),
                    effort=line(effort),
                    preset=line(preset),
                    seconds=took_ms / 1000,
                    usd=cells.measure(usd),
                )
                for ended_at, model, effort, preset, total_ms, usd in rows
                if (took_ms := cells.number(total_ms)) is not None and took_ms >= 0
            )

        return self._database.read_aside(look)

    def past(self, model: str, effort: str, preset: str, stage: str) -> PastTimes:
        """How long such stages took; with fewer than nine of this effort, of every effort."""
        alike = (storable(model), storable(preset), storable(stage))

        def look(connection: sqlite3.Connection) -> PastTimes:
            same = _times(connection, "AND effort = ?", (*alike, storable(effort)))
            if len(same) >= ENOUGH:
                return _past(same, is_pooled=False)
            every = _times(connection, "", alike)
            return _past(every, is_pooled=len(every) > len(same))

        return self._database.read(look)


def _whole(cell: object) -> int:
    return int(max(cells.number(cell) or 0.0, 0.0))


def _times(connection: sqlite3.Connection, clause: str, values: tuple[str, ...]) -> list[sqlite3.Row]:
    rows = connection.execute(
        "SELECT total_ms, output_tokens, usd FROM deep_call WHERE model = ? AND preset = ? AND stage = ?"  # noqa: S608  (our own)
        f" {clause} AND is_whole ORDER BY id DESC LIMIT {REMEMBERED}",
        values,
    )
    return [row for row in rows if cells.number(row["total_ms"]) is not None]


def _past(rows: list[sqlite3.Row], *, is_pooled: bool) -> PastTimes:
    return PastTimes(
        seconds=tuple((cells.number(row["total_ms"]) or 0.0) / 1000 for row in rows),
        output_tokens=tuple(cells.count(row["output_tokens"]) or 0 for row in rows),
        usd=tuple(cells.number(row["usd"]) for row in rows),
        is_pooled=is_pooled,
    )

"""What people did with answers, a row each; no words of question or answer, so they outlive both."""

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from core.store import cells
from core.store.database import Database


class SignalRow(NamedTuple):
    """One signal, in the columns' own words; see `core.metrics.chance.Signal`."""

    at: float
    kind: str
    answer: int
    answered_at: float
    model: str
    effort: str
    route: str
    door: str


class Counted(NamedTuple):
    """How many answers there are of one making with which the very same was done.

    Attributes:
        kinds: all of what was done with each of them.
    """

    model: str
    effort: str
    route: str
    door: str
    kinds: frozenset[str]
    answers: int


# What is in none of the other columns' words is left to who reads; what has no sound time has no place.
_SOUND = (
    "typeof(at) IN ('real', 'integer') AND abs(at) < 1e12"
    " AND typeof(answered_at) IN ('real', 'integer') AND abs(answered_at) < 1e12"
    " AND typeof(answer) = 'integer'"
)
_RECORD = """
INSERT INTO signal (at, kind, answer, answered_at, model, effort, route, door)
SELECT :at, :kind, id, started_at, model, effort, route, door FROM answer
WHERE id = :answer AND state <> 'failed' AND NOT EXISTS (
    SELECT 1 FROM signal known WHERE known.answer = answer.id AND known.answered_at = answer.started_at
    AND known.kind = :kind)"""
_ROWS = (
    "SELECT at, kind, answer, answered_at, model, effort, route, door FROM signal"  # noqa: S608  (our own)
    f" WHERE at >= ? AND {_SOUND} ORDER BY at, id"
)
_COUNTED = """
SELECT model, effort, route, door, kinds, count(*) AS answers FROM (
    SELECT model, effort, route, door, group_concat(DISTINCT kind) AS kinds
    FROM (SELECT * FROM signal INDEXED BY signal_by_time ORDER BY at DESC, id DESC LIMIT ?)
    GROUP BY answer, answered_at, model, effort, route, door)
GROUP BY model, effort, route, door, kinds"""


class SignalStore:
    """Signals in a database; reads are inline, writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, answer: int, kind: str, at: float | None = None) -> Future[None]:
        """Something was done with an answer; who made it is read from the answer itself.

        Nothing is written for an answer that is not there, that failed, or that has this very signal already.

        Args:
            at: when (Unix seconds); None is now.
        """
        moment = self._database.clock() if at is None else at

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_RECORD, {"at": moment, "kind": kind, "answer": answer})

        return self._database.submit(work)

    def record_current(
        self, turn: int, kind: str | Callable[[], str], at: float | None = None
    ) -> Future[int]:
        """The same with what is a turn's answer when all that was handed over before is written.

        The number of that answer; 0 where the turn has none, or nothing was done.

        Args:
            kind: where it takes its time to tell what was done, what tells it, in the writer's thread; an
                empty text says that nothing was.
        """
        moment = self._database.clock() if at is None else at

        def work(connection: sqlite3.Connection) -> int:
            done = kind if isinstance(kind, str) else kind()
            if not done:
                return 0
            row = connection.execute("SELECT current_answer_id FROM turn WHERE id = ?", (turn,)).fetchone()
            answer = row[0] if row is not None and isinstance(row[0], int) else 0
            connection.execute(_RECORD, {"at": moment, "kind": done, "answer": answer})
            return answer

        return self._database.submit(work)

    def rows(self, since: float = 0.0, kind: str = "") -> Sequence[SignalRow]:
        """All signals since a moment (Unix seconds), or those of a kind, in order of time."""

        def look(connection: sqlite3.Connection) -> list[SignalRow]:
            found = connection.execute(_ROWS, (since,)).fetchall()
            return [_row_of(row) for row in found if not kind or row["kind"] == kind]

        return self._database.read(look)

    def counted(self, newest: int = 2_000) -> Sequence[Counted]:
        """How many answers of each making had what done with them, by so many of the newest signals."""

        def look(connection: sqlite3.Connection) -> list[Counted]:
            found = connection.execute(_COUNTED, (newest,)).fetchall()
            return [
                Counted(
                    model=cells.line(row["model"]),
                    effort=cells.line(row["effort"]),
                    route=cells.line(row["route"]),
                    door=cells.line(row["door"]),
                    kinds=frozenset(cells.line(row["kinds"]).split(",")),
                    answers=row["answers"],
                )
                for row in found
            ]

        return self._database.read_aside(look)


def _row_of(row: sqlite3.Row) -> SignalRow:
    """One row as far as it can be believed."""
    texts = {name: cells.line(row[name]) for name in ("kind", "model", "effort", "route", "door")}
    at, answered_at = cells.moment(row["at"]), cells.moment(row["answered_at"])
    return SignalRow(at=at, answer=row["answer"], answered_at=answered_at, **texts)

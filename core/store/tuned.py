"""Models as they were measured here, by digest and machine; an unfinished measurement is gone on with."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from core.store import cells
from core.store.database import Database
from core.store.entries import insert
from core.store.text import storable

RUNNING, COMPLETE, FAILED = "running", "complete", "failed"


@dataclass(frozen=True, slots=True)
class TuneAnswer:
    """One answer to a question of the quiz.

    Attributes:
        question: its id.
        text: clean; kept so that a grade can be looked at.
        ttft_ms: None where no text came.
    """

    question: str
    is_right: bool
    text: str
    ttft_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True)
class TuneRun:
    """One measurement of one model.

    Attributes:
        machine: what it ran on, as `core.tuning.machine` says it; no name of anyone.
        quiz: which quiz, and how much of it (``1/full``, ``1/quick``).
        state: ``running``, ``complete`` or ``failed``; one that runs may be one that was broken off.
        begun_at, updated_at: Unix time in seconds.
        memory_bytes, vram_bytes: of the loaded model; None when not known.
        note: what went wrong, or is worth knowing.
    """

    id: int
    address: str
    machine: str
    model: str
    digest: str
    quiz: str
    state: str
    begun_at: float
    updated_at: float
    cold_ttft_ms: float | None = None
    prefill_per_s: float | None = None
    decode_per_s: float | None = None
    memory_bytes: int | None = None
    vram_bytes: int | None = None
    note: str = ""
    answers: tuple[TuneAnswer, ...] = ()


_ANSWER = """
INSERT OR REPLACE INTO tune_answer (run_id, question, is_right, text, ttft_ms, total_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_MEASURE = """
UPDATE tune_run SET cold_ttft_ms = coalesce(?, cold_ttft_ms), prefill_per_s = coalesce(?, prefill_per_s),
    decode_per_s = coalesce(?, decode_per_s), memory_bytes = coalesce(?, memory_bytes),
    vram_bytes = coalesce(?, vram_bytes), updated_at = ? WHERE id = ?"""
# One that runs, and was written to a little while ago, may be another leadline's that goes on with it.
_OLDER = """
DELETE FROM tune_run WHERE id < :id AND (state <> 'running' OR updated_at < :now - 3600)
AND (address, machine, digest, quiz) IN (
    SELECT address, machine, digest, quiz FROM tune_run WHERE id = :id)"""
_RUNS = "SELECT * FROM tune_run WHERE address = ? AND machine = ?"


class TunedStore:
    """Measurements in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, address: str, machine: str, model: str, digest: str, quiz: str) -> Future[int]:
        """A measurement begins; its number."""
        now = self._database.clock()
        texts = tuple(map(storable, (address, machine, model, digest, quiz)))
        return self._database.submit(
            lambda connection: insert(
                connection,
                "INSERT INTO tune_run (address, machine, model, digest, quiz, state, begun_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, 'running', ?, ?)",
                (*texts, now, now),
            )
        )

    def answer(self, run: int, answer: TuneAnswer) -> Future[None]:
        """Keep one graded answer; a second one to the same question takes its place."""
        now = self._database.clock()
        values = (
            *(run, storable(answer.question), answer.is_right, storable(answer.text)),
            *(answer.ttft_ms, answer.total_ms),
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_ANSWER, values)
            connection.execute("UPDATE tune_run SET updated_at = ? WHERE id = ?", (now, run))

        return self._database.submit(work)

    def measure(
        self,
        run: int,
        *,
        cold_ttft_ms: float | None = None,
        prefill_per_s: float | None = None,
        decode_per_s: float | None = None,
        memory_bytes: int | None = None,
        vram_bytes: int | None = None,
    ) -> Future[None]:
        """Keep what was measured beside the answers; None leaves what was there."""
        values = (cold_ttft_ms, prefill_per_s, decode_per_s, memory_bytes, vram_bytes)
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_MEASURE, (*values, now, run))

        return self._database.submit(work)

    def end(self, run: int, state: str, note: str = "") -> Future[None]:
        """It is over; a whole one takes the place of older ones of the same model, machine and quiz."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE tune_run SET state = ?, note = ?, updated_at = ? WHERE id = ?",
                (state, storable(note), now, run),
            )
            if state == COMPLETE:
                connection.execute(_OLDER, {"id": run, "now": now})

        return self._database.submit(work)

    def newest_at(self, address: str) -> float:
        """When the last whole measurement there ended (Unix seconds); 0 without one.

        One that ends later than now does not count: its clock was set back, and each choice would be older.
        """
        now = self._database.clock()

        def look(connection: sqlite3.Connection) -> float:
            (newest,) = connection.execute(
                "SELECT max(updated_at) FROM tune_run WHERE address = ? AND state = ? AND updated_at <= ?",
                (storable(address), COMPLETE, now),
            ).fetchone()
            return cells.moment(newest)

        return self._database.read(look)

    def unfinished(self, address: str, machine: str, digest: str, quiz: str) -> TuneRun | None:
        """The newest measurement, if it was broken off and can be gone on with, with its answers."""
        where = tuple(map(storable, (address, machine, digest, quiz)))

        def look(connection: sqlite3.Connection) -> TuneRun | None:
            row = connection.execute(
                f"{_RUNS} AND digest = ? AND quiz = ? ORDER BY id DESC LIMIT 1", where
            ).fetchone()
            return _run_of(connection, row) if row is not None and row["state"] == RUNNING else None

        return self._database.read(look)

    def complete(self, address: str, machine: str) -> Sequence[TuneRun]:
        """The newest whole measurement of each digest and quiz, newest first, with its answers."""
        where = tuple(map(storable, (address, machine)))

        def look(connection: sqlite3.Connection) -> list[TuneRun]:
            rows = connection.execute(f"{_RUNS} AND state = ? ORDER BY id DESC", (*where, COMPLETE))
            newest: dict[tuple[object, object], sqlite3.Row] = {}
            for row in rows.fetchall():
                newest.setdefault((row["digest"], row["quiz"]), row)
            return [_run_of(connection, row) for row in newest.values()]

        return self._database.read(look)


def _run_of(connection: sqlite3.Connection, row: sqlite3.Row) -> TuneRun:
    """One measurement as it can be believed."""
    answers = connection.execute("SELECT * FROM tune_answer WHERE run_id = ?", (row["id"],)).fetchall()
    return TuneRun(
        id=row["id"],
        address=cells.line(row["address"]),
        machine=cells.line(row["machine"]),
        model=cells.line(row["model"]),
        digest=cells.line(row["digest"]),
        quiz=cells.line(row["quiz"]),
        state=cells.line(row["state"]),
        begun_at=cells.moment(row["begun_at"]),
        updated_at=cells.moment(row["updated_at"]),
        cold_ttft_ms=cells.measure(row["cold_ttft_ms"]),
        prefill_per_s=cells.measure(row["prefill_per_s"]),
        decode_per_s=cells.measure(row["decode_per_s"]),
        memory_bytes=cells.count(row["memory_bytes"]),
        vram_bytes=cells.count(row["vram_bytes"]),
        note=cells.line(row["note"]),
        answers=tuple(
            TuneAnswer(
                cells.line(each["question"]),
                each["is_right"] == 1,
                cells.text(each["text"]),
                cells.measure(each["ttft_ms"]),
                cells.measure(each["total_ms"]) or 0.0,
            )
            for each in answers
        ),
    )

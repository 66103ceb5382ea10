"""The journal of deep runs: every stage as it ends, and what streams at most half a second late.

What was finished is never paid for twice: a run whose leadline died is read back with its stages, and goes on
behind them. Text is stored as it is given; whoever gives it has taken keys out.
"""

import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future

from core.store import cells, removal, search
from core.store import deep_rows as rows
from core.store.database import Database
from core.store.deep_records import NewDeepRun, StageRecord, StoredDeepRun
from core.store.entries import insert
from core.store.faults import NotStored
from core.store.owner import this_process
from core.store.recovery import INTERRUPTED
from core.store.text import storable

__all__ = ["INTERRUPTED", "DeepJournal", "NewDeepRun", "StageRecord", "StoredDeepRun"]


class DeepJournal:
    """Runs and their stages in a database; reads are inline, writes are futures.

    A future raises `NotStored` for a run that is gone with its conversation, and `StoreUnavailable` when the
    database refuses.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = this_process()

    def begin(self, run: NewDeepRun) -> Future[int]:
        """Keep that a run begins, and whose it is; its number. The future raises `NotStored` too."""
        now = self._database.clock()
        return self._database.submit(lambda connection: _insert_run(connection, run, self._owner, now))

    def save_stage(self, run: int, stage: StageRecord) -> Future[None]:
        """Keep a stage as it stands now."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            _touch(connection, run, now)
            _put_stage(connection, run, stage, now)

        return self._database.submit(work)

    def set_state(self, run: int, state: str) -> Future[None]:
        """Keep where a run stands."""
        return self._set(run, "UPDATE deep_run SET state = ? WHERE id = ?", storable(state))

    def alive(self, run: int) -> Future[None]:
        """Keep that it goes on, though nothing has come: how long it takes is known after a crash too."""
        now = self._database.clock()
        return self._database.submit(lambda connection: _touch(connection, run, now))

    def set_hints(self, run: int, hints: Sequence[str]) -> Future[None]:
        """Keep what the person added."""
        return self._set(run, "UPDATE deep_run SET hints = ? WHERE id = ?", json.dumps(list(hints)))

    def claim(self, run: int) -> Future[bool]:
        """Take over a run that nobody runs any more: it and its answer are this process' and go on.

        False when another leadline was quicker, or the run is gone or over.
        """
        now = self._database.clock()
        return self._database.submit(lambda connection: _claim(connection, run, self._owner, now))

    def left(self, directory: str) -> tuple[StoredDeepRun, ...]:
        """Runs of a project that nobody runs and that are not over (interrupted, or queued), newest first."""
        now = self._database.clock()
        where = storable(directory)

        def look(connection: sqlite3.Connection) -> tuple[StoredDeepRun, ...]:
            found = connection.execute(
                f"{rows.RUN} WHERE {rows.IS_OPEN} AND c.directory = ? AND c.deleted_at IS NULL"
                " ORDER BY r.id DESC",
                (where,),
            ).fetchall()
            return tuple(rows.run_of(connection, row) for row in found if rows.is_left(row, now))

        return self._database.read(look)

    def run(self, number: int) -> StoredDeepRun | None:
        """One run; None when there is none."""

        def look(connection: sqlite3.Connection) -> StoredDeepRun | None:
            row = connection.execute(f"{rows.RUN} WHERE r.id = ?", (number,)).fetchone()
            return None if row is None else rows.run_of(connection, row)

        return self._database.read(look)

    def sent_before(self, conversation: int) -> frozenset[tuple[str, str]]:
        """Pairs of host and kind of content that this conversation has sent in depth already."""

        def look(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
            found = connection.execute(
                "SELECT DISTINCT r.host, r.kinds FROM turn t JOIN answer a ON a.turn_id = t.id"
                # What still waits for its turn has sent nothing.
                " JOIN deep_run r ON r.answer_id = a.id AND r.state <> 'queued' WHERE t.conversation_id = ?",
                (conversation,),
            )
            return frozenset(
                (cells.line(host), kind) for host, kinds in found for kind in rows.texts_of(kinds)
            )

        return self._database.read(look)

    def remove(self, run: int) -> Future[None]:
        """Forget a run with its stages and the answer it wrote; the turn keeps its other answers."""

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute("SELECT answer_id FROM deep_run WHERE id = ?", (run,)).fetchone()
            if row is not None:
                removal.remove_answer(connection, row[0])

        return self._database.submit(work)

    def _set(self, run: int, sql: str, value: str) -> Future[None]:
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            _touch(connection, run, now)
            connection.execute(sql, (value, run))

        return self._database.submit(work)


def _insert_run(connection: sqlite3.Connection, run: NewDeepRun, owner: str, now: float) -> int:
    named = connection.execute(
        "UPDATE answer SET preset = ? WHERE id = ?", (storable(run.preset), run.answer)
    )
    if named.rowcount == 0:
        raise NotStored("answer", run.answer)
    texts = (run.preset, run.effort, run.provider, run.model, run.address, run.host)
    return insert(
        connection,
        "INSERT INTO deep_run (answer_id, preset, effort, provider, model, address, host, kinds, pack, state,"
        " owner, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.answer,
            *map(storable, texts),
            json.dumps(sorted(set(run.kinds))),
            storable(run.pack),
            storable(run.state),
            storable(owner),
            now,
            now,
        ),
    )


def _touch(connection: sqlite3.Connection, run: int, now: float) -> None:
    """Note that someone was heard of a run; where processes cannot be asked for, silence means death."""
    if connection.execute("UPDATE deep_run SET updated_at = ? WHERE id = ?", (now, run)).rowcount == 0:
        raise NotStored("deep run", run)


def _put_stage(connection: sqlite3.Connection, run: int, stage: StageRecord, now: float) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO deep_stage (run_id, id, position, kind, title, state, text, thinking, note,"
        " request_sha256, elapsed_ms, usage, usd, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run,
            storable(stage.id),
            stage.position,
            storable(stage.kind),
            storable(stage.title),
            storable(stage.state),
            storable(stage.text),
            storable(stage.thinking),
            storable(stage.note),
            storable(stage.request_sha256),
            stage.elapsed_ms,
            json.dumps(dict(stage.usage), sort_keys=True),
            stage.usd,
            now,
        ),
    )


def _claim(connection: sqlite3.Connection, run: int, owner: str, now: float) -> bool:
    """Run and answer change hands in one transaction, so that of two leadlines one is late."""
    row = connection.execute(
        f"{rows.RUN} WHERE r.id = ? AND {rows.IS_OPEN} AND c.deleted_at IS NULL", (run,)
    ).fetchone()
    if row is None or not rows.is_left(row, now):
        return False
    connection.execute(
        "UPDATE deep_run SET state = 'running', owner = ?, created_at = ? - max(0, updated_at - created_at),"
        " updated_at = ? WHERE id = ?",
        (storable(owner), now, now, run),
    )
    # What recovery made findable will come again when the answer ends.
    search.remove_answer(connection, row["answer_id"])
    connection.execute(
        "UPDATE answer SET state = 'streaming', reason = '', error = '', owner = ?, updated_at = ?"
        " WHERE id = ?",
        (storable(owner), now, row["answer_id"]),
    )
    return True

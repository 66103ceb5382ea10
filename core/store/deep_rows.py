"""Deep runs as they are read back, whoever wrote the rows."""

import json
import sqlite3

from core.store import cells
from core.store.deep_records import StageRecord, StoredDeepRun
from core.store.owner import is_gone
from core.store.recovery import INTERRUPTED

# In the words of the index on runs that are not over, so that it is used.
IS_OPEN = "r.state NOT IN ('complete', 'partial', 'failed', 'dropped')"
# Crossed, which keeps this order: from the few runs, never from all the turns of a project.
RUN = """
SELECT r.*, t.id AS turn_id, t.question, t.conversation_id, a.updated_at AS answered_at
FROM deep_run r CROSS JOIN answer a ON a.id = r.answer_id CROSS JOIN turn t ON t.id = a.turn_id
CROSS JOIN conversation c ON c.id = t.conversation_id"""


def is_left(row: sqlite3.Row, now: float) -> bool:
    """Whether nobody runs it: its leadline is gone, or has itself given it up."""
    heard_at = max(cells.moment(row["updated_at"]), cells.moment(row["answered_at"]))
    return row["state"] == INTERRUPTED or is_gone(cells.line(row["owner"]), heard_at, now)


def run_of(connection: sqlite3.Connection, row: sqlite3.Row) -> StoredDeepRun:
    """A run with its stages, from a row of `RUN`."""
    stages = connection.execute(
        "SELECT * FROM deep_stage WHERE run_id = ? ORDER BY position, id", (row["id"],)
    ).fetchall()
    return StoredDeepRun(
        id=row["id"],
        conversation=row["conversation_id"],
        turn=row["turn_id"],
        answer=row["answer_id"],
        question=cells.text(row["question"]),
        preset=cells.line(row["preset"]),
        effort=cells.line(row["effort"]),
        provider=cells.line(row["provider"]),
        model=cells.line(row["model"]),
        address=cells.line(row["address"]),
        host=cells.line(row["host"]),
        pack=row["pack"] if isinstance(row["pack"], str) else "",
        state=cells.line(row["state"]),
        stages=tuple(_stage_of(stage) for stage in stages),
        hints=texts_of(row["hints"]),
        created_at=cells.moment(row["created_at"]),
        updated_at=cells.moment(row["updated_at"]),
    )


def _stage_of(row: sqlite3.Row) -> StageRecord:
    return StageRecord(
        id=cells.line(row["id"]),
        position=cells.count(row["position"]) or 0,
        kind=cells.line(row["kind"]),
        title=cells.line(row["title"]),
        state=cells.line(row["state"]),
        text=cells.text(row["text"]),
        thinking=cells.text(row["thinking"]),
        note=cells.text(row["note"]),
        request_sha256=cells.line(row["request_sha256"]),
        elapsed_ms=cells.number(row["elapsed_ms"]),
        usage=_counts(row["usage"]),
        usd=cells.number(row["usd"]),
    )


def texts_of(value: object) -> tuple[str, ...]:
    """A list of texts; whatever else stands there is none."""
    found = _parsed(value)
    return (
        tuple(cells.text(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()
    )


def _counts(value: object) -> dict[str, int]:
    found = _parsed(value)
    if not isinstance(found, dict):
        return {}
    return {name: count for name, each in found.items() if (count := cells.count(each)) is not None}


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):  # written by a stranger
        return None

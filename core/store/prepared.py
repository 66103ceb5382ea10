"""Answers made ahead, as rows: found by their whole request alone, for a day, and never too many."""

import sqlite3
from dataclasses import dataclass

from core.store import cells
from core.store.text import storable

MOST_PREPARED = 200
MOST_PREPARED_BYTES = 5 * 1024 * 1024
PREPARED_LIVES_S = 24 * 3600.0

_STATES = ("head", "full")
_OUT_OF_DATE = "prepared.created_at < :now - :lives OR prepared.created_at > :now + :lives"
_KEEP = f"""
INSERT INTO prepared (key, conversation_id, model, question, text, state, origin, tokens, bytes, created_at)
SELECT :key, id, :model, :question, :text, :state, :origin, :tokens, :bytes, :created_at
FROM conversation WHERE id = :conversation AND deleted_at IS NULL
ON CONFLICT (key) DO UPDATE SET conversation_id = excluded.conversation_id, model = excluded.model,
    question = excluded.question, text = excluded.text, state = excluded.state, origin = excluded.origin,
    tokens = excluded.tokens, bytes = excluded.bytes, created_at = excluded.created_at
WHERE excluded.state = 'full' OR {_OUT_OF_DATE}
    OR (prepared.state <> 'full' AND excluded.tokens >= prepared.tokens)"""  # noqa: S608  (our own)
_MAKE_ROOM = """
DELETE FROM prepared WHERE key IN (
    SELECT key FROM (
        SELECT key, row_number() OVER newest AS place, total(max(bytes, 0)) OVER newest AS weight
        FROM prepared WINDOW newest AS (ORDER BY created_at DESC, rowid DESC)
    ) WHERE place > :rows OR weight > :bytes
)"""
# What somebody deleted is out of sight at once, though it could be brought back.
_FIND = f"""
SELECT prepared.* FROM prepared JOIN conversation ON conversation.id = conversation_id
WHERE key = :key AND deleted_at IS NULL AND NOT ({_OUT_OF_DATE})"""  # noqa: S608  (our own)


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """An answer made ahead.

    Attributes:
        key: sha256 of the whole request.
        state: ``head`` or ``full``.
        origin: what it was made for (the chip's kind).
        tokens: written so far.
        created_at: Unix time in seconds.
    """

    key: bytes
    conversation: int
    model: str
    question: str
    text: str
    state: str
    origin: str
    tokens: int
    created_at: float


def find(connection: sqlite3.Connection, key: bytes, now: float) -> PreparedRow | None:
    """The row of this key; None when there is none that can be used."""
    row = connection.execute(_FIND, {"key": key, "now": now, "lives": PREPARED_LIVES_S}).fetchone()
    if row is None:
        return None
    found = PreparedRow(
        key=key,
        conversation=row["conversation_id"],
        model=cells.line(row["model"]),
        question=cells.text(row["question"]),
        text=cells.text(row["text"]),
        state=cells.line(row["state"]),
        origin=cells.line(row["origin"]),
        tokens=cells.count(row["tokens"]) or 0,
        created_at=cells.moment(row["created_at"]),
    )
    return found if found.text and found.state in _STATES else None


def keep(connection: sqlite3.Connection, row: PreparedRow, now: float) -> None:
    """Store one unless a longer one is there, or its conversation is not; make room for it."""
    text, question = storable(row.text), storable(row.question)
    size = len(text.encode()) + len(question.encode())
    if size > MOST_PREPARED_BYTES:
        return
    values = {
        "key": row.key,
        "conversation": row.conversation,
        "model": storable(row.model),
        "question": question,
        "text": text,
        "state": row.state,
        "origin": storable(row.origin),
        "tokens": row.tokens,
        "bytes": size,
        "created_at": row.created_at,
        "now": now,
        "lives": PREPARED_LIVES_S,
    }
    connection.execute(_KEEP, values)
    sweep(connection, now)
    connection.execute(_MAKE_ROOM, {"rows": MOST_PREPARED, "bytes": MOST_PREPARED_BYTES})


def drop(connection: sqlite3.Connection, key: bytes) -> None:
    """Remove one, so that the file does not go on holding its text."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("DELETE FROM prepared WHERE key = ?", (key,))


def has_expired(connection: sqlite3.Connection, now: float) -> bool:
    """Whether one is out of date."""
    query = f"SELECT 1 FROM prepared WHERE {_OUT_OF_DATE} LIMIT 1"  # noqa: S608  (our own)
    return connection.execute(query, {"now": now, "lives": PREPARED_LIVES_S}).fetchone() is not None


def sweep(connection: sqlite3.Connection, now: float) -> None:
    """Remove what is out of date, and with it all that a clock that was set back has left in the future."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(
        f"DELETE FROM prepared WHERE {_OUT_OF_DATE}",  # noqa: S608  (our own)
        {"now": now, "lives": PREPARED_LIVES_S},
    )

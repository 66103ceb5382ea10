"""Deleting a conversation: out of sight at once, and for a day it can be brought back; then gone for good."""

import sqlite3

from core.store import entry_words, search
from core.store.faults import NotStored

KEPT_S = 86_400.0
"""So long a deletion can be undone."""


def delete(connection: sqlite3.Connection, conversation: int, now: float) -> None:
    """Take a conversation out of sight; raises `NotStored` for one that is not there."""
    cursor = connection.execute(
        "UPDATE conversation SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, conversation)
    )
    if cursor.rowcount == 0:
        raise NotStored("conversation", conversation)


def undo(connection: sqlite3.Connection, conversation: int) -> None:
    """Bring a deleted conversation back; raises `NotStored` when it is gone for good."""
    cursor = connection.execute(
        "UPDATE conversation SET deleted_at = NULL WHERE id = ? AND deleted_at IS NOT NULL", (conversation,)
    )
    if cursor.rowcount == 0:
        raise NotStored("deleted conversation", conversation)


def has_expired(connection: sqlite3.Connection, now: float) -> bool:
    """Whether something deleted is to go for good."""
    row = connection.execute(
        "SELECT 1 FROM conversation WHERE deleted_at < ? LIMIT 1", (now - KEPT_S,)
    ).fetchone()
    return row is not None


def purge(connection: sqlite3.Connection, before: float) -> int:
    """Remove what was deleted before a time, words and all; how many conversations."""
    gone = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM conversation WHERE deleted_at < ?", (before,)
        ).fetchall()
    ]
    if gone:
        # What was deleted is overwritten, so that the file does not go on holding it.
        connection.execute("PRAGMA secure_delete = ON")
    for conversation in gone:
        search.remove_conversation(connection, conversation)
        entry_words.remove_conversation(connection, conversation)
        connection.execute("DELETE FROM conversation WHERE id = ?", (conversation,))
    if gone:
        search.tidy(connection)
    return len(gone)


def remove_answer(connection: sqlite3.Connection, answer: int) -> None:
    """Remove one answer at once and for good; where it was current, the best of the others is.

    The newest whole one, else the newest with text; the question stays even without any.
    """
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(
        "UPDATE turn SET current_answer_id = (SELECT id FROM answer other WHERE other.turn_id = turn.id"
        " AND other.id <> :answer AND other.text <> ''"
        " AND other.state IN ('complete', 'partial', 'cancelled')"
        " ORDER BY other.state = 'complete' DESC, other.id DESC LIMIT 1) WHERE current_answer_id = :answer",
        {"answer": answer},
    )
    was_found = search.remove_answer(connection, answer)
    entry_words.remove_answer(connection, answer)
    connection.execute("DELETE FROM answer WHERE id = ?", (answer,))
    if was_found:
        search.tidy(connection)

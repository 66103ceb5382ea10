"""What became of answers whose leadline died while they streamed."""

import sqlite3

from core.messages import AnswerState
from core.store import cells, search
from core.store.owner import is_gone

INTERRUPTED = "interrupted"
"""The reason of an answer that nobody ended, and the state of a deep run that its own leadline gave up."""


def has_streaming(connection: sqlite3.Connection) -> bool:
    """Whether any answer is still on its way, or seems so."""
    row = connection.execute("SELECT 1 FROM answer WHERE state = 'streaming' LIMIT 1").fetchone()
    return row is not None


def state_after_death(text: str) -> AnswerState:
    """What an interrupted answer is: partial when something came, failed when nothing did."""
    return AnswerState.PARTIAL if text else AnswerState.FAILED


def settle(connection: sqlite3.Connection, now: float) -> int:
    """Mark every answer that nobody will end any more, keep its text, and count them.

    An answer of another leadline that lives is left alone. Text that came is what the next question is
    answered after, unless the turn has a better answer.
    """
    rows = connection.execute(
        "SELECT id, turn_id, text, owner, updated_at FROM answer WHERE state = 'streaming' ORDER BY id"
    ).fetchall()
    count = 0
    for answer, turn, text, owner, updated_at in rows:
        if not is_gone(cells.line(owner), cells.moment(updated_at), now):
            continue
        connection.execute(
            "UPDATE answer SET state = ?, reason = ? WHERE id = ?",
            (state_after_death(text), INTERRUPTED, answer),
        )
        search.add_answer(connection, answer, text)
        if text:
            connection.execute(
                "UPDATE turn SET current_answer_id = ? WHERE id = ? AND current_answer_id IS NULL",
                (answer, turn),
            )
        count += 1
    return count

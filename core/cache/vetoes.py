"""Pairs of questions that the person said are not the same; such a word stands for ever."""

import sqlite3

from core.cache.acts import Act, record_found
from core.cache.found import Found, Hit
from core.cache.keeping import drop
from core.cache.scope import question_key
from core.store.text import storable


def forbid(connection: sqlite3.Connection, asked: str, found: Found, act: Act, now: float) -> None:
    """Never again answer the one question with the other's answer; an exact hit makes room instead."""
    record_found(connection, act, found, now)
    if found.outcome is Hit.EXACT:
        row = connection.execute("SELECT is_pinned FROM entry WHERE id = ?", (found.entry,)).fetchone()
        # Asking a pinned question afresh is a look, and no word against the answer that was pinned.
        if row is not None and (act is Act.NOT_THIS or not row[0]):
            drop(connection, found.entry)
        return
    # Hashes, not texts: a conversation that is deleted leaves no question behind here.
    a, b = sorted((question_key(asked), question_key(found.question)))
    kinds = " ".join(sorted({str(difference.kind) for difference in found.differs}))
    connection.execute(
        "INSERT OR IGNORE INTO never (a, b, differs, created_at) VALUES (?, ?, ?, ?)",
        (a, b, storable(kinds), now),
    )

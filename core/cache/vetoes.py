"""Pairs of questions that the person said are not the same; such a word stands for ever."""

import sqlite3

from core.cache.acts import Act, record, record_found
from core.cache.found import Found, Hit
from core.cache.keeping import drop
from core.cache.scope import question_key
from core.store.text import storable


def forbid(connection: sqlite3.Connection, asked: str, found: Found, now: float) -> None:
    """Never again answer the one question with the other's answer; an exact hit makes room instead."""
    record_found(connection, Act.NOT_THIS, found, now)
    if found.outcome is Hit.EXACT:
        drop(connection, found.entry)
        return
    kinds = " ".join(sorted({str(difference.kind) for difference in found.differs}))
    _keep_apart(connection, asked, found.question, kinds, now)


def object_to(connection: sqlite3.Connection, asked: str, source: str, outcome: Hit, now: float) -> None:
    """A served answer was asked afresh: another question's is ruled out, one's own waits for the next."""
    record(connection, Act.AFRESH, now, outcome=outcome.value)
    if outcome is not Hit.EXACT:
        _keep_apart(connection, asked, source, "", now)


def _keep_apart(connection: sqlite3.Connection, one: str, other: str, kinds: str, now: float) -> None:
    # Hashes, not texts: a conversation that is deleted leaves no question behind here.
    a, b = sorted((question_key(one), question_key(other)))
    if a != b:  # by another form of the key they were two; a question cannot be kept apart from itself
        connection.execute(
            "INSERT OR IGNORE INTO never (a, b, differs, created_at) VALUES (?, ?, ?, ?)",
            (a, b, storable(kinds), now),
        )

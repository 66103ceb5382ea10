"""What becomes an entry of the answer cache: a whole answer to a question that will be as true tomorrow."""

import sqlite3

from core.cache import index
from core.cache.candidate import Kept, NewEntry
from core.cache.destructive import what_it_destroys
from core.cache.found import LONGEST_ALIKE
from core.cache.kinds import kind_of
from core.cache.refusals import Refusal, refusal_of
from core.cache.scope import exact_key, question_key
from core.messages import AnswerState
from core.store import cells
from core.store.entries import insert
from core.store.text import storable


def keep(connection: sqlite3.Connection, new: NewEntry, now: float) -> Kept:
    """Store an entry for an answer; one of the same key and depth makes room for it, unless it is pinned."""
    row = connection.execute(
        "SELECT state, text, total_ms FROM answer WHERE id = ?", (new.answer,)
    ).fetchone()
    if row is None:
        return Kept(None, Refusal.GONE)
    state, answer, total_ms = row
    if state != AnswerState.COMPLETE.value:
        return Kept(None, Refusal.UNFINISHED)
    answer = cells.text(answer)
    if (refusal := refusal_of(new.question, answer)) is not None:
        return Kept(None, refusal)
    key = exact_key(new.scope, new.model_key, new.question)
    before = connection.execute(
        "SELECT id, is_pinned FROM entry WHERE key = ? AND depth = ?", (key, new.depth)
    ).fetchone()
    if before is not None and before[1]:
        return Kept(None, Refusal.PINNED)
    if before is not None:
        drop(connection, before[0])
    return Kept(_insert(connection, new, key, answer, (cells.number(total_ms) or 0.0) / 1000, now))


def drop(connection: sqlite3.Connection, entry: int) -> None:
    """Take an entry and its words out; the answer stays in its conversation."""
    index.remove(connection, entry)
    connection.execute("DELETE FROM entry WHERE id = ?", (entry,))


def _insert(
    connection: sqlite3.Connection, new: NewEntry, key: bytes, answer: str, seconds: float, now: float
) -> int:
    is_exact_only = bool(what_it_destroys(answer))
    is_alone, words, dumped = _read(new)
    if is_exact_only:  # only what can be found by its words stands in the index
        words = dumped = ""
    kind = kind_of(new.question, new.has_attachments)
    question = storable(new.question)
    size = sum(len(each.encode()) for each in (question, storable(answer), words, dumped))
    entry = insert(
        connection,
        "INSERT INTO entry (key, depth, scope, model_key, asked, stands_alone, is_exact_only, expires_at,"
        " answer_id, created_at, used_at, seconds, bytes, kind, origin, question, parsed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            new.depth,
            new.scope,
            new.model_key,
            question_key(new.question),
            is_alone,
            is_exact_only,
            now + kind.lifetime_s,
            new.answer,
            now,
            now,
            seconds,
            size,
            kind.name,
            new.origin,
            question,
            dumped,
        ),
    )
    if words:
        index.add(connection, entry, new.scope, words)
    return entry


def _read(new: NewEntry) -> tuple[bool, str, str]:
    """Whether the question needs no context, its words for the index, and how it was read."""
    if not new.is_first_turn or new.has_attachments or len(new.question) > LONGEST_ALIKE:
        return False, "", ""
    # Only here, in the writer's thread: the parser is of no use to a command that ends before this.
    from core.cache.question import parse

    parsed = parse(new.question)
    if not parsed.stands_alone:
        return False, "", ""
    return True, storable(index.indexable(parsed.words)), storable(parsed.dump())

"""What the person did with a stored answer, one row an act, so that the rules can be judged on real use."""

import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from core.store.text import storable

if TYPE_CHECKING:
    from core.cache.found import Found


class Act(StrEnum):
    """What was done."""

    SERVED = "served"
    SHOWN = "shown"
    OPENED = "opened"
    KEPT = "kept"
    AFRESH = "afresh"
    NOT_THIS = "not this"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    FORGOTTEN = "forgotten"


OBJECTIONS = (Act.AFRESH, Act.NOT_THIS)
"""With these the person says that the stored answer was not what they wanted."""


def record(
    connection: sqlite3.Connection,
    act: Act,
    now: float,
    entry: int | None = None,
    outcome: str = "",
    kinds: Iterable[str] = (),
    seconds: float = 0.0,
) -> None:
    """Write an act down.

    Args:
        outcome: of the look-up it answers to; empty for an act on a list.
        kinds: how the two questions differed.
        seconds: what it saved the person.
    """
    connection.execute(
        "INSERT INTO act (at, what, outcome, differs, entry_id, seconds)"
        " VALUES (?, ?, ?, ?, (SELECT id FROM entry WHERE id = ?), ?)",
        (now, act.value, outcome, storable(" ".join(sorted(set(kinds)))), entry, seconds),
    )


def mark_served(connection: sqlite3.Connection, found: "Found", now: float) -> None:
    """A stored answer was given as the answer, or a maybe was kept: it was of use once more."""
    connection.execute(
        "UPDATE entry SET hits = hits + 1, used_at = max(used_at, ?) WHERE id = ?", (now, found.entry)
    )
    act = Act.SERVED if found.is_served else Act.KEPT
    record_found(connection, act, found, now)


def record_found(connection: sqlite3.Connection, act: Act, found: "Found", now: float) -> None:
    """An act on what a look-up found."""
    kinds = [str(difference.kind) for difference in found.differs]
    if found.is_other_model:
        kinds.append("model")
    seconds = found.seconds if act in (Act.SERVED, Act.KEPT) else 0.0
    record(connection, act, now, found.entry, found.outcome.value, kinds, seconds)

"""Has it been answered before? One synchronous function, for the engine and for a command that ends at once.

The same question is found by its key, with nothing imported that an `ask` would feel. Another wording is
looked for only when the question needs no context, and `core.cache.nearest` is imported only then.
"""

import sqlite3
from typing import TYPE_CHECKING

from core.cache.exact import FOUND, Row, exact_row
from core.cache.found import Found, Hit, Wanted
from core.cache.scope import exact_key
from core.store import cells

if TYPE_CHECKING:
    from core.cache.guards.difference import Difference
    from core.cache.nearest import Alike

_BY_NUMBER = f"{FOUND} WHERE e.id = ?"


def look_up(connection: sqlite3.Connection, wanted: Wanted, now: float) -> Found | None:
    """The stored answer that comes nearest, and how far it can be trusted; None when there is none."""
    if not wanted.text.strip():
        return None
    key = exact_key(wanted.scope, wanted.model_key, wanted.text)
    row = exact_row(connection, key, wanted.depth, now)
    if row is not None and (found := found_in(row, Hit.EXACT)):
        return found
    if not wanted.may_be_alike or connection.execute("SELECT 1 FROM indexed LIMIT 1").fetchone() is None:
        return None  # the reader of questions takes its time to load
    from core.cache.nearest import most_alike

    alike = most_alike(connection, wanted, now)
    return None if alike is None else found_by_number(connection, alike)


def found_by_number(connection: sqlite3.Connection, alike: "Alike") -> Found | None:
    """An entry that was judged to be alike, with its answer."""
    row = connection.execute(_BY_NUMBER, (alike.entry,)).fetchone()
    return None if row is None else found_in(row, alike.outcome, alike.differs, alike.is_other_model)


def found_in(
    row: Row,
    outcome: Hit,
    differs: "tuple[Difference, ...]" = (),
    is_other_model: bool = False,
) -> Found | None:
    """A row as it can be believed; None when there is nothing to read in it."""
    entry, answer, depth, seconds, question, asked_at, text, model, provider, place = row
    answered = cells.text(text)
    if not answered.strip():
        return None
    return Found(
        outcome,
        cells.count(entry) or 0,
        cells.count(answer) or 0,
        cells.text(question),
        answered,
        cells.line(model),
        cells.line(provider),
        cells.line(place),
        cells.moment(asked_at),
        differs,
        is_other_model,
        cells.count(depth) or 0,
        cells.number(seconds) or 0.0,
    )

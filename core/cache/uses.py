"""Of what use stored answers were, from what the person did with them."""

import sqlite3
from typing import NamedTuple

from core.cache.acts import OBJECTIONS, Act
from core.cache.found import Hit
from core.store import cells

_ACTS = (
    "SELECT what, outcome, differs, count(*), sum(seconds) FROM act WHERE at >= ?"
    " GROUP BY what, outcome, differs"
)


class Uses(NamedTuple):
    """What was done with stored answers.

    Attributes:
        hits: served answers by how they were found, maybes counted when they were kept.
        shown: how often a maybe was shown, opened and kept.
        objections: how often the person said no to what was served or shown, by outcome.
        kinds: how the questions of objected answers differed, and how often that was.
        fine_kinds: the same of those that were served or kept.
    """

    seconds_saved: float
    hits: dict[str, int]
    shown: dict[str, int]
    objections: dict[str, int]
    kinds: dict[str, int]
    fine_kinds: dict[str, int]


def uses(connection: sqlite3.Connection, since: float = 0.0) -> Uses:
    """Everything since a moment (Unix time in seconds), summed up."""
    hits = dict.fromkeys((hit.value for hit in Hit), 0)
    shown = dict.fromkeys((Act.SHOWN.value, Act.OPENED.value, Act.KEPT.value), 0)
    objections = dict.fromkeys((hit.value for hit in Hit), 0)
    kinds: dict[str, int] = {}
    fine_kinds: dict[str, int] = {}
    saved = 0.0
    for what, outcome, differs, count, seconds in connection.execute(_ACTS, (since,)).fetchall():
        what, outcome = cells.line(what), cells.line(outcome)
        is_objection = what in OBJECTIONS
        if what in (Act.SERVED, Act.KEPT) and outcome in hits:
            hits[outcome] += count
            saved += cells.number(seconds) or 0.0
        if what in shown:
            shown[what] += count
        if is_objection and outcome in objections:
            objections[outcome] += count
        told = kinds if is_objection else fine_kinds if what in (Act.SERVED, Act.KEPT) else None
        if told is not None:
            for kind in cells.line(differs).split():
                told[kind] = told.get(kind, 0) + count
    return Uses(saved, hits, shown, objections, kinds, fine_kinds)

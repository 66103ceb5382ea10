"""Chips that were offered, as rows: which kind, in which place, and what became of them; no words of theirs.

What becomes of offers is counted up (`ended`), and all chips that one act ended have the same number: so the
rows say by themselves how many answers in a row nobody took a chip of, whatever the clock did meanwhile.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.store import cells
from core.store.text import storable

HALF_LIFE = 50
"""Chips of the same kind in the same place, after which one counts half."""
_REMEMBERED = 1_000
"""Chips that odds are learnt from, the newest of all kinds; those before them would hardly count."""
_NEXT_END = "(SELECT coalesce(max(ended), 0) + 1 FROM offer WHERE ended IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often chips of a kind, in a place, were offered and taken; older ones count less."""

    kind: str
    place: int
    offered: float
    taken: float


def show(
    connection: sqlite3.Connection, conversation: int, kinds: Sequence[tuple[int, str]], now: float
) -> tuple[int, ...]:
    """Chips are shown, as (place, kind); their numbers, in the same order."""
    numbers = []
    for place, kind in kinds:
        # A conversation that is gone by now is no reason to lose count.
        cursor = connection.execute(
            "INSERT INTO offer (conversation_id, place, kind, shown_at)"
            " VALUES ((SELECT id FROM conversation WHERE id = ?), ?, ?, ?)",
            (conversation, place, storable(kind), now),
        )
        numbers.append(cursor.lastrowid or 0)
    return tuple(numbers)


def take(connection: sqlite3.Connection, offer: int, mark: str, saved_s: float, now: float) -> None:
    """One was chosen, whether or not it had been passed by; a second time changes nothing."""
    connection.execute(
        f"UPDATE offer SET ended = {_NEXT_END}, mark = ?, taken_at = ?, saved_s = ?"  # noqa: S608  (our own)
        " WHERE id = ? AND taken_at IS NULL",
        (storable(mark), now, saved_s, offer),
    )


def pass_by(connection: sqlite3.Connection, offers: Sequence[int]) -> None:
    """Something else was asked: all of these together count as one answer's, but for what is over already."""
    (end,) = connection.execute(f"SELECT {_NEXT_END}").fetchone()
    connection.executemany(
        "UPDATE offer SET ended = ? WHERE id = ? AND ended IS NULL", [(end, offer) for offer in offers]
    )


def passed_in_a_row(connection: sqlite3.Connection) -> int:
    """Answers whose chips were passed by since one was last taken."""
    row = connection.execute(
        "SELECT count(DISTINCT ended) FROM offer WHERE ended IS NOT NULL AND ended >"
        " (SELECT coalesce(max(ended), 0) FROM offer WHERE ended IS NOT NULL AND taken_at IS NOT NULL)"
    ).fetchone()
    return cells.count(row[0]) or 0


def kinds(connection: sqlite3.Connection) -> tuple[KindCount, ...]:
    """How often each kind was offered and taken in each place; what nobody has answered yet counts too."""
    rows = connection.execute(
        "SELECT kind, place, taken_at FROM offer ORDER BY id DESC LIMIT ?", (_REMEMBERED,)
    )
    offered: dict[tuple[object, object], float] = {}
    taken: dict[tuple[object, object], float] = {}
    weights: dict[tuple[object, object], float] = {}
    fade = 0.5 ** (1 / HALF_LIFE)
    for kind, place, taken_at in rows:
        of = (kind, place)
        weight = weights.get(of, 1.0)
        weights[of] = weight * fade
        offered[of] = offered.get(of, 0.0) + weight
        taken[of] = taken.get(of, 0.0) + weight * (taken_at is not None)
    found = (
        KindCount(cells.line(kind), cells.count(place) or 0, offered[kind, place], taken[kind, place])
        for kind, place in offered
    )
    # What a stranger wrote is left out.
    return tuple(sorted((each for each in found if each.kind and each.place), key=_by_kind))


def _by_kind(count: KindCount) -> tuple[str, int]:
    return count.kind, count.place

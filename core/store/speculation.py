"""What speculation remembers: answers made ahead, offers and what became of them, counts, measured delays.

Answers made ahead stand apart from those that were asked for: they have their own quota and lifetime, are
found by their whole request alone, never by likeness, and go with their conversation.
"""

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from core.store import cells, prepared
from core.store import offers as chips
from core.store.database import Database
from core.store.offers import KindCount
from core.store.prepared import MOST_PREPARED, MOST_PREPARED_BYTES, PREPARED_LIVES_S, PreparedRow
from core.store.text import storable

__all__ = [
    "MOST_DELAYS",
    "MOST_PREPARED",
    "MOST_PREPARED_BYTES",
    "PREPARED_LIVES_S",
    "KindCount",
    "PreparedRow",
    "SpeculationCounts",
    "SpeculationStore",
]

MOST_DELAYS = 100
"""Kept for each model, newest last."""

_OF_OFFERS = ("chips", "head", "extend")
"""Purposes whose use is counted with the offers, so that it is not counted twice."""
_COUNT = """
INSERT INTO speculated (day, purpose, requests, tokens, wasted, busy_s, adopted, saved_s)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, purpose) DO UPDATE SET requests = requests + excluded.requests,
    tokens = tokens + excluded.tokens, wasted = wasted + excluded.wasted, busy_s = busy_s + excluded.busy_s,
    adopted = adopted + excluded.adopted, saved_s = saved_s + excluded.saved_s"""


@dataclass(frozen=True, slots=True)
class SpeculationCounts:
    """What speculation did and was good for, over a time.

    Attributes:
        offered, taken: chips shown, and chosen.
        adopted: questions sent while their text was still, that Enter then took.
        saved_s: that the person did not have to wait; for a chip as it was told when it was taken.
        tokens: written ahead, by purpose; with `wasted_tokens` of them used by nobody.
        busy_s: of the device.
        requests: speculative requests, by purpose.
        delays_ms: measured pre-emption delays, in order of time.
    """

    offered: int
    taken: int
    adopted: int
    saved_s: float
    tokens: dict[str, int]
    wasted_tokens: int
    busy_s: float
    requests: dict[str, int]
    delays_ms: tuple[float, ...]

    @property
    def sent(self) -> int:
        """Questions that were sent while their text was still."""
        return self.requests.get("submit", 0)

    @property
    def used(self) -> int:
        """Answers, or beginnings of them, that the person then asked for."""
        return self.taken + self.adopted

    @property
    def delay_p50_ms(self) -> float | None:
        """Half of the delays were no longer; None when none was measured."""
        return sorted(self.delays_ms)[len(self.delays_ms) // 2] if self.delays_ms else None

    @property
    def delay_p95_ms(self) -> float | None:
        """So long at most in 19 of 20; None when none was measured."""
        last = len(self.delays_ms) - 1
        return sorted(self.delays_ms)[min(last, len(self.delays_ms) * 19 // 20)] if self.delays_ms else None


class SpeculationStore:
    """Reads are inline and quick, writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prepared(self, key: bytes) -> PreparedRow | None:
        """An answer made ahead for this very request, unless it is out of date."""
        now = self._database.clock()
        return self._database.read(lambda connection: prepared.find(connection, key, now))

    def keep_prepared(self, row: PreparedRow) -> Future[None]:
        """Store one, in the place of a shorter one of the same key; the oldest beyond the quota go.

        Nothing is stored once its conversation is deleted.
        """
        now = self._database.clock()
        return self._database.submit(lambda connection: prepared.keep(connection, row, now))

    def drop_prepared(self, key: bytes) -> Future[None]:
        """It was taken, and is an answer of its own now; or is of no use."""
        return self._database.submit(lambda connection: prepared.drop(connection, key))

    def offer(self, conversation: int, kinds: Sequence[tuple[int, str]]) -> Future[tuple[int, ...]]:
        """Chips are shown, as (place, kind); their numbers."""
        now, shown = self._database.clock(), tuple(kinds)
        return self._database.submit(lambda connection: chips.show(connection, conversation, shown, now))

    def taken(self, offer: int, mark: str, saved_s: float) -> Future[None]:
        """A chip was chosen; `mark` is as far as its answer was (``asked``, ``started``, ``ready``)."""
        now = self._database.clock()
        return self._database.submit(lambda connection: chips.take(connection, offer, mark, saved_s, now))

    def ignored(self, offers: Sequence[int]) -> Future[None]:
        """Something else was asked."""
        numbers = tuple(offers)
        return self._database.submit(lambda connection: chips.pass_by(connection, numbers))

    def ignored_in_a_row(self) -> int:
        """How many offers were passed by since one was last taken; an offer is all chips under one answer.

        Those under one answer are told apart by being ignored in one call.
        """
        return self._database.read(chips.passed_in_a_row)

    def kinds(self) -> tuple[KindCount, ...]:
        """How often each kind was offered and taken, each offer counting half as much 50 offers later.

        Counted are the later ones of the same kind in the same place.
        """
        return self._database.read(chips.kinds)

    def count(
        self,
        purpose: str,
        *,
        requests: int = 0,
        tokens: int = 0,
        wasted: int = 0,
        busy_s: float = 0.0,
        adopted: int = 0,
        saved_s: float = 0.0,
    ) -> Future[None]:
        """Add to today's counts of a purpose."""
        day = _day_of(self._database.clock())
        values = (day, storable(purpose), requests, tokens, wasted, busy_s, adopted, saved_s)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_COUNT, values)

        return self._database.submit(work)

    def delayed(self, address: str, model: str, ms: float, *, was_prefilling: bool) -> Future[None]:
        """A request of the person's was held up for so long by one of ours that had been closed."""
        of = (storable(address), storable(model))
        values = (*of, self._database.clock(), ms, was_prefilling)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO delay (address, model, at, ms, was_prefilling) VALUES (?, ?, ?, ?, ?)", values
            )
            connection.execute(
                "DELETE FROM delay WHERE address = ? AND model = ? AND id NOT IN (SELECT id FROM delay"
                " WHERE address = ? AND model = ? ORDER BY id DESC LIMIT ?)",
                (*of, *of, MOST_DELAYS),
            )

        return self._database.submit(work)

    def delays(self, address: str, model: str) -> tuple[tuple[float, bool], ...]:
        """The measured delays of a model, oldest first, each with whether it was in its prefill."""

        def look(connection: sqlite3.Connection) -> tuple[tuple[float, bool], ...]:
            rows = connection.execute(
                "SELECT ms, was_prefilling FROM delay WHERE address = ? AND model = ?"
                " ORDER BY id DESC LIMIT ?",
                (storable(address), storable(model), MOST_DELAYS),
            ).fetchall()
            measured = ((cells.number(row["ms"]), row["was_prefilling"] == 1) for row in reversed(rows))
            return tuple((ms, was_prefilling) for ms, was_prefilling in measured if ms is not None)

        return self._database.read(look)

    def counts(self, since: float) -> SpeculationCounts:
        """What was done since a moment (Unix time in seconds); by whole days, but for offers and delays."""
        return self._database.read(lambda connection: _counts(connection, since))


def _counts(connection: sqlite3.Connection, since: float) -> SpeculationCounts:
    (offered,) = connection.execute("SELECT count(*) FROM offer WHERE shown_at >= ?", (since,)).fetchone()
    taken, saved_s = connection.execute(
        "SELECT count(*), total(saved_s) FROM offer WHERE taken_at IS NOT NULL AND taken_at >= ?", (since,)
    ).fetchone()
    rows = connection.execute("SELECT * FROM speculated WHERE day >= ?", (_day_of(since),)).fetchall()
    typed = [row for row in rows if row["purpose"] not in _OF_OFFERS]
    requests: dict[str, int] = {}
    tokens: dict[str, int] = {}
    for row in rows:
        purpose = cells.line(row["purpose"])
        requests[purpose] = requests.get(purpose, 0) + (cells.count(row["requests"]) or 0)
        tokens[purpose] = tokens.get(purpose, 0) + (cells.count(row["tokens"]) or 0)
    delays = connection.execute("SELECT ms FROM delay WHERE at >= ? ORDER BY at, id", (since,)).fetchall()
    return SpeculationCounts(
        offered=offered,
        taken=taken,
        adopted=sum(cells.count(row["adopted"]) or 0 for row in typed),
        saved_s=sum((cells.measure(row["saved_s"]) or 0.0 for row in typed), cells.measure(saved_s) or 0.0),
        tokens={purpose: count for purpose, count in tokens.items() if count},
        wasted_tokens=sum(cells.count(row["wasted"]) or 0 for row in rows),
        busy_s=sum((cells.measure(row["busy_s"]) or 0.0 for row in rows), 0.0),
        requests={purpose: count for purpose, count in requests.items() if count},
        delays_ms=tuple(ms for row in delays if (ms := cells.measure(row["ms"])) is not None),
    )


def _day_of(moment: float) -> str:
    """The day where the person is, as a text that sorts; a day that never comes for a time that is none."""
    try:
        return time.strftime("%Y-%m-%d", time.localtime(max(moment, 0.0)))
    except (OverflowError, ValueError, OSError):
        return "9999-12-31"

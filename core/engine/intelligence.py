"""Intelligence per second of one database: its rows read, and brought together."""

from contextlib import suppress

from core.messages import Door, Route
from core.metrics.chance import Maker, SignalKind, added_up, posteriors
from core.metrics.ips import FAILURE_COST_S
from core.metrics.session import Session, session
from core.store.database import Database
from core.store.measured import MeasuredStore
from core.store.signals import Counted, SignalStore

NEWEST, NEWEST_SIGNALS = 500, 2_000
"""That are looked at: what was years ago says little of what one has now, and takes its time."""


def intelligence(database: Database, since: float, failure_cost_s: float = FAILURE_COST_S) -> Session:
    """What is known of it by the newest answers since a moment (Unix seconds), and the newest signals of any.

    For a thread, where there are many.

    Raises:
        StoreUnavailable: It cannot be read.
    """
    store = SignalStore(database)
    rows = MeasuredStore(database).newest(since, NEWEST)
    oldest = min((row.started_at for row in rows), default=since)
    rephrased = {
        (signal.answer, signal.answered_at): signal.at
        for signal in store.rows(oldest, SignalKind.REPHRASED.value)
    }
    counted = added_up(
        (maker, _kinds_of(one.kinds), one.answers)
        for one in store.counted(NEWEST_SIGNALS)
        if one.door != Door.ASK and (maker := _maker_of(one)) is not None
    )
    return session(rows, rephrased, posteriors(counted), failure_cost_s)


def _maker_of(counted: Counted) -> Maker | None:
    """Who made them; None of a route that this leadline does not know."""
    with suppress(ValueError):
        return Maker(counted.model, counted.effort, Route(counted.route))
    return None


def _kinds_of(words: frozenset[str]) -> list[SignalKind]:
    return [kind for kind in SignalKind if kind.value in words]

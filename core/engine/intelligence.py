"""Intelligence per second of one database: its rows read, and brought together."""

from core.metrics.ips import FAILURE_COST_S
from core.metrics.session import Session
from core.store.database import Database


def intelligence(database: Database, since: float, failure_cost_s: float = FAILURE_COST_S) -> Session:
    """What is known of it by the newest answers since a moment (Unix seconds); every signal there is counts.

    Raises:
        StoreUnavailable: It cannot be read.
    """
    raise NotImplementedError

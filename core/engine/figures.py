"""Everything that was measured here, gathered for who looks at it; no engine is needed for that."""

from typing import NamedTuple

from core.cache.uses import Uses, uses
from core.engine.intelligence import intelligence
from core.metrics.coverage import DeepFigures, deep_figures
from core.metrics.ips import FAILURE_COST_S
from core.metrics.moments import division
from core.metrics.session import Session
from core.metrics.summary import Summary, summarise
from core.store.database import Database
from core.store.deep_ledger import DeepLedger
from core.store.speculation import SpeculationCounts, SpeculationStore
from core.store.timings import Counted, Timings


class Figures(NamedTuple):
    """What was measured since a moment.

    Attributes:
        since, now: Unix time in seconds.
        counted: all answers of that time; `summary` is of one in `counted.every`.
    """

    since: float
    now: float
    counted: Counted
    summary: Summary
    uses: Uses
    ahead: SpeculationCounts
    deep: DeepFigures
    session: Session


def gather(database: Database, since: float, failure_cost_s: float = FAILURE_COST_S) -> Figures:
    """Read and add up everything; blocking, for a thread or a command.

    Args:
        failure_cost_s: as the settings have it.

    Raises:
        StoreUnavailable: It cannot be read.
    """
    now = database.clock()
    timings = Timings(database)
    oldest = timings.oldest(since)
    counted = timings.counted(since)
    divided = division(max(since, 0.0 if oldest is None else oldest), now)
    return Figures(
        since=since,
        now=now,
        counted=counted,
        summary=summarise(timings.rows(since, divided, counted.every), divided),
        uses=database.read_aside(lambda connection: uses(connection, since)),
        ahead=SpeculationStore(database).counts(since),
        deep=deep_figures(DeepLedger(database), since),
        session=intelligence(database, since, failure_cost_s),
    )

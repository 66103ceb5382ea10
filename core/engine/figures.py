"""Everything that was measured here, gathered for who looks at it; no engine is needed for that."""

from typing import NamedTuple

from core.cache.uses import Uses, uses
from core.metrics.coverage import DeepFigures, deep_figures
from core.metrics.moments import division
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


def gather(database: Database, since: float) -> Figures:
    """Read and add up everything; blocking, for a thread or a command.

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
    )

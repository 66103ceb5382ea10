"""Every deep call with its times, tokens and cost, and no text: what a day cost, how long things take.

Rows outlive the conversations they were made for: what was spent stays spent.
"""

from concurrent.futures import Future
from dataclasses import dataclass

from core.store.database import Database


@dataclass(frozen=True, slots=True)
class DeepCallRecord:
    """One deep call that is over.

    Attributes:
        run: of the journal; calls of one run belong together.
        stage: as `core.deep.status.StageKind`, ``run`` for a whole run's time.
        size: of what was sent, as the rounded log2 of its tokens.
        first_event_ms, first_text_ms: None when none came.
        usd: None when not known.
        is_whole: it ended by the provider's own word.
    """

    run: int
    provider: str
    address: str
    model: str
    effort: str
    preset: str
    stage: str
    size: int
    total_ms: float
    first_event_ms: float | None = None
    first_text_ms: float | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    thinking_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent since a moment.

    Attributes:
        unpriced_tokens: of calls whose price is not known.
    """

    usd: float
    tokens: int
    unpriced_tokens: int


@dataclass(frozen=True, slots=True)
class PastTimes:
    """How long such a thing took before, newest first; seconds, of whole calls only.

    Attributes:
        is_pooled: there were too few with the same effort, so all efforts are among them.
        output_tokens: of the same calls.
    """

    seconds: tuple[float, ...] = ()
    output_tokens: tuple[int, ...] = ()
    is_pooled: bool = False


class DeepLedger:
    """Deep calls in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, call: DeepCallRecord) -> Future[None]:
        """Keep a call."""
        raise NotImplementedError

    def spent_since(self, moment: float) -> Spent:
        """What deep calls have cost since a moment (Unix seconds), whichever leadline made them."""
        raise NotImplementedError

    def past(self, model: str, effort: str, preset: str, stage: str) -> PastTimes:
        """How long such stages took; with fewer than nine of this effort, of every effort."""
        raise NotImplementedError

"""The journal of deep runs: every stage as it ends, and what streams at most half a second late.

What was finished is never paid for twice: a run whose leadline died is read back with its stages, and goes on
behind them. Text is stored as it is given; whoever gives it has taken keys out.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from core.store.database import Database


@dataclass(frozen=True, slots=True)
class NewDeepRun:
    """A run that begins.

    Attributes:
        answer: of the store, which it writes.
        address: the URL it is sent to, without credentials.
        kinds: kinds of content that are sent (``turn``, ``source:file``, ``source:diff``, …), for asking only
            about what is new.
        pack: all that is sent, as JSON, so that a run can go on after a crash with the same bytes.
        state: as `core.deep.status.RunState`, or ``interrupted``.
    """

    answer: int
    preset: str
    effort: str
    provider: str
    model: str
    address: str
    host: str
    kinds: Sequence[str]
    pack: str
    state: str = "running"


@dataclass(frozen=True, slots=True)
class StageRecord:
    """A stage as it is kept; a later one of the same id takes its place.

    Attributes:
        position: its place in the run, from 0.
        state: as `core.events.StageState`.
        request_sha256: of what was sent for it, in hex; a stage is only taken over for the same request.
        usage: token counts by name, as far as known.
    """

    id: str
    position: int
    kind: str
    title: str
    state: str
    text: str = ""
    thinking: str = ""
    note: str = ""
    request_sha256: str = ""
    elapsed_ms: float | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class StoredDeepRun:
    """A run read back.

    Attributes:
        question: its turn's.
        stages: in order.
        hints: what the person added on the way.
    """

    id: int
    conversation: int
    turn: int
    answer: int
    question: str
    preset: str
    effort: str
    provider: str
    model: str
    address: str
    host: str
    pack: str
    state: str
    stages: tuple[StageRecord, ...]
    hints: tuple[str, ...]
    created_at: float
    updated_at: float


class DeepJournal:
    """Runs and their stages in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, run: NewDeepRun) -> Future[int]:
        """Keep that a run begins, and whose it is; its number."""
        raise NotImplementedError

    def save_stage(self, run: int, stage: StageRecord) -> Future[None]:
        """Keep a stage as it stands now."""
        raise NotImplementedError

    def set_state(self, run: int, state: str) -> Future[None]:
        """Keep where a run stands."""
        raise NotImplementedError

    def set_hints(self, run: int, hints: Sequence[str]) -> Future[None]:
        """Keep what the person added."""
        raise NotImplementedError

    def claim(self, run: int) -> Future[bool]:
        """Take over a run that nobody runs any more: it and its answer are this process' and go on.

        False when another leadline was quicker, or the run is gone or over.
        """
        raise NotImplementedError

    def left(self, directory: str) -> tuple[StoredDeepRun, ...]:
        """Runs of a project that nobody runs and that are not over (interrupted, or queued), newest first."""
        raise NotImplementedError

    def run(self, number: int) -> StoredDeepRun | None:
        """One run; None when there is none."""
        raise NotImplementedError

    def sent_before(self, conversation: int) -> frozenset[tuple[str, str]]:
        """Pairs of host and kind of content that this conversation has sent in depth already."""
        raise NotImplementedError

    def remove(self, run: int) -> Future[None]:
        """Forget a run with its stages and the answer it wrote; the turn keeps its other answers."""
        raise NotImplementedError

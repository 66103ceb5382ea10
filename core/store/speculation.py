"""What speculation remembers: answers made ahead, offers and what became of them, counts, measured delays.

Answers made ahead stand apart from those that were asked for: they have their own quota and lifetime, are
found by their whole request alone, never by likeness, and go with their conversation.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from core.store.database import Database

MOST_PREPARED = 200
MOST_PREPARED_BYTES = 5 * 1024 * 1024
PREPARED_LIVES_S = 24 * 3600.0
MOST_DELAYS = 100
"""Kept for each model, newest last."""


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """An answer made ahead.

    Attributes:
        key: sha256 of the whole request.
        state: ``head`` or ``full``.
        origin: what it was made for (the chip's kind).
        tokens: written so far.
        created_at: Unix time in seconds.
    """

    key: bytes
    conversation: int
    model: str
    question: str
    text: str
    state: str
    origin: str
    tokens: int
    created_at: float


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often chips of a kind, in a place, were offered and taken; older ones count less."""

    kind: str
    place: int
    offered: float
    taken: float


@dataclass(frozen=True, slots=True)
class SpeculationCounts:
    """What speculation did and was good for, over a time.

    Attributes:
        offered, taken: chips shown, and chosen.
        adopted: questions sent while their text was still, that Enter then took.
        saved_s: that the person did not have to wait.
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


class SpeculationStore:
    """Reads are inline and quick, writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prepared(self, key: bytes) -> PreparedRow | None:
        """An answer made ahead for this very request, unless it is out of date."""
        raise NotImplementedError

    def keep_prepared(self, row: PreparedRow) -> Future[None]:
        """Store one, in the place of a shorter one of the same key; the oldest beyond the quota go."""
        raise NotImplementedError

    def drop_prepared(self, key: bytes) -> Future[None]:
        """It was taken, and is an answer of its own now; or is of no use."""
        raise NotImplementedError

    def offer(self, conversation: int, kinds: Sequence[tuple[int, str]]) -> Future[tuple[int, ...]]:
        """Chips are shown, as (place, kind); their numbers."""
        raise NotImplementedError

    def taken(self, offer: int, mark: str, saved_s: float) -> Future[None]:
        """A chip was chosen; `mark` is as far as its answer was (``asked``, ``started``, ``ready``)."""
        raise NotImplementedError

    def ignored(self, offers: Sequence[int]) -> Future[None]:
        """Something else was asked."""
        raise NotImplementedError

    def ignored_in_a_row(self) -> int:
        """How many offers were passed by since one was last taken; an offer is all chips under one answer."""
        raise NotImplementedError

    def kinds(self) -> tuple[KindCount, ...]:
        """How often each kind was offered and taken, each offer counting half as much 50 offers later."""
        raise NotImplementedError

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
        raise NotImplementedError

    def delayed(self, address: str, model: str, ms: float, *, was_prefilling: bool) -> Future[None]:
        """A request of the person's was held up for so long by one of ours that had been closed."""
        raise NotImplementedError

    def delays(self, address: str, model: str) -> tuple[tuple[float, bool], ...]:
        """The measured delays of a model, oldest first, each with whether it was in its prefill."""
        raise NotImplementedError

    def counts(self, since: float) -> SpeculationCounts:
        """What was done since a moment (Unix time in seconds); by whole days, but for offers and delays."""
        raise NotImplementedError

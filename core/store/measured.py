"""What was measured of answers, read for figures: never a text, so that 100,000 are read at once."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

from core.store.database import Database


class Measured(NamedTuple):
    """What is known of one answer's making; None for what was not measured.

    Attributes:
        started_at: Unix time in seconds.
        route, state, door: as text, in the words of `core.messages`; what nobody knows stays as it is.
        paint_ms: from the key that sent the question to the first text on the screen.
        thinking_ms, itl_ms, starved_ms: as `core.metrics.times.Times`.
        blocked_ms: of a deep run: so long it was looked at and nothing else was done.
        load_ms, prefill_ms, decode_ms, server_ms: the server's own durations; 0 when it gave none.
    """

    answer: int
    turn: int
    started_at: float
    model: str
    route: str
    effort: str
    door: str
    place: str
    state: str
    ttft_ms: float | None
    total_ms: float | None
    paint_ms: float | None
    thinking_ms: float | None
    itl_ms: float | None
    starved_ms: float | None
    blocked_ms: float | None
    load_ms: float | None
    prefill_ms: float | None
    decode_ms: float | None
    server_ms: float | None
    output_tokens: int | None
    usd: float | None


class MeasuredStore:
    """Reads are inline; the two writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, answer: int) -> Measured | None:
        """One answer's; None when it is not there."""
        raise NotImplementedError

    def since(self, moment: float) -> Sequence[Measured]:
        """All answers that ended since a moment (Unix seconds), oldest first; out of the index alone."""
        raise NotImplementedError

    def painted(self, answer: int, paint_ms: float) -> Future[None]:
        """The answer's first text was on the screen, so long after the key."""
        raise NotImplementedError

    def blocked(self, answer: int, blocked_ms: float) -> Future[None]:
        """A deep run was looked at so much longer while nothing else was done; it is added."""
        raise NotImplementedError

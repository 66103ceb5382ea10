"""What is known of how one answer came, for who asks: as it was stored, whichever way it was made."""

from typing import NamedTuple

from core.messages import Answer
from core.metrics.waits import Wait, wait_of
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.measured import Measured, MeasuredStore


class Details(NamedTuple):
    """One answer, and what was measured of it.

    Attributes:
        cached_tokens: of those that went in, how many the server's prefix cache held; None when not known.
        wait: what the wait for its first text was made of; None when the server said nothing of it.
    """

    answer: Answer
    measured: Measured
    cached_tokens: int | None
    wait: Wait | None


def details_of(conversations: Conversations, database: Database, turn: int) -> Details | None:
    """Of the answer that is the turn's, else of the last that was tried; None when there is none.

    Raises:
        StoreUnavailable: It cannot be read.
        NotStored: There is no such turn.
    """
    found = conversations.turn(turn)
    answer = found.current or next(reversed(found.answers), None)
    store = MeasuredStore(database)
    measured = None if answer is None else store.one(answer.id)
    if answer is None or measured is None:
        return None
    durations = measured.load_ms, measured.prefill_ms, measured.thinking_ms
    wait = wait_of(measured.ttft_ms, *durations, has_durations=bool(measured.server_ms))
    return Details(answer, measured, store.cached_tokens(answer.id), wait)

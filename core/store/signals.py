"""What people did with answers, a row each; no words of question or answer, so they outlive both."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

from core.store.database import Database


class SignalRow(NamedTuple):
    """One signal, in the columns' own words; see `core.metrics.chance.Signal`."""

    at: float
    kind: str
    answer: int
    answered_at: float
    model: str
    effort: str
    route: str
    door: str


class SignalStore:
    """Signals in a database; reads are inline, writes are futures that nobody need wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, answer: int, kind: str) -> Future[None]:
        """Something was done with an answer; who made it is read from the answer itself.

        Nothing is written for an answer that is not there, that failed, or that has this very signal already.
        """
        raise NotImplementedError

    def rows(self, since: float = 0.0) -> Sequence[SignalRow]:
        """All signals since a moment (Unix seconds), in order of time."""
        raise NotImplementedError

"""Models as they were measured here, by digest and machine; an unfinished measurement is gone on with."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from core.store.database import Database


@dataclass(frozen=True, slots=True)
class TuneAnswer:
    """One answer to a question of the quiz.

    Attributes:
        question: its id.
        text: clean; kept so that a grade can be looked at.
        ttft_ms: None where no text came.
    """

    question: str
    is_right: bool
    text: str
    ttft_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True)
class TuneRun:
    """One measurement of one model.

    Attributes:
        machine: what it ran on, as `core.tuning.machine` says it; no name of anyone.
        quiz: which quiz, and how much of it (``1/full``, ``1/quick``).
        state: ``running``, ``complete`` or ``failed``; one that is running and nobody's can be gone on with.
        begun_at, updated_at: Unix time in seconds.
        memory_bytes, vram_bytes: of the loaded model; None when not known.
        note: what went wrong, or is worth knowing.
    """

    id: int
    address: str
    machine: str
    model: str
    digest: str
    quiz: str
    state: str
    begun_at: float
    updated_at: float
    cold_ttft_ms: float | None = None
    prefill_per_s: float | None = None
    decode_per_s: float | None = None
    memory_bytes: int | None = None
    vram_bytes: int | None = None
    note: str = ""
    answers: tuple[TuneAnswer, ...] = ()


class TunedStore:
    """Measurements in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, address: str, machine: str, model: str, digest: str, quiz: str) -> Future[int]:
        """A measurement begins; its number."""
        raise NotImplementedError

    def answer(self, run: int, answer: TuneAnswer) -> Future[None]:
        """Keep one graded answer; a second one to the same question takes its place."""
        raise NotImplementedError

    def measure(
        self,
        run: int,
        *,
        cold_ttft_ms: float | None = None,
        prefill_per_s: float | None = None,
        decode_per_s: float | None = None,
        memory_bytes: int | None = None,
        vram_bytes: int | None = None,
    ) -> Future[None]:
        """Keep what was measured beside the answers; None leaves what was there."""
        raise NotImplementedError

    def end(self, run: int, state: str, note: str = "") -> Future[None]:
        """It is over; older ones of the same model, machine and quiz go."""
        raise NotImplementedError

    def unfinished(self, address: str, machine: str, digest: str, quiz: str) -> TuneRun | None:
        """The newest measurement that was broken off and can be gone on with, with its answers."""
        raise NotImplementedError

    def complete(self, address: str, machine: str) -> Sequence[TuneRun]:
        """The newest whole measurement of each digest, with its answers; a full quiz before a quick one."""
        raise NotImplementedError

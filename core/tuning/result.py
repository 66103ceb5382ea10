"""What was measured of one model, and which of them is proposed, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics.ips import FAILURE_COST_S

RESPONSIVE_S = 1.0
"""A model whose usual warm time to first token is beyond it is never proposed while another keeps below."""
ANSWER_TOKENS = 200
"""The answer that starvation is worked out for."""


@dataclass(frozen=True, slots=True)
class Result:
    """One model as it was measured here.

    Attributes:
        right, asked: questions of the quiz.
        by_difficulty: (right, asked) of easy, normal, hard.
        warm_ttft_s: the median over the quiz; None when no text ever came.
        cold_ttft_s: with loading; None when it was not measured.
        prefill_per_s, decode_per_s: tokens a second; None where the server says nothing of its times.
        memory_bytes, vram_bytes: None when not known.
        is_whole: every question was asked.
        measured_at: Unix time in seconds.
        note: what is worth knowing; empty otherwise.
    """

    model: str
    digest: str
    right: int
    asked: int
    by_difficulty: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    warm_ttft_s: float | None
    cold_ttft_s: float | None = None
    prefill_per_s: float | None = None
    decode_per_s: float | None = None
    memory_bytes: int | None = None
    vram_bytes: int | None = None
    is_whole: bool = True
    measured_at: float = 0.0
    note: str = ""

    @property
    def share(self) -> float:
        """Of the questions that were asked, how many were answered rightly; 0 to 1."""
        return self.right / self.asked if self.asked else 0.0

    @property
    def is_responsive(self) -> bool:
        """Whether its usual warm first token comes within a second."""
        return self.warm_ttft_s is not None and self.warm_ttft_s <= RESPONSIVE_S

    def ips(self, failure_cost_s: float = FAILURE_COST_S) -> float:
        """Intelligence per second: by its share, its warm time to first token, and starvation."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Proposed:
    """The model to answer at once with, and why."""

    model: str
    digest: str
    reason: str


def propose(results: Sequence[Result], failure_cost_s: float = FAILURE_COST_S) -> Proposed | None:
    """The highest intelligence per second among those that are responsive; None where nothing was measured.

    The reason as in ``qwen3:4b: 78 % at 0.31 s, IPS 0.069; qwen3:8b is 6 points better but misses 1 s to the
    first token``. Where none is responsive, the quickest, and the reason says so.
    """
    raise NotImplementedError

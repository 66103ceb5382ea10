"""What was measured of one model, and which of them is proposed, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from core.metrics.ips import FAILURE_COST_S, Need, ips, starved_s

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
        """Intelligence per second: by its share, its warm time to first token, and starvation.

        A model that never gave a text settles nothing, and is worth what asking elsewhere is.
        """
        if self.warm_ttft_s is None:
            return ips([Need(0.0, 0.0)], failure_cost_s)
        starved = starved_s(ANSWER_TOKENS, self.decode_per_s) if self.decode_per_s else 0.0
        return ips([Need(self.warm_ttft_s + starved, self.share)], failure_cost_s)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The model to answer at once with, and why."""

    model: str
    digest: str
    reason: str


def propose(results: Sequence[Result], failure_cost_s: float = FAILURE_COST_S) -> Proposed | None:
    """The highest intelligence per second among those that are responsive; None where none was right once.

    The reason as in ``qwen3:4b: 78 % at 0.31 s, IPS 0.069; qwen3:8b is 6 points better but misses 1 s to the
    first token``. Where none is responsive, the quickest, and the reason says so. Of equals the smaller one.
    """
    able = [result for result in results if result.warm_ttft_s is not None and result.right]
    if not able:
        return None
    responsive = [result for result in able if result.is_responsive]
    if not responsive:
        best = min(able, key=lambda result: (result.warm_ttft_s or 0.0, -result.share))
        told = f"{_told(best, failure_cost_s)}; the quickest, though none keeps 1 s to the first token"
        return Proposed(best.model, best.digest, told)
    best = max(responsive, key=lambda result: (result.ips(failure_cost_s), -(result.memory_bytes or 0)))
    others = [result for result in able if result is not best]
    return Proposed(best.model, best.digest, f"{_told(best, failure_cost_s)}; {_beside(best, others)}")


def _told(result: Result, failure_cost_s: float) -> str:
    """``qwen3:4b: 78 % at 0.31 s, IPS 0.069``."""
    share, figure = f"{result.share * 100:.0f} %", result.ips(failure_cost_s)
    return f"{result.model}: {share} at {result.warm_ttft_s:.2f} s, IPS {figure:.3f}"


def _beside(best: Result, others: Sequence[Result]) -> str:
    """Why not the one that answers more rightly, or else the next one."""
    if not others:
        return "the only model that was measured"
    late = [other for other in others if not other.is_responsive and other.share > best.share]
    if late:
        other = max(late, key=lambda each: each.share)
        return f"{other.model} is {_points(other, best)} but misses 1 s to the first token"
    other = max(others, key=lambda each: (each.share, each.ips()))
    if other.share > best.share:
        return f"{other.model} is {_points(other, best)} but slower ({other.warm_ttft_s:.2f} s)"
    return f"next is {other.model} with {other.share * 100:.0f} % at {other.warm_ttft_s:.2f} s"


def _points(better: Result, best: Result) -> str:
    """By how much, or that so few questions cannot tell."""
    points = (better.share - best.share) * 100
    # One standard error of a difference of two shares: what lies within it may be luck.
    error = 100 * sqrt(sum(each.share * (1 - each.share) / each.asked for each in (better, best)))
    if points < error / 2:
        return "about as good"
    return f"{points:.0f} point{'s' * (round(points) != 1)} better"

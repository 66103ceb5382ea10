"""From a measurement as it is kept to what it says of a model."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from core.store.tuned import TuneAnswer, TuneRun
from core.tuning.result import Result

if TYPE_CHECKING:  # who only wants the figures need not load the quiz
    from core.tuning.question import QuizQuestion


def result_of(run: TuneRun, questions: Sequence["QuizQuestion"] = ()) -> Result:
    """One model as it was measured; answers to questions of another quiz do not count.

    Args:
        questions: of the quiz; without them nothing is said of difficulties, and every answer counts.
    """
    by_id = {question.id: question for question in questions}
    answers = [answer for answer in run.answers if not by_id or answer.question in by_id]
    warm = [answer.ttft_ms for answer in answers if answer.ttft_ms is not None]

    def tally(level: str) -> tuple[int, int]:
        of_this = [answer for answer in answers if by_id and by_id[answer.question].difficulty == level]
        return _right(of_this), len(of_this)

    return Result(
        model=run.model,
        digest=run.digest,
        right=_right(answers),
        asked=len(answers),
        by_difficulty=(tally("easy"), tally("normal"), tally("hard")),
        warm_ttft_s=median(warm) / 1000 if warm else None,
        cold_ttft_s=None if run.cold_ttft_ms is None else run.cold_ttft_ms / 1000,
        prefill_per_s=run.prefill_per_s,
        decode_per_s=run.decode_per_s,
        memory_bytes=run.memory_bytes,
        vram_bytes=run.vram_bytes,
        is_whole=not questions or len(answers) == len(questions),
        measured_at=run.updated_at,
        note=run.note,
    )


def _right(answers: Sequence[TuneAnswer]) -> int:
    return sum(answer.is_right for answer in answers)

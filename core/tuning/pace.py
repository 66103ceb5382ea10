"""How long measuring still takes, by how long it took so far; nothing is said before that says something."""

from collections.abc import Sequence

from core.providers.base import ModelInfo
from core.tuning.quiz import QuizQuestion

_TELL_FROM = 5
"""Questions of the first model before anything is said."""
_BESIDE_S = 10.0
"""A model's loading, reading and writing, until one was seen."""


class Pace:
    """The pace of one measuring."""

    def __init__(self, questions: Sequence[QuizQuestion]) -> None:
        self._count = len(questions)
        self._size = 0
        self._later: Sequence[ModelInfo] = ()
        self._asked = 0
        self._took_s = 0.0
        self._left = 0

    def begin(self, model: ModelInfo, later: Sequence[ModelInfo]) -> None:
        """A model's turn has come; these are still to come."""
        self._size, self._later = model.size_bytes, later
        self._asked, self._took_s, self._left = 0, 0.0, self._count

    def answered(self, took_s: float, left: int) -> None:
        """A question of this model was answered, and so many are left of it."""
        self._asked += 1
        self._took_s += took_s
        self._left = left

    @property
    def left_s(self) -> float | None:
        """Seconds until all is measured: this model by its own pace, the later ones by their sizes."""
        if self._asked < _TELL_FROM:
            return None
        each_s = self._took_s / self._asked
        later_s = sum(
            self._count * each_s * (model.size_bytes / self._size if self._size and model.size_bytes else 1.0)
            + _BESIDE_S
            for model in self._later
        )
        return self._left * each_s + _BESIDE_S + later_s

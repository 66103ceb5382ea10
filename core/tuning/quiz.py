"""Questions that a developer would ask, with what counts as right; short answers, graded by rule alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Difficulty = Literal["easy", "normal", "hard"]

MOST_TOKENS = 40
"""Of an answer; nobody is asked for more."""
INSTRUCTION = "Answer with the answer alone: one line, no explanation."
"""The system prompt of every question."""


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """One question.

    Attributes:
        id: stable, and stored.
        text: as it is asked; says in which form the answer is wanted.
        reference: one right answer, as a good model would write it.
        is_right: whether an answer counts as right, as it came (it looks past fences, quotes and full stops);
            never raises, and never takes more than a moment.
    """

    id: str
    difficulty: Difficulty
    text: str
    reference: str
    is_right: Callable[[str], bool]


def quiz(*, is_quick: bool = False) -> tuple[QuizQuestion, ...]:
    """The 60 questions, or 20 of them: the three difficulties in turn, so that half says something."""
    raise NotImplementedError


def quiz_name(*, is_quick: bool = False) -> str:
    """Which quiz it is, for the store: another one whenever a question or a rule has changed."""
    raise NotImplementedError

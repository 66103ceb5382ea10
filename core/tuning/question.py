"""One question of the quiz: what is asked, what is right, and who can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Difficulty = Literal["easy", "normal", "hard"]


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

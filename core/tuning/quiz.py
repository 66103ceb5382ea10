"""Questions that a developer would ask, with what counts as right; short answers, graded by rule alone."""

import hashlib
from collections.abc import Sequence
from functools import cache

from core.tuning import rules, themes
from core.tuning.question import Difficulty, QuizQuestion

__all__ = ["INSTRUCTION", "MOST_TOKENS", "Difficulty", "QuizQuestion", "fingerprint", "quiz", "quiz_name"]

MOST_TOKENS = 40
"""Of an answer; nobody is asked for more."""
INSTRUCTION = "Answer with the answer alone: one line, no explanation."
"""The system prompt of every question."""

_QUICK = 20
# Neighbours in a file are of one theme; a step that shares no divisor with 20 mixes the themes.
_STEP = 3


def quiz(*, is_quick: bool = False) -> tuple[QuizQuestion, ...]:
    """The 60 questions, or 20 of them: the three difficulties in turn, so that half says something."""
    return _ordered()[:_QUICK] if is_quick else _ordered()


@cache
def quiz_name(*, is_quick: bool = False) -> str:
    """Which quiz it is, for the store: another one whenever a question or a rule has changed."""
    return f"{fingerprint(_ordered())}/{'quick' if is_quick else 'full'}"


def fingerprint(questions: Sequence[QuizQuestion]) -> str:
    """Of all that decides a grade: questions, their order and rules, and the instruction."""
    # A rule is a frozen value: it shows all that it accepts.
    told = repr((rules.VERSION, INSTRUCTION, list(questions)))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


@cache
def _ordered() -> tuple[QuizQuestion, ...]:
    levels = [_mixed(level) for level in ("easy", "normal", "hard")]
    return tuple(question for row in zip(*levels, strict=True) for question in row)


def _mixed(difficulty: str) -> list[QuizQuestion]:
    of_this = [question for question in themes.QUESTIONS if question.difficulty == difficulty]
    return [of_this[index * _STEP % len(of_this)] for index in range(len(of_this))]

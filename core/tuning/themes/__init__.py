"""The questions, by theme. A new or changed one makes another quiz; an id is never given out again."""

from core.tuning.question import QuizQuestion
from core.tuning.themes import data, git, javascript, languages, python, shell, systems, theory

QUESTIONS: tuple[QuizQuestion, ...] = (
    *shell.QUESTIONS,
    *git.QUESTIONS,
    *python.QUESTIONS,
    *javascript.QUESTIONS,
    *data.QUESTIONS,
    *systems.QUESTIONS,
    *languages.QUESTIONS,
    *theory.QUESTIONS,
)

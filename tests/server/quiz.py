"""Models that answer a share of the built-in quiz rightly: which questions, is drawn once for each."""

import random
from collections.abc import Mapping, Sequence

from core.tuning.quiz import QuizQuestion, quiz
from tests.server.scenes import Scene

WRONG = "I am not sure about that one."


class Pupil:
    """A model that knows so many of the questions by heart, and says of the others that it does not know.

    Args:
        share: of every difficulty's questions, 0 to 1.
        seed: decides which.
    """

    def __init__(self, share: float, seed: int = 0) -> None:
        self._questions: dict[str, QuizQuestion] = {question.text: question for question in quiz()}
        texts = sorted(self._questions)
        random.Random(seed).shuffle(texts)
        self._known = frozenset(texts[: round(share * len(texts))])

    def says(self, question: str) -> str:
        """What it answers; to what is no question of the quiz, numbers."""
        if question in self._known:
            return self._questions[question].reference
        return WRONG if question in self._questions else ", ".join(map(str, range(1, 61)))

    def reply(self, body: Mapping[str, object]) -> str:
        """The same, to a request's body."""
        messages = body.get("messages")
        last = messages[-1] if isinstance(messages, Sequence) and messages else {}
        return self.says(str(last.get("content", ""))) if isinstance(last, Mapping) else WRONG


def pupil_scene(model: str, share: float, ttft_s: float, seed: int = 0) -> Scene:
    """The scene of a model by its name: no other model's name may contain it."""
    return Scene(model, reply=Pupil(share, seed).reply, ttft_s=ttft_s, tokens_per_s=60.0)

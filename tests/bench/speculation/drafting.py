"""What a question is sent as, built with the product's own prompt and budget, from the turns so far."""

from core.context.budget import Sized, fit, sized
from core.messages import Answer, AnswerState, Question, Route, Turn
from core.providers.base import Ended, Profile, Request

MODEL = "qwen3:4b"
WINDOW = 32_768
"""Large enough for the longest conversation; what happens at the limit is not measured here."""


class Drafting:
    """One conversation as the engine would send it."""

    def __init__(self, conversation: int, model: str = MODEL) -> None:
        self.conversation = conversation
        self._model = model
        self._turns: tuple[Sized, ...] = ()
        self._profile = Profile(WINDOW)

    async def request(self, question: Question) -> Request | None:
        """The very request that asking sends."""
        return self.draft(question)

    def draft(self, question: Question) -> Request:
        """The same, at once."""
        turns = self._turns if question.conversation == self.conversation else ()
        fitted = fit("", turns, question.text, (), WINDOW, WINDOW, may_drop=True)
        return Request(self._model, fitted.messages, self._profile, fitted.num_predict)

    @property
    def turn(self) -> int:
        """The number of the last turn."""
        return len(self._turns)

    def keep(self, question: str, text: str, ended: Ended, route: Route, now: float) -> None:
        """A turn with its answer."""
        number = len(self._turns) + 1
        answer = Answer(
            number,
            number,
            route,
            self._model,
            "simulated",
            "local",
            AnswerState.COMPLETE,
            text,
            now,
            input_tokens=ended.input_tokens,
            output_tokens=ended.output_tokens,
            reason=ended.reason,
        )
        turn = Turn(number, self.conversation, question, now, answers=(answer,), current=answer)
        self._turns = (*self._turns, sized(turn))

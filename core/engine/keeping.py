"""How a question comes into the store: before the first token, or with an answer that was there."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from core.cache.found import Found
from core.engine.asked import Asked
from core.engine.behind import Behind
from core.engine.instructing import OPTION
from core.engine.stored import as_answer, as_ending, route_of
from core.errors import HouseError, StoreUnavailable
from core.events import Noted, TurnEvent, TurnFailed, TurnStarted
from core.messages import AnswerState, Question, Route
from core.providers.base import Provider
from core.store.conversations import Conversations, Ending, NewAnswer, NotStored, Started

if TYPE_CHECKING:  # who asks once has nothing made ahead
    from core.speculation.ports import Adopted

ORIGIN = "origin"
"""Under this name an answer's options keep what of it was made ahead, as it was adopted."""


class Keeping:
    """Writes questions down; everything is a future of the writer's."""

    def __init__(
        self,
        conversations: Conversations,
        provider: Provider,
        directory: str,
        behind: Behind,
        now: Callable[[], float],
    ) -> None:
        self._conversations = conversations
        self._provider = provider
        self._directory = directory
        self._behind = behind
        self._now = now

    def begin(self, asked: Asked, adopted: "Adopted | None" = None) -> "Future[Started]":
        """Hand question and open answer to the writer.

        Args:
            adopted: what was made ahead for it; which of it, and when, is kept with the answer.
        """
        question, ready = asked.question, asked.ready
        options: dict[str, str | int] = {"num_ctx": ready.profile.num_ctx, OPTION: asked.instructed.sha256}
        place = self._provider.place(ready.remote_host)
        answer = NewAnswer(Route.FAST, ready.model, self._provider.name, place, options, door=question.door)
        if adopted is not None:
            options[ORIGIN] = adopted.origin
            answer = replace(answer, route=adopted.route)
        if adopted is not None and adopted.route is not Route.FAST:
            answer = replace(answer, source=asked.text, source_at=self._now() - adopted.age_s)
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer)
        return self._ask(replace(question, attachments=asked.attachments), answer)

    def served(self, asked: Asked, found: Found, took_ms: float) -> "Future[Started]":
        """Keep a question together with the stored answer that was served."""
        question = asked.question
        answer, ending = as_answer(found, route_of(found), question.door), as_ending(found, took_ms)
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer, ending)
        return self._conversations.ask(
            question.text, asked.attachments, question.conversation, self._directory, answer, ending
        )

    def stopped(self, question: Question) -> None:
        """A new question was stopped while the server was looked at; what was asked is kept, behind."""
        if question.again is None:
            ending = Ending(AnswerState.CANCELLED, "", reason="cancelled")
            self._behind.start(self._unsent(question, ending))

    async def failed(self, question: Question, error: HouseError) -> list[TurnEvent]:
        """A new question that could not even be sent is kept all the same, so that it can be asked again."""
        failed = TurnFailed(error.kind, error.message, error.remedy, False, question.again)
        if question.again is not None or isinstance(error, NotStored | StoreUnavailable):
            return [failed]
        ending = Ending(AnswerState.FAILED, "", reason=error.kind, error=error.message)
        try:
            started = await asyncio.shield(self._behind.start(self._unsent(question, ending)))
        except HouseError as unsaved:
            return [Noted(f"not saved: {unsaved.message}. {unsaved.remedy}"), failed]
        return [
            TurnStarted(started.conversation, started.turn, started.answer),
            TurnFailed(error.kind, error.message, error.remedy, False, started.turn, started.answer),
        ]

    async def _unsent(self, question: Question, ending: Ending) -> Started:
        """Write a question down that no request was made of, with how it ended."""
        place = self._provider.place()
        answer = NewAnswer(Route.FAST, question.model or "", self._provider.name, place, door=question.door)
        started = await asyncio.wrap_future(self._ask(question, answer))
        await asyncio.wrap_future(self._conversations.end(started.answer, ending, make_current=False))
        return started

    def _ask(self, question: Question, answer: NewAnswer) -> "Future[Started]":
        return self._conversations.ask(
            question.text, question.attachments, question.conversation, self._directory, answer
        )

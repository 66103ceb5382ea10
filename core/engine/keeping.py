"""How a question comes into the store: before the first token, or with an answer that was there."""

import asyncio
from concurrent.futures import Future
from dataclasses import replace

from core.cache.found import Found
from core.engine.asked import Asked
from core.engine.instructing import OPTION
from core.engine.stored import as_answer, as_ending, route_of
from core.messages import Question, Route
from core.providers.base import Provider
from core.store.conversations import Conversations, Ending, NewAnswer, Started


class Keeping:
    """Writes questions down; everything is a future of the writer's."""

    def __init__(self, conversations: Conversations, provider: Provider, directory: str) -> None:
        self._conversations = conversations
        self._provider = provider
        self._directory = directory

    def begin(self, asked: Asked) -> "Future[Started]":
        """Hand question and open answer to the writer."""
        question, ready = asked.question, asked.ready
        options: dict[str, str | int] = {"num_ctx": ready.profile.num_ctx, OPTION: asked.instructed.sha256}
        place = self._provider.place(ready.remote_host)
        answer = NewAnswer(Route.FAST, ready.model, self._provider.name, place, options)
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer)
        return self._ask(replace(question, attachments=asked.attachments), answer)

    def served(self, asked: Asked, found: Found, took_ms: float) -> "Future[Started]":
        """Keep a question together with the stored answer that was served."""
        question = asked.question
        answer, ending = as_answer(found, route_of(found)), as_ending(found, took_ms)
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer, ending)
        return self._conversations.ask(
            question.text, asked.attachments, question.conversation, self._directory, answer, ending
        )

    async def unsent(self, question: Question, ending: Ending) -> Started:
        """Write a question down that no request was made of, with how it ended."""
        answer = NewAnswer(Route.FAST, question.model or "", self._provider.name, self._provider.place())
        started = await asyncio.wrap_future(self._ask(question, answer))
        await asyncio.wrap_future(self._conversations.end(started.answer, ending, make_current=False))
        return started

    def _ask(self, question: Question, answer: NewAnswer) -> "Future[Started]":
        return self._conversations.ask(
            question.text, question.attachments, question.conversation, self._directory, answer
        )

"""The face of core: ask, look, choose, fetch, remember. The screen and the one-shot command are its guests."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import dataclass

from core.context.budget import Fitted, fit
from core.engine.models import Models, Outlook, Ready
from core.engine.turn import AnswerStream, Attempt
from core.errors import HouseError, ModelMissing, PromptTooLong, ProviderError, StoreUnavailable
from core.events import Noted, TurnEvent, TurnFailed, TurnStarted
from core.messages import AnswerState, Attachment, Conversation, Question, Route, Turn
from core.providers.base import ModelInfo, Provider, PullProgress, Request
from core.providers.choice import cloud_host
from core.settings.model import Settings
from core.store.conversations import Conversations, Ending, NewAnswer, NotStored, Started
from core.store.database import Database
from core.store.facts import Facts

HISTORY_TURNS = 200
"""Turns read back for a prompt; no window we know holds more."""
BEHIND_S = 0.5


@dataclass(slots=True)
class Asked:
    """A question with everything that shapes its prompt; `turns` shrinks as turns are dropped."""

    question: Question
    text: str
    attachments: tuple[Attachment, ...]
    turns: tuple[Turn, ...]


class Engine:
    """Answers questions and says what happens; one provider, one database, one directory."""

    def __init__(
        self,
        settings: Settings,
        provider: Provider,
        database: Database,
        directory: str,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.settings = settings
        self.provider = provider
        self._database = database
        self._conversations = Conversations(database)
        self._models = Models(provider, Facts(database), settings.fast, now)
        self._directory = directory
        self._clock = clock
        self._first_kept: dict[int, int] = {}
        self._behind: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        """Answer a question; closing the generator stops the provider.

        The last event is `TurnFinished` or `TurnFailed`. Who closes it early says `TurnCancelled` to its
        own people: a generator that is being closed cannot.
        """
        try:
            ready = await self._models.ready(question.model)
            asked = self._gather(question)
            attempt = self._attempt(asked, ready, question.fit)
        except HouseError as error:
            async for event in self._fail_unsent(question, error):
                yield event
            return
        answer = AnswerStream(
            self.provider,
            self._conversations,
            lambda: self._store(asked, attempt.request),
            lambda error: self._another(asked, error),
            self._clock,
        )
        async with aclosing(answer.events(attempt)) as events:
            async for event in events:
                yield event
        if answer.ended is not None:
            self._start_behind(self._models.check_behind(ready, answer.ended))

    async def look(self) -> Outlook:
        """What the server is like, and what is missing if something is; never raises a provider's error."""
        return await self._models.outlook()

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every model there is.

        Raises:
            ProviderError: The server does not answer.
        """
        return await self._models.installed()

    def place_of(self, model: ModelInfo) -> str:
        """Where a model runs: ``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``."""
        return self.provider.place(cloud_host(model))

    async def use(self, model: str) -> Ready:
        """Answer with this model from now on; kept in the store."""
        return await self._models.use(model)

    def model_in_use(self) -> Ready | None:
        """What the next question would go to, when that is known without asking."""
        return self._models.in_use()

    def widen(self, window: int) -> Ready | None:
        """Take another window for the model in use; None when no model is decided yet."""
        return self._models.widen(window)

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Fetch a model; closing the generator pauses it.

        Raises:
            ProviderError: It could not be fetched, or not whole.
        """
        async with aclosing(self.provider.pull(model)) as steps:
            async for step in steps:
                yield step

    def latest(self) -> Conversation | None:
        """The last conversation of this directory, without its turns."""
        return self._conversations.latest(self._directory)

    def turns(self, conversation: int, last: int | None = None) -> tuple[Turn, ...]:
        """A conversation's turns, oldest first."""
        return self._conversations.turns(conversation, last)

    def questions(self, limit: int) -> tuple[str, ...]:
        """What was asked before, newest first, each once."""
        return self._conversations.questions(limit)

    async def aclose(self) -> None:
        """Finish what runs behind, within its bound; give back connections; write what is left to write."""
        if self._behind:
            _, late = await asyncio.wait(self._behind, timeout=BEHIND_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.provider.aclose()
        self._database.close()

    def _gather(self, question: Question) -> Asked:
        """Read back what a prompt is made of."""
        if question.again is not None:
            turn = self._conversations.turn(question.again)
            earlier = [t for t in self._history(turn.conversation) if t.id < turn.id]
            return Asked(question, turn.question, turn.attachments, tuple(earlier))
        turns = () if question.conversation is None else self._history(question.conversation)
        return Asked(question, question.text, question.attachments, turns)

    def _history(self, conversation: int) -> tuple[Turn, ...]:
        first_kept = self._first_kept.get(conversation, 0)
        return tuple(t for t in self._conversations.turns(conversation, HISTORY_TURNS) if t.id >= first_kept)

    def _attempt(self, asked: Asked, ready: Ready, may_drop: bool) -> Attempt:
        """The request that goes out, and what is said of it first.

        Raises:
            ContextFull: It does not fit, and dropping turns is not allowed or does not help.
        """
        question, profile = asked.question, ready.profile
        system = self.settings.fast.system if question.system is None else question.system
        fitted = fit(
            system, asked.turns, asked.text, asked.attachments, profile.num_ctx, profile.largest, may_drop
        )
        request = Request(
            ready.model,
            fitted.messages,
            profile,
            fitted.num_predict,
            ready.think,
            self.settings.fast.keep_alive,
            ready.usual_load_ms,
        )
        notes = [ready.note, self._drop(asked, fitted)]
        return Attempt(request, ready.remote_host, " · ".join(note for note in notes if note))

    def _drop(self, asked: Asked, fitted: Fitted) -> str:
        """Turns that were dropped stay dropped, so that the prompt's beginning stays the same."""
        if not fitted.dropped:
            return ""
        if fitted.dropped < len(asked.turns):
            kept = asked.turns[fitted.dropped]
            self._first_kept[kept.conversation] = kept.id
        else:
            self._first_kept[asked.turns[-1].conversation] = asked.turns[-1].id + 1
        turns = "turn is" if fitted.dropped == 1 else f"{fitted.dropped} turns are"
        return f"the oldest {turns} no longer sent to the model"

    async def _another(self, asked: Asked, error: ProviderError) -> Attempt | None:
        """What else can be tried when nothing came: another choice of ours, or fewer turns where allowed."""
        if isinstance(error, ModelMissing) and asked.question.model is None:
            gone = self._models.in_use()
            if gone is not None and gone.is_pinned_auto:
                return self._attempt(asked, await self._models.choose_again(), asked.question.fit)
        if isinstance(error, PromptTooLong) and asked.question.fit and asked.turns:
            asked.turns = asked.turns[1:]
            return self._attempt(asked, await self._models.ready(asked.question.model), may_drop=True)
        return None

    def _store(self, asked: Asked, request: Request) -> "Future[Started]":
        """Hand question and open answer to the writer."""
        options = {"num_ctx": request.profile.num_ctx}
        answer = NewAnswer(Route.FAST, request.model, self.provider.name, self.provider.place(), options)
        question = asked.question
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer)
        return self._ask(question, answer)

    def _ask(self, question: Question, answer: NewAnswer) -> "Future[Started]":
        return self._conversations.ask(
            question.text, question.attachments, question.conversation, self._directory, answer
        )

    async def _fail_unsent(self, question: Question, error: HouseError) -> AsyncGenerator[TurnEvent, None]:
        """A new question that could not even be sent is kept all the same, so that it can be asked again."""
        started = Started(0, question.again or 0, 0)
        if question.again is None and not isinstance(error, NotStored | StoreUnavailable):
            unsent = NewAnswer(
                Route.FAST, question.model or "", self.provider.name, self.provider.place(), "{}"
            )
            try:
                started = await asyncio.wrap_future(self._ask(question, unsent))
                ending = Ending(AnswerState.FAILED, "", reason=error.kind, error=error.message)
                await asyncio.wrap_future(self._conversations.end(started.answer, ending, make_current=False))
                yield TurnStarted(started.conversation, started.turn, started.answer)
            except StoreUnavailable as unsaved:
                yield Noted(f"not saved: {unsaved.message}. {unsaved.remedy}")
        yield TurnFailed(
            error.kind, error.message, error.remedy, False, started.turn or None, started.answer or None
        )

    def _start_behind(self, work: Coroutine[None, None, None]) -> None:
        """Run something that nobody waits for; a server that does not answer is no news there."""

        async def run() -> None:
            with suppress(ProviderError):
                await work

        task = asyncio.ensure_future(run())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

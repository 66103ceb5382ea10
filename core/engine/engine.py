"""The face of core: ask, look, choose, fetch, remember; screen and one-shot command are its guests."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from core.context.budget import Fitted, answer_room, fit
from core.engine.following import Enclosed, Following
from core.engine.models import Models, Ready
from core.engine.outlook import Outlook
from core.engine.turn import AnswerStream, Attempt
from core.errors import ContextFull, HouseError, ModelMissing, PromptTooLong, ProviderError, StoreUnavailable
from core.events import Noted, TurnEvent, TurnFailed, TurnStarted
from core.messages import AnswerState, Attachment, Conversation, Question, Route, Turn
from core.providers.base import ModelInfo, Profile, Provider, PullProgress, Request
from core.providers.choice import cloud_host
from core.settings.model import Settings
from core.store.conversations import Conversations, Ending, NewAnswer, NotStored, Started
from core.store.database import Database
from core.store.facts import Facts

T = TypeVar("T")

BEHIND_S = 0.5


@dataclass(slots=True)
class Asked:
    """A question with everything that shapes its prompt.

    Attributes:
        enclosed: what goes along with it.
        attachments: what of it is sent; more as turns are dropped that had some.
        turns: the earlier ones that have an answer; fewer as turns are dropped.
        dropped: how many of them are no longer sent because of this question.
        has_whole: the turn has a whole answer already.
        is_second_choice: its model was chosen because the one before is gone.
    """

    question: Question
    ready: Ready
    text: str
    enclosed: Enclosed
    attachments: tuple[Attachment, ...]
    turns: tuple[Turn, ...]
    dropped: int = 0
    has_whole: bool = False
    is_second_choice: bool = False


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
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.provider = provider
        self._database = database
        self._conversations = Conversations(database)
        self._models = Models(provider, Facts(database), settings.fast, now)
        self._directory = directory
        self._environ = environ or {}
        self._following = Following(self._conversations, self._read_again)
        self._clock = clock
        self._first_kept: dict[int, int] = {}
        self._behind: set[asyncio.Task[object]] = set()

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        """Answer a question; closing the generator stops the provider.

        The last event is `TurnFinished` or `TurnFailed`. Who closes it early says `TurnCancelled` to its
        own people: a generator that is being closed cannot.
        """
        asked: Asked | None = None
        try:
            asked = await self._gather(question, await self._models.ready(question.model))
            attempt = self._attempt(asked)
        except HouseError as error:
            events = await self._fail_unsent(question, error)
            if asked is not None and asked.ready.note:
                yield Noted(asked.ready.note)
            for event in events:
                yield event
            return
        except BaseException:
            if question.again is None:  # stopped while the server was looked at: what was asked is kept
                self._start_behind(
                    self._keep_unsent(question, Ending(AnswerState.CANCELLED, "", reason="cancelled"))
                )
            raise
        answer = AnswerStream(
            self.provider,
            self._conversations,
            lambda: self._store(asked),
            lambda error: self._another(asked, error),
            self._clock,
            asked.has_whole,
        )
        async with aclosing(answer.events(attempt)) as happening:
            async for event in happening:
                yield event
        if answer.ended is not None:
            self._start_behind(self._models.check_behind(asked.ready, answer.ended))

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

    def turns(
        self, conversation: int, last: int | None = None, before: int | None = None
    ) -> tuple[Turn, ...]:
        """A conversation's turns, oldest first; at most so many, the newest that came before a turn."""
        return self._conversations.turns(conversation, last, before)

    def turn_ids(self, conversation: int) -> tuple[int, ...]:
        """The ids of a conversation's turns, oldest first."""
        return self._conversations.turn_ids(conversation)

    def followed(self, conversation: int) -> tuple[Attachment, ...]:
        """What a conversation was sent and is read again at each question."""
        return self._conversations.followed(conversation)

    def release(self, conversation: int, origin: str) -> "Future[None]":
        """Read an origin no more for this conversation."""
        return self._conversations.release(conversation, origin)

    def questions(self, limit: int) -> tuple[str, ...]:
        """What was asked before, newest first, each once."""
        return self._conversations.questions(limit)

    async def aclose(self) -> None:
        """Finish what runs behind, within its bound; give back connections; write what is left to write."""
        try:
            if self._behind:
                _, late = await asyncio.wait(self._behind, timeout=BEHIND_S)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
            await self.provider.aclose()
        finally:
            # In a thread: a database that another program has locked takes its time, and a screen lives on.
            await asyncio.to_thread(self._database.close)

    async def _gather(self, question: Question, ready: Ready) -> Asked:
        """Read back what a prompt is made of.

        Raises:
            NotStored: The turn to be answered again is not there.
            StoreUnavailable: The conversation cannot be read.
        """
        if question.again is None:
            turns = () if question.conversation is None else self._history(question.conversation)
            enclosed = await self._following.enclose(question, turns)
            return Asked(question, ready, question.text, enclosed, enclosed.to_send(turns), turns)
        turn = self._conversations.turn(question.again)
        earlier = tuple(t for t in self._history(turn.conversation) if t.id < turn.id)
        has_whole = turn.current is not None and turn.current.state is AnswerState.COMPLETE
        same = Enclosed((), turn.attachments)
        return Asked(question, ready, turn.question, same, turn.attachments, earlier, has_whole=has_whole)

    def _history(self, conversation: int) -> tuple[Turn, ...]:
        last = None
        if first_kept := self._first_kept.get(conversation):
            last = sum(turn >= first_kept for turn in self._conversations.turn_ids(conversation))
        turns = self._conversations.turns(conversation, last)
        return tuple(t for t in turns if t.current is not None and t.current.text)

    def _attempt(self, asked: Asked, drop: int = 0) -> Attempt:
        """The request that goes out, and what is said of it.

        Args:
            drop: turns that must go, whatever the estimate says.

        Raises:
            ContextFull: It does not fit, and dropping turns is not allowed or does not help.
        """
        ready, profile = asked.ready, asked.ready.profile
        fitted, dropped = self._fit(asked, drop)
        request = Request(
            ready.model,
            fitted.messages,
            profile,
            fitted.num_predict,
            ready.think,
            self.settings.fast.keep_alive,
            ready.usual_load_ms,
        )
        notes = [ready.note, asked.enclosed.note, self._drop(asked, dropped)]
        asked.ready = replace(ready, note="")
        asked.enclosed = replace(asked.enclosed, note="")
        return Attempt(request, ready.remote_host, " · ".join(note for note in notes if note))

    def _fit(self, asked: Asked, drop: int) -> tuple[Fitted, int]:
        """The prompt, and how many turns it is without; what only those had is sent along anew."""
        while True:
            fitted = fit(
                self.settings.fast.system if asked.question.system is None else asked.question.system,
                asked.turns[drop:],
                asked.text,
                asked.attachments,
                asked.ready.profile.num_ctx,
                asked.ready.profile.largest,
                asked.question.fit,
            )
            drop += fitted.dropped
            sent, asked.attachments = asked.attachments, asked.enclosed.to_send(asked.turns[drop:])
            if asked.attachments == sent:
                return fitted, drop

    def _drop(self, asked: Asked, count: int) -> str:
        """Turns that were dropped stay dropped, so that the prompt's beginning stays the same."""
        if not count:
            return ""
        gone, asked.turns = asked.turns[:count], asked.turns[count:]
        asked.dropped += count
        self._first_kept[gone[-1].conversation] = gone[-1].id + 1
        turns = "turn is" if asked.dropped == 1 else f"{asked.dropped} turns are"
        return f"the oldest {turns} no longer sent to the model"

    async def _another(self, asked: Asked, error: ProviderError) -> Attempt | None:
        """What else can be tried when nothing came: another choice of ours, or fewer turns where allowed.

        Raises:
            ContextFull: The server counts more tokens than fit, as our own estimate might have found.
            HouseError: There is no other choice.
        """
        ready = asked.ready
        if isinstance(error, ModelMissing) and ready.is_pinned_auto and not asked.is_second_choice:
            asked.is_second_choice = True
            asked.ready = await self._models.choose_again(ready.model)
            return self._attempt(asked)
        if isinstance(error, PromptTooLong):
            if asked.question.fit and asked.turns:
                # Some at once: each try costs the server a look at the whole prompt.
                return self._attempt(asked, drop=max(1, len(asked.turns) // 4))
            raise _too_long(ready.profile, len(asked.turns))
        return None

    def _store(self, asked: Asked) -> "Future[Started]":
        """Hand question and open answer to the writer."""
        question, ready = asked.question, asked.ready
        options = {"num_ctx": ready.profile.num_ctx}
        place = self.provider.place(ready.remote_host)
        answer = NewAnswer(Route.FAST, ready.model, self.provider.name, place, options)
        if question.again is not None:
            return self._conversations.ask_again(question.again, answer)
        return self._ask(replace(question, attachments=asked.attachments), answer)

    def _ask(self, question: Question, answer: NewAnswer) -> "Future[Started]":
        return self._conversations.ask(
            question.text, question.attachments, question.conversation, self._directory, answer
        )

    async def _read_again(self, attachment: Attachment) -> Attachment:
        from core.context.sources.sources import Sources  # only for who ever sent a source

        return await Sources(Path(self._directory), self._environ).read_again(attachment)

    async def _fail_unsent(self, question: Question, error: HouseError) -> list[TurnEvent]:
        """A new question that could not even be sent is kept all the same, so that it can be asked again."""
        failed = TurnFailed(error.kind, error.message, error.remedy, False, question.again)
        if question.again is not None or isinstance(error, NotStored | StoreUnavailable):
            return [failed]
        ending = Ending(AnswerState.FAILED, "", reason=error.kind, error=error.message)
        try:
            started = await asyncio.shield(self._start_behind(self._keep_unsent(question, ending)))
        except HouseError as unsaved:
            return [Noted(f"not saved: {unsaved.message}. {unsaved.remedy}"), failed]
        return [
            TurnStarted(started.conversation, started.turn, started.answer),
            TurnFailed(error.kind, error.message, error.remedy, False, started.turn, started.answer),
        ]

    async def _keep_unsent(self, question: Question, ending: Ending) -> Started:
        """Write a question down that no request was made of, with how it ended."""
        unsent = NewAnswer(Route.FAST, question.model or "", self.provider.name, self.provider.place())
        started = await asyncio.wrap_future(self._ask(question, unsent))
        await asyncio.wrap_future(self._conversations.end(started.answer, ending, make_current=False))
        return started

    def _start_behind(self, work: Coroutine[None, None, T]) -> "asyncio.Task[T]":
        """Run something that goes on when nobody waits for it; `aclose` gives it a moment to end."""
        task = asyncio.ensure_future(work)
        self._behind.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: "asyncio.Task[object]") -> None:
        """A server or a store that refuses is no news behind an answer; anything else is a bug."""
        self._behind.discard(task)
        if not task.cancelled():
            with suppress(HouseError):
                task.result()


def _too_long(profile: Profile, turns: int) -> ContextFull:
    """What the server's refusal says: the prompt alone is larger than the window."""
    window = profile.num_ctx
    return ContextFull(window + answer_room(window), window, profile.largest, min(turns, 1))

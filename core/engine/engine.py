"""The face of core: ask, look, choose, fetch, remember; screen and one-shot command are its guests."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING

from core.cache.entries import Entries
from core.cache.found import Found, Wanted
from core.context.project import find_project
from core.engine.ahead import Ahead, MadeAhead
from core.engine.archive import Archive
from core.engine.asked import Asked, Preparing
from core.engine.behind import Behind
from core.engine.following import Following, reading_in
from core.engine.instructing import Instructing
from core.engine.keeping import Keeping
from core.engine.likely import Likely
from core.engine.measurements import Measurements
from core.engine.models import Models, Ready
from core.engine.outlook import Outlook
from core.engine.quiet import Quiet
from core.engine.recall import Recall
from core.engine.stored import finished, told
from core.engine.turn import AnswerStream, Attempt
from core.engine.wanted import wanted_for
from core.errors import HouseError, ProviderError
from core.events import Noted, Routed, TextDelta, TurnEvent, TurnFinished, TurnStarted, Waiting, WaitReason
from core.lanes import Lanes
from core.messages import Conversation, Door, Question, Turn
from core.providers.base import ModelInfo, Provider, PullProgress
from core.providers.choice import cloud_host
from core.settings.model import Settings
from core.store.conversations import Conversations, Started
from core.store.database import Database
from core.store.facts import Facts
from core.store.measured import MeasuredStore
from core.store.tuned import TunedStore

if TYPE_CHECKING:
    from core.engine.deepening import Deepening
    from core.engine.instead import Instead
    from core.engine.judging import Judging
    from core.engine.stepping import Stepping
    from core.speculation.speculator import Speculator
    from core.tuning.tuner import Tuner


class Engine:
    """Answers questions and says what happens; one provider, one database, one project."""

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
        cost_s = settings.metrics.failure_cost_s
        self._measurements = Measurements(TunedStore(database), provider.address, cost_s)
        self._models = Models(provider, Facts(database), settings.fast, now, self._measurements)
        self.recall = Recall(Entries(database), self._conversations, settings.cache, now)
        self.lanes = Lanes()
        self._now = now
        self.project = find_project(directory)
        cost_s = settings.metrics.failure_cost_s
        self.archive = Archive(self._conversations, database, lambda one: self._ahead.changed(one), cost_s)
        self._instructing = Instructing(self._conversations, self.project, settings.context.instructions)
        following = Following(self._conversations, reading_in(directory, environ or {}))
        self._preparing = Preparing(
            self._conversations, self._models, following, self._instructing, settings.fast
        )
        self._behind = Behind()
        self._keeping = Keeping(self._conversations, provider, self.project.root, self._behind, now)
        self._ahead = Ahead(self._open_ahead)
        self._likely = Likely(provider, database, settings)
        self._quiet = Quiet((self.recall.tend, self._likely.tend))
        self._environ = environ or {}
        self._clock = clock

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        """Answer a question; closing the generator stops the provider.

        The last event is `TurnFinished` or `TurnFailed`. Who closes it early says `TurnCancelled` to its
        own people: a generator that is being closed cannot.
        """
        self._quiet.end()
        answering = self._answer(question)
        if question.door is Door.SCREEN:
            answering = self.judging.watching(question, answering)
        try:
            async with aclosing(answering) as events:
                async for event in events:
                    yield event
        finally:
            self._quiet.begin()

    async def _answer(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        """The answer that is there, or the one that is made now."""
        asked: Asked | None = None
        begun = self._clock()
        try:
            asked = await self._preparing.gather(question, await self._models.ready(question.model))
            wanted = self._wanted(asked)
            found = self._look_up(asked, wanted)
            if found is not None and found.is_served:
                happening = self._serve(asked, found, begun)
            else:
                happening = self._make(asked, self._preparing.attempt(asked), wanted, found)
        except HouseError as error:
            self._ahead.passed(is_lost=isinstance(error, ProviderError))
            events = await self._keeping.failed(question, error)
            if asked is not None and asked.ready.note:
                yield Noted(asked.ready.note)
            for event in events:
                yield event
            return
        except BaseException:
            self._keeping.stopped(question)
            self._ahead.passed()
            raise
        # From here on the question is kept by who answers it.
        async with aclosing(happening) as answered:
            async for event in answered:
                yield event

    async def _make(
        self, asked: Asked, attempt: Attempt, wanted: Wanted, found: Found | None
    ) -> AsyncGenerator[TurnEvent, None]:
        """An answer by the model, with what may be offered above it; a whole one may serve again."""
        answer = AnswerStream(
            self.provider,
            self._conversations,
            lambda: self._keeping.begin(asked, attempt.adopted),
            lambda error: self._preparing.another(asked, error),
            self._clock,
            asked.text,
            asked.has_whole,
        )
        beside = self._likely.look(asked.question, wanted, found)
        attempt = self._ahead.adopted(attempt)
        try:
            # Only who uses the model goes before what runs in the background; a stored answer takes no turn.
            with self.lanes.foreground():
                async with aclosing(answer.events(attempt)) as events:
                    async for event in events:
                        if not isinstance(event, Routed) and (offered := beside.take()):
                            yield self.recall.offer(offered, wanted)
                        if isinstance(event, TextDelta):
                            beside.close()
                        if isinstance(event, Waiting) and event.reason is WaitReason.QUEUE:
                            self._ahead.queued()
                        yield event
                        if isinstance(event, TurnFinished) and event.reason == "stop":
                            # As it went out in the end: by another model, perhaps, or after fewer turns.
                            self.recall.keep(self._wanted(asked), event.answer)
        finally:
            beside.close()
            if answer.finished is not None:
                # Before anything is made ahead for the next question, which counts its tokens by it.
                self._models.learn(asked.ready, asked.messages, answer.finished)
                self._behind.start(self._models.check_behind(asked.ready.model))
            self._ahead.answered(asked, answer)

    def _wanted(self, asked: Asked) -> Wanted:
        """The question as the answer cache knows it."""
        question = asked.question
        return wanted_for(
            asked.text,
            asked.attachments,
            asked.past.digest,
            self._preparing.system_of(question),
            asked.instructed.sha256,
            self.provider.address,
            asked.ready,
            is_first_turn=question.conversation is None and (question.again is None or not asked.turns),
            conversation=question.conversation,
            semantic=self.settings.cache.semantic,
        )

    def _look_up(self, asked: Asked, wanted: Wanted) -> Found | None:
        """What the cache has; nothing for who asks afresh, and that may be a word against what it gave."""
        if asked.question.use_cache:
            return self.recall.look_up(wanted)
        self.recall.object(asked.text, asked.before)
        return None

    async def _serve(self, asked: Asked, found: Found, begun: float) -> AsyncGenerator[TurnEvent, None]:
        """A stored answer as a turn; its text is shown while the turn is being written down."""
        self._behind.start(self._models.check_behind(asked.ready.model))
        took_ms = (self._clock() - begun) * 1000
        started: Started | None = None
        try:
            try:
                for event in told(found, self._now()):
                    yield event
            finally:  # who stops it at its first word has been answered all the same
                storing = self._keeping.served(asked, found, took_ms)
                self.recall.serve(found)
            try:
                started = await asyncio.shield(asyncio.wrap_future(storing))
            except HouseError as error:
                yield Noted(f"not saved: {error.message}. {error.remedy}")
            else:
                yield TurnStarted(started.conversation, started.turn, started.answer)
            yield finished(started, took_ms)
        finally:
            self._ahead.served(asked, started, found.text)

    @cached_property
    def deep(self) -> "Deepening":
        """Depth, when asked; loaded with its first use."""
        from core.engine.build_deep import House, open_depth

        asked = self.settings, self._environ, self.provider, self._models, self.lanes, self._preparing
        kept = self._conversations, self._database, self._instructing, self.recall, self._wanted
        place = self.project, self._now, self._clock, self._ahead.changed
        return open_depth(House(*asked, *kept, *place))

    @property
    def speculation(self) -> "Speculator":
        """What is done ahead; who never asks for it (a command) never has it."""
        return self._ahead.speculator

    @cached_property
    def tuner(self) -> "Tuner":
        """What measures models on this machine; loaded with its first use."""
        from core.engine.build_tuning import open_tuner

        return open_tuner(self.settings, self.provider, self._database, self.lanes, self._clock)

    @cached_property
    def judging(self) -> "Judging":
        """What sees how answers served; loaded with the first question that is asked on a screen."""
        from core.engine.judging import Judging

        return Judging(self._database, self._conversations, self._behind, self._now)

    def _open_ahead(self) -> MadeAhead:
        from core.engine.build_speculation import open_speculation

        has = self.settings, self.provider, self._models, self.lanes, self._preparing, self.recall
        return open_speculation(*has, self._database, self._wanted, self._clock, self._now)

    async def has_deep(self, question: Question, depth: int, model: str = "") -> bool:
        """Whether `ask` would serve a stored answer to this very question that was thought so deep."""
        asked = await self._preparing.known(question, self._models.in_use())
        return asked is not None and self.recall.has_deep(self._wanted(asked), depth, model)

    async def keep_maybe(self, turn: int, entry: int) -> None:
        """Make a stored answer that was offered the current one of its turn; raises `HouseError`."""
        await self.recall.keep_maybe(turn, entry)
        self._ahead.changed(self._conversations.turn(turn).conversation)

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

    @cached_property
    def stepping(self) -> "Stepping":
        """Knows a quicker model than the one in use; loaded for who has waited."""
        from core.engine.stepping import Stepping

        return Stepping(self._models, MeasuredStore(self._database), self._measurements)

    def instead(self, waited_ms: float, usual_ms: float | None) -> "Instead":
        """What can be done instead of waiting on for a first token; milliseconds."""
        from core.engine.instead import Instead, deep_if_sooner
        from core.store.deep_ledger import DeepLedger

        usual_s = None if usual_ms is None else usual_ms / 1000
        deep, busy, ledger = self.settings.deep, self.provider.address, DeepLedger(self._database)
        deep_s = deep_if_sooner(deep, busy, ledger, waited_ms / 1000, usual_s)
        return Instead(self.stepping.smaller(), deep_s)

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
        """The last conversation of this project, without its turns."""
        found = (self._conversations.latest(place) for place in self.project.places)
        return next((conversation for conversation in found if conversation is not None), None)

    def turns(
        self, conversation: int, last: int | None = None, before: int | None = None
    ) -> tuple[Turn, ...]:
        """A conversation's turns, oldest first; at most so many, the newest that came before a turn."""
        return self._conversations.turns(conversation, last, before)

    def turn_ids(self, conversation: int) -> tuple[int, ...]:
        """The ids of a conversation's turns, oldest first."""
        return self._conversations.turn_ids(conversation)

    def questions(self, limit: int) -> tuple[str, ...]:
        """What was asked before, newest first, each once."""
        return self._conversations.questions(limit)

    async def aclose(self) -> None:
        """Finish what runs behind, within its bound; give back connections; write what is left to write."""
        self._quiet.end()
        try:
            await self._ahead.aclose()
            if "deep" in self.__dict__:  # asked for, or there would be nothing to close
                await self.deep.aclose()
            await self._behind.aclose()
            await self.provider.aclose()
        finally:
            # In a thread: a database that another program has locked takes its time, and a screen lives on.
            await asyncio.to_thread(self._database.close)

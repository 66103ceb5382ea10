"""Speculation's face: told what the person does and what the engine did, it decides what is made ahead.

It is used on one event loop. Whatever it does costs the person nothing: it starts only what nobody waits for,
and makes way before a request of theirs goes out.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress

from core.errors import HouseError
from core.lanes import Lanes
from core.messages import Question
from core.providers.base import Ended, ModelInfo, Provider, Request
from core.settings.model import SpeculationSettings
from core.speculation.accounts import Accounts
from core.speculation.background import Background, Job, Purpose
from core.speculation.chip import Chip, Offer
from core.speculation.delays import Delays
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.modesty import Judgement, Modesty
from core.speculation.ports import Adopted, Answered, Drafts
from core.speculation.reading import Reading
from core.speculation.speeds import Speeds
from core.speculation.suggesting import Suggesting
from core.speculation.surroundings import Surroundings
from core.speculation.typing_ahead import TypingAhead
from core.speculation.warming import Warming
from core.store.speculation import SpeculationStore

NOTHING_AFTER_S = 600.0
"""So long after the person last did something, nothing goes on by itself."""
MODEL_KNOWN_S = 1.0
"""Between two questions after the model, while it is still being chosen at the start."""


class Speculator:
    """Warm before Enter, ready before the question.

    Args:
        drafts: what a question would be sent as.
        clock: a clock in seconds, for pauses and delays.
        now: Unix time in seconds, for what is stored.
        most: never more than this.
    """

    def __init__(
        self,
        provider: Provider,
        lanes: Lanes,
        drafts: Drafts,
        store: SpeculationStore,
        modesty: Modesty,
        settings: SpeculationSettings,
        clock: Callable[[], float],
        now: Callable[[], float],
        most: Level = Level.ALL,
    ) -> None:
        self._lanes = lanes
        self._drafts = drafts
        self._modesty = modesty
        self._clock = clock
        speeds, held = Speeds(), Held()
        address = provider.address

        def keep(model: str, ms: float, was_prefilling: bool) -> None:
            store.delayed(address, model, ms, was_prefilling=was_prefilling)

        delays = Delays(lambda model: store.delays(address, model), keep)
        self._surroundings = Surroundings(
            provider, modesty, self._found, delays.cap, most, clock, lambda: speeds.is_slow
        )
        self._accounts = Accounts(store, modesty, speeds, held, delays, self._surroundings.is_remote, clock)
        judge = self._surroundings.level
        self._background = Background(lanes, delays, self._over, clock, speeds)
        reading = Reading(provider, self._background, held, speeds, self._surroundings.family)
        self._warming = Warming(provider, self._background, reading, drafts, held, judge)
        self._typing = TypingAhead(provider, self._background, reading, drafts, speeds, held, judge, clock)
        self._suggesting = Suggesting(
            provider, self._background, drafts, store, settings, speeds, held, judge, clock, now
        )
        self._work: asyncio.Task[None] | None = None
        self._waits_for_focus: Callable[[], Coroutine[None, None, None]] | None = None
        self._has_focus = True
        self._is_closed = False
        self._conversation: int | None = None

    # The person

    def begin(self, conversation: int | None) -> None:
        """The screen is up, or another conversation is shown: load the model, read what comes first."""
        self._conversation = conversation
        self._do(lambda: self._begin(conversation))

    def typed(self, question: Question) -> None:
        """The text in the prompt has changed: this is what Enter would ask now.

        A text that Enter would not ask as it stands (a command, one with sources still to be read) is told as
        an empty one: it closes what the first key closes, and nothing of it is read ahead.
        """
        if self._is_closed:
            return
        if question.text and self._suggesting.keeps(question.text):
            self._typing.end()
            return
        self._accounts.wake()
        job = self._background.job
        if self._work is not None:
            self._stop()
            self._suggesting.end()
        if job is not None and job is self._background.job and job.purpose.is_offered:
            self._background.close()
        self._typing.typed(question)

    def focused(self, has_focus: bool) -> None:
        """The terminal has the focus, or has lost it."""
        self._modesty.focused(has_focus)
        self._has_focus = has_focus
        if has_focus:
            work, self._waits_for_focus = self._waits_for_focus, None
            if work is not None:
                self._do(work)
            return
        if self._work is not None:
            self._stop()
        self._typing.end()
        self._close_unless_loading()

    def took(self, chip: Chip) -> None:
        """A chip was chosen, and its question is asked next."""
        self._suggesting.took(chip)

    def watch(self) -> AsyncGenerator[Offer, None]:
        """What is on offer, each time it changes."""
        return self._suggesting.watch()

    def judgement(self) -> Judgement:
        """How much is done ahead now, and why not more."""
        return self._surroundings.judgement()

    # The engine

    def adopt(self, request: Request) -> Adopted | None:
        """The person's request goes out next: take over what was made ahead for it, else make way.

        Called before `Lanes.foreground`, and answers at once.
        """
        job = self._background.job
        begun_at = self._clock() if job is None else job.begun_at
        adopted = self._suggesting.adopt(request)
        if adopted is not None:
            self._typing.end()
            self._accounts.adopted(Purpose.HEAD if job is None else job.purpose, self._clock() - begun_at)
        else:
            adopted = self._typing.adopt(request)
            if adopted is not None:
                self._accounts.adopted(Purpose.SUBMIT, self._clock() - begun_at)
            else:
                self._accounts.asked(request, self._background, is_alone=not self._lanes.is_taken)
        self._stop()
        self._suggesting.end()
        return adopted

    def answered(self, answered: Answered, ended: Ended | None) -> None:
        """An answer has ended well; `ended` is None for a stored one."""
        self._conversation = answered.conversation
        self._typing.end()
        if answered.request is not None:
            self._accounts.answered(answered.request, answered.text, ended)
        self._do(lambda: self._after(answered))

    def passed(self, *, is_lost: bool = False) -> None:
        """A question failed, or was stopped: nothing is offered under it.

        Args:
            is_lost: it failed, so that the model may be gone, and what it held. Without need that is not
                thought: to read the conversation from its beginning makes the server let go of the rest.
        """
        self._typing.end()
        self._suggesting.end()
        self._suggesting.ignored()
        self._accounts.passed(is_lost=is_lost)
        conversation = self._conversation
        self._do(lambda: self._begin(conversation))

    def queued(self) -> None:
        """The person's request waits for what neither loading nor reading its prompt explains."""
        self._accounts.queued()

    async def aclose(self) -> None:
        """Close everything; before the provider and the database are. What is told later begins nothing."""
        self._is_closed = True
        self._stop()
        self._typing.end()
        self._suggesting.end()
        await self._background.aclose()
        await self._surroundings.aclose()

    # What goes on by itself

    def _do(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin something that ends with the next key, or after a while; later, where nobody looks now."""
        self._stop()
        if self._is_closed:
            return
        if not self._has_focus:
            self._waits_for_focus = work
            return
        self._work = asyncio.create_task(self._bounded(work))

    def _stop(self) -> None:
        """End what goes on by itself; a request that only reads, or loads, goes on to its end."""
        self._waits_for_focus = None
        if self._work is not None:
            self._work.cancel()
            self._work = None

    async def _bounded(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            async with asyncio.timeout(NOTHING_AFTER_S):
                with suppress(HouseError):
                    await work()
        except TimeoutError:
            self._close_unless_loading()

    async def _begin(self, conversation: int | None) -> None:
        """Load the model as soon as it is known which, and read what stands before the question."""
        request = await self._drafts.request(Question("", conversation=conversation))
        while request is None:
            await asyncio.sleep(MODEL_KNOWN_S)
            request = await self._drafts.request(Question("", conversation=conversation))
        await self._surroundings.know(request.model)
        await self._warming.preload(conversation)

    async def _after(self, answered: Answered) -> None:
        """Offer follow-ups, read what the next prompt begins with, answer ahead; in this order."""
        if answered.request is not None:
            await self._surroundings.know(answered.request.model)

        async def warm() -> None:
            await self._warming.after(answered)

        await self._suggesting.after(answered, warm)
        await warm()

    def _close_unless_loading(self) -> None:
        """A load whose requester leaves is begun anew by the next one, so that is left alone."""
        job = self._background.job
        if job is not None and job.purpose is not Purpose.PRELOAD:
            self._background.close()

    def _over(self, job: Job, is_adopted: bool) -> None:
        """A speculative request is over."""
        self._accounts.over(job, is_adopted)
        if job.purpose is Purpose.PRELOAD and job.ended is not None and job.ended.load_ms:
            self._surroundings.look_again()  # now it is known where in memory it lies

    def _found(self, model: ModelInfo) -> None:
        self._suggesting.known(model.name, model.digest)
        self._accounts.found(model)

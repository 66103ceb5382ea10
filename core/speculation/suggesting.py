"""Follow-up questions under an answer: found by rules, then by the model, then answered ahead."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from core.errors import HouseError
from core.messages import Question, Role, Route
from core.providers.base import Ended, Provider, Request
from core.settings.model import SpeculationSettings
from core.speculation.ahead import Ahead
from core.speculation.asking import Strings, asking
from core.speculation.background import Background, Job, Purpose
from core.speculation.chip import Chip, Offer
from core.speculation.closing import Closing
from core.speculation.continuing import at_once, with_head
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED
from core.speculation.odds import Odds
from core.speculation.offering import Offering
from core.speculation.ports import Adopted, Answered, Drafts
from core.speculation.prefetch import Prefetch
from core.speculation.prepared import Prepared, Shelf, texts_of
from core.speculation.rules import rule_chips
from core.speculation.sifting import offerable
from core.speculation.speeds import Speeds
from core.store.speculation import SpeculationStore

MOST_CHIPS = 3
_ANSWERS = ("yes", "no", "option")
"""Kinds that belong together: one of them alone would put words into the person's mouth."""
_LONGEST_COMPARED = 400


class Suggesting:
    """One answer's chips, from the moment it ended to the first key.

    Args:
        judge: how much may be done ahead with a request's model just now.
        clock: a clock in seconds.
        now: Unix time in seconds, for what is stored.
    """

    def __init__(
        self,
        provider: Provider,
        background: Background,
        drafts: Drafts,
        store: SpeculationStore,
        settings: SpeculationSettings,
        speeds: Speeds,
        held: Held,
        judge: Callable[[Request], Level],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._drafts = drafts
        self._store = store
        self._settings = settings
        self._speeds = speeds
        self._clock = clock
        self._now = now
        self._ahead = Ahead(background, speeds, held, judge)
        self._offering = Offering(store)
        self._shelf = Shelf(store, provider.address, now)
        self._prefetch = Prefetch(
            provider, self._ahead, drafts, self._shelf, self._offering.mark, self._clock
        )
        self._course: asyncio.Future[None] | None = None
        self._has_followed = False
        self._call: Job | None = None
        self._call_tokens = 0

    async def after(self, answered: Answered, warm: Callable[[], Awaitable[None]]) -> None:
        """Offer by rules at once; then, while nothing is typed, ask the model, write heads, extend the best.

        Returns when nothing is left to do, or `end` was called.

        Args:
            warm: reads what the next prompt has before its question; awaited before anything is asked.
        """
        self.ignored()
        self._has_followed = True
        course = asyncio.ensure_future(self._follow(answered, warm))
        self._course = course
        try:
            await asyncio.wait({course})
        finally:
            if self._course is course:
                self._course = None
            if not course.done():
                self._stop()
                course.cancel()
        if not course.cancelled():
            course.result()

    def end(self) -> None:
        """The first key: the chip call and answers ahead end; what is there already stays on offer."""
        self._stop()
        if self._course is not None:
            self._course.cancel()
        self._offering.close()

    def keeps(self, question: str) -> bool:
        """Whether what runs now answers this very text, so that it may go on while it stands there."""
        return self._prefetch.keeps(question)

    def has(self, request: Request) -> bool:
        """Whether `adopt` would give something for this very request."""
        prepared = self._shelf.find(request)
        return prepared is not None and (prepared.job is not None or bool(prepared.text))

    def adopt(self, request: Request) -> Adopted | None:
        """The answer that was made ahead for this very request: whole, running, or its head; else None.

        Whatever the answer, a question goes out now, and nothing more is prepared under the last one.
        """
        prepared = self._shelf.find(request)
        adopted = self._stored(request) if prepared is None else self._adopted(prepared)
        if prepared is not None and adopted is not None:
            self._offering.take(prepared.chip.place, self._saved_s(prepared))
            self._shelf.drop(prepared)
        self.end()
        self.ignored()
        return adopted

    def took(self, chip: Chip) -> None:
        """The person chose it."""
        prepared = next((each for each in self._shelf.all() if each.chip.place == chip.place), None)
        self._offering.take(chip.place, 0.0 if prepared is None else self._saved_s(prepared))

    def ignored(self) -> None:
        """The person asked something else: what was prepared can never be asked for any more."""
        self._stop()
        by_model = {chip.place for chip in self._offering.offer.chips if chip.kind == "model"}
        wasted = self._shelf.clear()
        if not by_model & self._offering.taken:
            wasted[Purpose.CHIPS] = self._call_tokens
        self._call_tokens = 0
        with suppress(HouseError):
            for purpose, tokens in wasted.items():
                if tokens:
                    self._store.count(purpose, wasted=tokens)
        self._offering.pass_by()

    def known(self, model: str, digest: str) -> None:
        """Which model this is exactly; answers outlive the process only by that."""
        self._shelf.known(model, digest)

    def watch(self) -> AsyncGenerator[Offer, None]:
        """Every new state of what is on offer, from now on."""
        return self._offering.watch()

    # What happens after an answer

    async def _follow(self, answered: Answered, warm: Callable[[], Awaitable[None]]) -> None:
        answered_at = self._clock()
        most = min(self._settings.chips, MOST_CHIPS) if self._settings.enabled else 0
        request = await self._request_of(answered) if most > 0 else None
        if request is None or not self._ahead.may(request):
            self._offering.begin(answered.conversation, Offer(answered.turn, (), is_open=False))
            await warm()
            return
        odds, is_hidden = self._learnt()
        chips = _by_rules(answered, odds, most)
        self._offering.begin(answered.conversation, Offer(answered.turn, chips, is_hidden=is_hidden))
        await warm()
        if not is_hidden:
            await self._ask(answered, odds.worth_offering(most) - len(chips))
            self._offering.settle()
            offered = self._offering.offer.chips
            await self._prefetch.run(answered.conversation, offered, odds, self._call_tokens, answered_at)
        self._offering.close()

    async def _request_of(self, answered: Answered) -> Request | None:
        if answered.request is not None:
            return answered.request
        with suppress(HouseError):
            return await self._drafts.request(Question("", conversation=answered.conversation))
        return None

    def _learnt(self) -> tuple[Odds, bool]:
        """What chips are worth to this person, and whether they are hidden by now."""
        is_free = self._provider.place() == "demo"
        try:
            return Odds(self._store.kinds(), is_free), self._store.ignored_in_a_row() >= MOST_IGNORED
        except HouseError:
            return Odds(is_free=is_free), False

    async def _ask(self, answered: Answered, free: int) -> None:
        """Have the model fill the free places, each as soon as its question is written."""
        call = asking(answered, free) if free > 0 else None
        if call is None:
            return
        job = await self._ahead.start(Purpose.CHIPS, lambda: self._provider.stream(call), call)
        if job is None:
            return
        asked = [m.text for m in call.messages if m.role is Role.USER and len(m.text) <= _LONGEST_COMPARED]
        self._call = job
        strings, read, pieces = Strings(), 0, 0
        try:
            while free and not strings.is_over:
                await job.wait_for_text(pieces + 1)
                text, pieces = job.text, texts_of(job)
                for line in strings.feed(text[read:]):
                    shown = self._offering.offer.chips
                    question = offerable(line, [*asked, *(chip.question for chip in shown)])
                    if question and free:
                        free -= 1
                        self._offering.add(Chip(len(shown) + 1, question, "model"))
                read = len(text)
                if job.is_over:
                    break
        finally:
            self._leave_call()

    def _leave_call(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            self._ahead.leave(call)
            ended = call.ended
            self._call_tokens = (ended.output_tokens if ended else 0) or texts_of(call)

    def _stop(self) -> None:
        """Close what runs, at once, and keep of it what is of use."""
        self._leave_call()
        self._prefetch.stop()

    # What was prepared

    def _adopted(self, prepared: Prepared) -> Adopted | None:
        age_s = 0.0 if prepared.first_at is None else max(0.0, self._clock() - prepared.first_at)
        job = prepared.job
        if job is not None and self._ahead.runs(job) and job.error is None and job.ended is None:
            prepared.job = None  # it is the person's: what stops from now on does not close it
            running = self._ahead.adopt(job)
            whole = with_head(prepared.text, prepared.tokens, running)
            return Adopted(Closing(whole, running.aclose), Route.PREFETCH_HIT, "running", age_s)
        self._prefetch.stop()
        if prepared.ended is not None:
            return Adopted(at_once(prepared.text, prepared.ended), Route.PREFETCH_HIT, "full", age_s)
        asked = replace(prepared.request, may_retry=True)  # from here on somebody waits for it
        rest = self._prefetch.continuing.rest(asked, prepared.text, prepared.tokens)
        if rest is None or not prepared.text:
            return None
        stream = with_head(prepared.text, prepared.tokens, rest())
        return Adopted(stream, Route.PREFETCH_HIT, "head", age_s)

    def _stored(self, request: Request) -> Adopted | None:
        """The whole answer that an earlier leadline prepared for this very request."""
        # What this process prepares it knows; only its first question can find what one before it did.
        row = None if self._has_followed else self._shelf.stored(request)
        if row is None:
            return None
        stream = at_once(row.text, Ended("stop", output_tokens=row.tokens))
        return Adopted(stream, Route.PREFETCH_HIT, "full", max(0.0, self._now() - row.created_at))

    def _saved_s(self, prepared: Prepared) -> float:
        """What the person does not have to wait for."""
        return prepared.tokens_so_far / self._speeds.decode_per_s


def _by_rules(answered: Answered, odds: Odds, most: int) -> tuple[Chip, ...]:
    chips = rule_chips(answered.question, answered.text, answered.reason, most)
    together = sum(chip.kind in _ANSWERS for chip in chips)
    return chips[: max(together, odds.worth_offering(most))]

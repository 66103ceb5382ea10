"""Writes the answers to offered questions ahead: first the heads, best first, then the best to its end."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from core.errors import HouseError
from core.events import ThinkingDelta
from core.messages import Question
from core.providers.base import Provider
from core.speculation.ahead import Ahead
from core.speculation.background import Purpose
from core.speculation.chip import Chip, Mark
from core.speculation.continuing import Continuing, behind
from core.speculation.odds import EXTEND_AFTER_S, WHOLE_WITHIN_TOKENS, Odds
from core.speculation.ports import Drafts
from core.speculation.prepared import Prepared, Shelf


class Prefetch:
    """The answers to one answer's chips, while nothing is typed.

    Args:
        marked: told of a place's new mark.
        clock: a clock in seconds.
    """

    def __init__(
        self,
        provider: Provider,
        ahead: Ahead,
        drafts: Drafts,
        shelf: Shelf,
        marked: Callable[[int, Mark], None],
        clock: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._ahead = ahead
        self._drafts = drafts
        self._shelf = shelf
        self._marked = marked
        self._clock = clock
        self._looked: set[str] = set()
        self._only: Prepared | None = None
        self.continuing = Continuing(provider)

    async def run(
        self, conversation: int, chips: Sequence[Chip], odds: Odds, spent: int, answered_at: float
    ) -> None:
        """Prepare what pays.

        Args:
            spent: tokens written ahead under this answer before.
            answered_at: when the answer ended, by the clock in seconds.
        """
        self._only = None
        begun: list[Prepared] = []
        chances = {chip: odds.chance(chip.kind, chip.place, len(chips)) for chip in chips}
        for chip in sorted(chips, key=lambda each: (-chances[each], each.place)):
            is_best = not begun
            tokens = odds.head_tokens(chances[chip], is_best=is_best)
            if not tokens or self._only is not None:
                continue
            prepared = await self._drafted(conversation, chip, chances[chip])
            if prepared is None:
                continue
            if not self.continuing.is_known(prepared.request):
                # A head of it is of no use once it is closed, so it is the whole answer or none.
                if not is_best or not odds.pays_whole([prepared.chance], spent + tokens):
                    continue
                tokens = WHOLE_WITHIN_TOKENS
            if not await self._write(prepared, Purpose.HEAD, tokens):
                return
            begun.append(prepared)
            spent += sum(prepared.written.values())
            self._shelf.store(prepared, conversation)
        await self._extend(conversation, begun, odds, spent, answered_at)

    async def _extend(
        self, conversation: int, begun: list[Prepared], odds: Odds, spent: int, answered_at: float
    ) -> None:
        """Write the best to its end, and the next ones as far as they pay."""
        for at, prepared in enumerate(begun):
            if prepared.ended is not None or not prepared.text or self._only not in (None, prepared):
                continue
            if not odds.pays_whole([each.chance for each in begun], spent, is_first=not at):
                return
            if not odds.is_free:
                await asyncio.sleep(max(0.0, answered_at + EXTEND_AFTER_S - self._clock()))
            before = sum(prepared.written.values())
            if not await self._write(prepared, Purpose.EXTEND, WHOLE_WITHIN_TOKENS):
                return
            spent += sum(prepared.written.values()) - before
            self._shelf.store(prepared, conversation)

    def keeps(self, question: str) -> bool:
        """Whether what runs now answers this very text; then nothing else is begun after it."""
        running = next((each for each in self._shelf.all() if each.job is not None), None)
        if running is None or running.chip.question != question:
            return False
        self._only = running
        return True

    def stop(self) -> None:
        """Close what runs, and keep of it what is of use; at once."""
        for prepared in self._shelf.all():
            self._settle(prepared)

    async def _drafted(self, conversation: int, chip: Chip, chance: float) -> Prepared | None:
        """A chip with the very request that asking it would send; None when none would be sent."""
        request = None
        await self._ahead.wait()  # a server that does not know how to show a prompt answers it instead
        with suppress(HouseError):
            request = await self._drafts.request(Question(chip.question, conversation=conversation))
        if request is None or request.think is not False or self._shelf.find(request) is not None:
            return None
        if not self._ahead.may(request):
            return None
        await self._look(request.model)
        await self.continuing.learn(request)
        prepared = Prepared(chip, request, chance)
        self._shelf.put(prepared)
        return prepared

    async def _look(self, model: str) -> None:
        """Learn which model this is exactly, once: an answer outlives the process only by its digest."""
        if model in self._looked or self._shelf.is_known(model):
            return
        self._looked.add(model)
        with suppress(HouseError):
            for found in (await self._provider.look()).models:
                if found.name == model and found.digest:
                    self._shelf.known(model, found.digest)

    async def _write(self, prepared: Prepared, purpose: Purpose, upto: int) -> bool:
        """Write one on, until it has so many tokens or is whole; False when nothing may be begun now."""
        request = prepared.request
        sent = behind(request, prepared.text, prepared.tokens) if prepared.text else request
        open_stream = (
            self.continuing.rest(request, prepared.text, prepared.tokens)
            if prepared.text
            else lambda: self._provider.stream(request)
        )
        job = None if open_stream is None else await self._ahead.start(purpose, open_stream, sent)
        if job is None:
            return False
        prepared.job = job
        try:
            await job.wait_for_text(1)
            if prepared.first_at is None and job.text:
                prepared.first_at = self._clock()
                self._marked(prepared.chip.place, Mark.STARTED)
            await job.wait_for_text(upto - prepared.tokens)
        finally:
            self._settle(prepared)
        return True

    def _settle(self, prepared: Prepared) -> None:
        """Its request is over: closed where it still runs, and kept as far as it is of use."""
        job = prepared.job
        if job is None:
            return
        self._ahead.leave(job)
        has_thought = any(isinstance(piece, ThinkingDelta) for piece in job.pieces)
        prepared.take(can_go_on=self.continuing.is_known(prepared.request) and not has_thought)
        mark = Mark.READY if prepared.ended else Mark.STARTED if prepared.text else Mark.ASKED
        self._marked(prepared.chip.place, mark)

"""One answer from start to end; the only place that emits an answer's final event.

The question is handed to the store as its request goes out, and no text is given on before the store has it,
or has been busy for too long: then the question is written behind the answer, and said to be when it is.
Closing the generator closes the provider's stream at once, then the answer is marked.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.engine.written import Written, not_saved
from core.errors import HouseError, ProviderError
from core.events import (
    Noted,
    Routed,
    StoredQuestion,
    TextDelta,
    ThinkingDelta,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    UsageReported,
)
from core.messages import AnswerState, Route
from core.metrics.times import Stopwatch
from core.metrics.waits import delay_of
from core.providers.base import Ended, Piece, Provider, Request, options_hash
from core.sanitise import Cleaner
from core.store.conversations import Conversations, Ending, Started

if TYPE_CHECKING:  # who asks once has nothing made ahead
    from core.speculation.ports import Adopted

SAVE_EVERY_S = 0.5
COMMIT_S = 1.0
"""So long a busy store may hold back the first text."""
KEPT = "The text so far is kept."
BUG = "bug"
"""The reason of an answer that we ourselves broke; the exception goes on to whoever asked."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, what is said of it, and where its model really runs.

    Attributes:
        remote_host: of a cloud model that is only passed on; empty otherwise.
        note: empty when there is nothing to say.
        adopted: what was made ahead for this very request; None when nothing was.
    """

    request: Request
    remote_host: str = ""
    note: str = ""
    adopted: "Adopted | None" = None

    @property
    def route(self) -> Route:
        """How its answer comes."""
        return Route.FAST if self.adopted is None else self.adopted.route


Another = Callable[[ProviderError], Awaitable[Attempt | None]]
"""What else to try when nothing came at all; None when there is nothing. May raise the better error."""


class AnswerStream:
    """Makes one answer: asks the provider, cleans, stamps, stores, and says what happens.

    Args:
        question: its text.
        has_whole: the turn has a whole answer already, whose place a part of a new one does not take.

    Attributes:
        request: what went out last; None before anything did.
        finished: how it ended, once it is whole; None for one that was stopped or failed.
        has_failed: it has come to no end because of an error.
    """

    def __init__(
        self,
        provider: Provider,
        conversations: Conversations,
        store: Callable[[], "Future[Started]"],
        another: Another,
        clock: Callable[[], float],
        question: str = "",
        has_whole: bool = False,
    ) -> None:
        self._provider = provider
        self._question = question
        self._conversations = conversations
        self._written = Written(store)
        self._another = another
        self._stopwatch = Stopwatch(clock)
        self._has_whole = has_whole
        self._saved_at: float | None = None
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._model = ""
        self._place = ""
        self._route = Route.FAST
        self._source: StoredQuestion | None = None
        self._is_over = False
        self.request: Request | None = None
        self.finished: Ended | None = None
        self.has_failed = False
        self._ended: Ended | None = None

    @property
    def started(self) -> Started:
        """Where it is kept; zeros while that is not known."""
        return self._written.started

    @property
    def text(self) -> str:
        """All of it so far, clean."""
        return "".join(self._text)

    @property
    def ttft_ms(self) -> float:
        """From the beginning to its first text; 0 while none has come."""
        return self._stopwatch.ttft_ms or 0.0

    async def events(self, attempt: Attempt) -> AsyncGenerator[TurnEvent, None]:
        """The answer's events, from `Routed` to the final one."""
        trying: Attempt | None = attempt
        try:
            while trying is not None:
                try:
                    async with aclosing(self._try(trying)) as events:
                        async for event in events:
                            yield event
                    return
                except HouseError as error:
                    trying, failure = await self._find_another(trying, error)
                if trying is None:
                    for event in await self._fail(failure):
                        yield event
        except (GeneratorExit, asyncio.CancelledError):
            await self._end_early(AnswerState.CANCELLED, "cancelled")
            raise
        except BaseException:
            await self._end_early(AnswerState.PARTIAL if self._text else AnswerState.FAILED, BUG)
            raise

    async def _try(self, attempt: Attempt) -> AsyncGenerator[TurnEvent, None]:
        request, adopted = attempt.request, attempt.adopted
        self.request, self._route = request, attempt.route
        is_ahead = adopted is not None and attempt.route is not Route.FAST
        self._source = StoredQuestion(self._question, adopted.age_s) if adopted and is_ahead else None
        self._model, self._place = request.model, self._provider.place(attempt.remote_host)
        async with aclosing(adopted.stream if adopted else self._provider.stream(request)) as pieces:
            first: asyncio.Future[Piece] = asyncio.ensure_future(anext(pieces))
            try:
                is_new = self._written.begin()
                yield self._routed()
                if is_new:
                    for event in await self._written.wait(COMMIT_S):
                        yield event
                if attempt.note:
                    yield Noted(attempt.note)
                piece: Piece | None = await first
            finally:
                await _settle(first)
            async with aclosing(self._relay(pieces, piece, attempt.remote_host)) as events:
                async for event in events:
                    yield event
        for event in await self._finish(request):
            yield event

    async def _relay(
        self, pieces: AsyncGenerator[Piece, None], piece: Piece | None, remote_host: str
    ) -> AsyncGenerator[TurnEvent, None]:
        """The provider's pieces as events: cleaned, stamped and kept."""
        answer, thoughts = Cleaner(), Cleaner()
        # Only now, connected, is it certain where a host is that was given by name.
        if self._has_moved(remote_host):
            yield self._routed()
        while piece is not None:
            for event in self._written.hear():
                yield event
            match piece:
                case TextDelta(text):
                    if clean := answer.feed(text):
                        yield self._take(clean)
                case ThinkingDelta(text):
                    if clean := thoughts.feed(text):
                        self._stopwatch.thought()
                        self._thinking.append(clean)
                        yield ThinkingDelta(clean)
                case Ended():
                    self._ended = piece
                    break
                case _:
                    yield piece
            piece = await anext(pieces, None)
        if rest := answer.finish():
            yield self._take(rest)
        if self._ended is not None and self._has_moved(self._ended.remote_host or remote_host):
            yield self._routed()

    def _routed(self) -> Routed:
        return Routed(self._route, self._model, self._provider.name, self._place, self._source)

    def _has_moved(self, remote_host: str) -> bool:
        """Whether the model runs elsewhere than was said; `_routed` then says the new place."""
        before, self._place = self._place, self._provider.place(remote_host)
        return self._place != before

    def _take(self, clean: str) -> TextDelta:
        """Keep a piece, stamp the first, and let the writer have it at most twice a second."""
        now = self._stopwatch.text(len(clean))
        if self._saved_at is None:
            self._saved_at = now
        self._text.append(clean)
        if now - self._saved_at >= SAVE_EVERY_S and self.started.answer:
            self._saved_at = now
            self._conversations.save_progress(
                self.started.answer, "".join(self._text), "".join(self._thinking)
            )
        return TextDelta(clean)

    async def _finish(self, request: Request) -> list[TurnEvent]:
        ended = self._ended
        assert ended is not None, "a provider's stream ends with Ended or raises"
        times = self._stopwatch.times()
        ttft_ms = times.total_ms if times.ttft_ms is None else times.ttft_ms
        notes = await self._end(AnswerState.COMPLETE, ended.reason)
        self.finished = ended
        durations = ended.load_ms, ended.prefill_ms, times.thinking_ms, ended.server_ms
        delay = delay_of(times.ttft_ms, *durations)
        if not self._text:
            notes.append(Noted("the model ended its answer without a word"))
        return [
            *notes,
            UsageReported(
                ended.input_tokens,
                ended.output_tokens,
                ended.cached_tokens,
                window=request.profile.num_ctx,
            ),
            TurnFinished(
                self.started.turn,
                self.started.answer,
                ttft_ms,
                times.total_ms,
                ended.output_tokens,
                ended.reason,
                *(delay or (None, 0.0)),
            ),
        ]

    async def _find_another(self, tried: Attempt, error: HouseError) -> tuple[Attempt | None, HouseError]:
        """What else can be tried, and the error to tell if nothing can."""
        if not isinstance(error, ProviderError) or self._text:
            return None, error
        if tried.adopted is not None:  # what was made ahead broke; the question itself was not asked yet
            self._thinking.clear()
            return replace(tried, adopted=None, note=""), error
        try:
            return await self._another(error), error
        except HouseError as worse:
            return None, worse

    async def _fail(self, error: HouseError) -> list[TurnEvent]:
        self.has_failed = True
        is_partial = bool(self._text)
        state = AnswerState.PARTIAL if is_partial else AnswerState.FAILED
        notes = await self._end(state, error.kind, error.message)
        turn, answer = self.started.turn or None, self.started.answer or None
        # Whether any text had come is known here alone: who serves a model is asked for lists, too.
        is_kept = is_partial and isinstance(error, ProviderError) and answer is not None
        remedy = f"{KEPT} {error.remedy}" if is_kept else error.remedy
        return [*notes, TurnFailed(error.kind, error.message, remedy, is_partial, turn, answer)]

    async def _end_early(self, state: AnswerState, reason: str) -> None:
        """Nobody listens any more; what was asked and what came are kept all the same."""
        if self._is_over:
            return
        self._written.begin()
        with suppress(HouseError):
            await self._end(state, reason)

    async def _end(self, state: AnswerState, reason: str, error: str = "") -> list[TurnEvent]:
        """Wait until the end is in the file; that it could not be written is told, and undoes no answer."""
        self._is_over = True
        events = await self._written.wait(None)
        if not self.started.answer:
            return events
        text = "".join(self._text)
        ended, times = self._ended or Ended(reason), self._stopwatch.times()
        ending = Ending(
            state=state,
            model=self._model,
            place=self._place,
            text=text,
            thinking="".join(self._thinking),
            ttft_ms=times.ttft_ms,
            total_ms=times.total_ms,
            input_tokens=ended.input_tokens or None,
            output_tokens=ended.output_tokens or None,
            reason=reason,
            error=error,
            load_ms=ended.load_ms,
            prefill_ms=ended.prefill_ms,
            decode_ms=ended.decode_ms,
            server_ms=ended.server_ms,
            route=self._route,
            options_hash=None if self.request is None else options_hash(self.request),
            thinking_ms=times.thinking_ms,
            itl_ms=times.itl_ms,
            starved_ms=times.starved_ms,
            cached_tokens=ended.cached_tokens or None,
        )
        # Who stopped an answer has read what they want of it; a broken one is no better than the one before.
        is_better = bool(text) and not (state is AnswerState.PARTIAL and self._has_whole)
        try:
            await asyncio.wrap_future(
                self._conversations.end(self.started.answer, ending, make_current=is_better)
            )
        except Exception as unsaved:  # noqa: BLE001 - the writer's edge: the answer is there all the same
            events.append(not_saved(unsaved))
        return events


async def _settle(first: "asyncio.Future[Piece]") -> None:
    """End a first piece that nobody waits for any more."""
    if not first.done():
        first.cancel()
        await asyncio.wait({first})
    if not first.cancelled():
        first.exception()  # heard, so that asyncio does not complain of an error that nobody took

"""One answer from start to end; the only place that emits an answer's final event.

The request goes out first and the question is stored beside it; no text is given on before the store has
the question. Closing the generator closes the provider's stream at once, then the answer is marked.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass

from core.errors import ProviderError, StoreUnavailable
from core.events import (
    Noted,
    Routed,
    TextDelta,
    ThinkingDelta,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from core.messages import AnswerState, Route
from core.providers.base import Ended, Piece, Provider, Request
from core.sanitise import Cleaner
from core.store.conversations import Conversations, Ending, Started

SAVE_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, what is said of it before it goes, and where its model really runs.

    Attributes:
        remote_host: of a cloud model that is only passed on; empty otherwise.
        note: said before the request goes; empty when there is nothing to say.
    """

    request: Request
    remote_host: str = ""
    note: str = ""


Another = Callable[[ProviderError], Awaitable[Attempt | None]]
"""What else to try when nothing came at all; None when there is nothing."""


class AnswerStream:
    """Makes one answer: asks the provider, cleans, stamps, stores, and says what happens."""

    def __init__(
        self,
        provider: Provider,
        conversations: Conversations,
        store: Callable[[], "Future[Started]"],
        another: Another,
        clock: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._conversations = conversations
        self._store = store
        self._another = another
        self._clock = clock
        self._begun = clock()
        self._first_at: float | None = None
        self._saved_at = 0.0
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._model = ""
        self._place = ""
        self._storing: Future[Started] | None = None
        self._started = Started(0, 0, 0)
        self._is_over = False
        self.ended: Ended | None = None

    async def events(self, attempt: Attempt) -> AsyncGenerator[TurnEvent, None]:
        """The answer's events, from `Routed` to the final one."""
        trying: Attempt | None = attempt
        try:
            while trying is not None:
                try:
                    async with aclosing(self._try(trying)) as events:
                        async for event in events:
                            yield event
                    trying = None
                except ProviderError as error:
                    trying = None if self._text else await self._ask_for_another(error)
                    if trying is None:
                        yield await self._fail(error)
        finally:
            if not self._is_over:
                self._end(AnswerState.CANCELLED, "cancelled")

    async def _try(self, attempt: Attempt) -> AsyncGenerator[TurnEvent, None]:
        if attempt.note:
            yield Noted(attempt.note)
        request = attempt.request
        self._model, self._place = request.model, self._provider.place(attempt.remote_host)
        yield Routed(Route.FAST, self._model, self._provider.name, self._place)
        async with aclosing(self._provider.stream(request)) as pieces:
            first: asyncio.Future[Piece] = asyncio.ensure_future(anext(pieces))
            try:
                if self._storing is None:
                    yield await self._stored()
                piece: Piece | None = await first
            finally:
                await _settle(first)
            async for event in self._relay(pieces, piece):
                yield event
        async for event in self._finish(request):
            yield event

    async def _stored(self) -> TurnEvent:
        """Wait until the question is in the file; an unwritable store is said, and stops no answer."""
        self._storing = self._store()
        try:
            self._started = await asyncio.wrap_future(self._storing)
        except StoreUnavailable as error:
            return Noted(f"not saved: {error.message}. {error.remedy}")
        return TurnStarted(self._started.conversation, self._started.turn, self._started.answer)

    async def _relay(
        self, pieces: AsyncGenerator[Piece, None], piece: Piece | None
    ) -> AsyncGenerator[TurnEvent, None]:
        """The provider's pieces as events: cleaned, stamped and kept."""
        answer, thoughts = Cleaner(), Cleaner()
        while piece is not None:
            match piece:
                case TextDelta(text):
                    if clean := answer.feed(text):
                        yield self._take(clean)
                case ThinkingDelta(text):
                    if clean := thoughts.feed(text):
                        self._thinking.append(clean)
                        yield ThinkingDelta(clean)
                case Ended():
                    self.ended = piece
                    break
                case _:
                    yield piece
            piece = await anext(pieces, None)
        if rest := answer.finish():
            yield self._take(rest)

    def _take(self, clean: str) -> TextDelta:
        """Keep a piece, stamp the first, and let the writer have it at most twice a second."""
        now = self._clock()
        if self._first_at is None:
            self._first_at = self._saved_at = now
        self._text.append(clean)
        if now - self._saved_at >= SAVE_EVERY_S and self._started.answer:
            self._saved_at = now
            self._conversations.save_progress(
                self._started.answer, "".join(self._text), "".join(self._thinking)
            )
        return TextDelta(clean)

    async def _finish(self, request: Request) -> AsyncGenerator[TurnEvent, None]:
        ended = self.ended
        assert ended is not None, "a provider's stream ends with Ended or raises"
        total_ms = self._since_begun(self._clock())
        await self._write(self._end(AnswerState.COMPLETE, ended.reason))
        yield UsageReported(ended.input_tokens, ended.output_tokens, window=request.profile.num_ctx)
        ttft_ms = total_ms if self._first_at is None else self._since_begun(self._first_at)
        yield TurnFinished(
            self._started.turn, self._started.answer, ttft_ms, total_ms, ended.output_tokens, ended.reason
        )

    async def _ask_for_another(self, error: ProviderError) -> Attempt | None:
        try:
            return await self._another(error)
        except ProviderError:
            return None

    async def _fail(self, error: ProviderError) -> TurnFailed:
        is_partial = bool(self._text)
        state = AnswerState.PARTIAL if is_partial else AnswerState.FAILED
        await self._write(self._end(state, error.kind, error.message))
        return TurnFailed(
            error.kind,
            error.message,
            error.remedy,
            is_partial,
            self._started.turn or None,
            self._started.answer or None,
        )

    def _end(self, state: AnswerState, reason: str, error: str = "") -> "Future[None] | None":
        """Hand the end to the writer; an answer without text never takes the place of one that has some."""
        self._is_over = True
        if self._storing is None:
            return None
        ended = self.ended or Ended(reason)
        ending = Ending(
            state=state,
            model=self._model,
            place=self._place,
            text="".join(self._text),
            thinking="".join(self._thinking),
            ttft_ms=None if self._first_at is None else self._since_begun(self._first_at),
            total_ms=self._since_begun(self._clock()),
            input_tokens=ended.input_tokens or None,
            output_tokens=ended.output_tokens or None,
            reason=reason,
            error=error,
            load_ms=ended.load_ms,
            prefill_ms=ended.prefill_ms,
            decode_ms=ended.decode_ms,
            server_ms=ended.server_ms,
        )
        if self._started.answer:
            return self._conversations.end(self._started.answer, ending, make_current=bool(self._text))
        # Stopped in the moment between sending and storing: the end follows the beginning into the file.
        self._storing.add_done_callback(lambda stored: self._end_stored(stored, ending))
        return None

    def _end_stored(self, stored: "Future[Started]", ending: Ending) -> None:
        if not stored.cancelled() and stored.exception() is None and stored.result().answer:
            self._conversations.end(stored.result().answer, ending, make_current=bool(ending.text))

    def _since_begun(self, moment: float) -> float:
        return (moment - self._begun) * 1000

    async def _write(self, writing: "Future[None] | None") -> None:
        """Wait until the end is in the file; that it could not be written does not undo the answer."""
        if writing is None:
            return
        try:
            await asyncio.wrap_future(writing)
        except StoreUnavailable:
            return


async def _settle(first: "asyncio.Future[Piece]") -> None:
    """End a first piece that nobody waits for any more."""
    if not first.done():
        first.cancel()
        await asyncio.wait({first})

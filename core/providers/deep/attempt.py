"""One call with its new tries, from the request to its one end."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from core.events import Noted, TextDelta, ThinkingDelta
from core.providers.bodies import chunks
from core.providers.deep import failures
from core.providers.deep.calls import DeepEvent, DeepRequest, Failed, Finished, Reader, Retrying
from core.providers.deep.cleaning import Cleaning
from core.providers.deep.clock import Patience, Phase, StallClock
from core.providers.deep.connection import Connection
from core.providers.deep.failures import DeepError
from core.providers.deep.limits import DeepLimits
from core.providers.deep.pauses import MOST_PAUSE_S, own_pause
from core.providers.deep.stances import Stances
from core.sanitise import clean_line

if TYPE_CHECKING:
    import httpx

MOST_ADAPTATIONS = 4
"""Refusals of one call that are answered by asking in another way."""


class Attempt:
    """One call with its new tries."""

    def __init__(
        self,
        connection: Connection,
        request: DeepRequest,
        stances: Stances,
        limits: DeepLimits,
        chance: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._request = request
        self._stances = stances
        self._limits = limits
        self._chance = chance
        self._now = asyncio.get_running_loop().time
        self._ends_at = self._now() + self._limits.whole_s
        self._has_text = False
        self._tries = 0
        self._adaptations = 0

    async def events(self) -> AsyncGenerator[DeepEvent, None]:
        """All events; the last one is the end."""
        while True:
            end: Finished | Failed | None = None
            try:
                async with aclosing(self._once()) as events:
                    async for event in events:
                        if isinstance(event, Finished | Failed):
                            end = event
                            break
                        yield event
            except DeepError as error:
                end = Failed(error, self._has_text)
            if not isinstance(end, Failed):
                assert end is not None
                yield self._connection.redacted(end)
                return
            if note := self._adapted(end.error):
                if note.text:
                    yield note
                continue
            pause = self._pause(end.error)
            if pause is None:
                yield self._connection.redacted(end)
                return
            self._connection.redacted(end)
            yield Retrying(end.error, pause, self._tries, self._limits.retries)
            await asyncio.sleep(pause)

    async def _once(self) -> AsyncGenerator[DeepEvent, None]:
        """One request, to its end."""
        clock = StallClock(self._patience(), self._now, self._ends_at)
        stance = self._stances.of(self._connection.address, self._request.model)
        sending = asyncio.ensure_future(self._connection.send(self._request, stance))
        response: httpx.Response | None = None
        try:
            try:
                async with aclosing(self._until(sending, clock)) as silences:
                    async for silence in silences:
                        yield silence
                response = sending.result()
            finally:
                await _drop(sending, is_taken=response is not None)
            clock.step(Phase.FIRST_CONTENT)
            async with aclosing(self._read(response, clock)) as events:
                async for event in events:
                    yield event
        finally:
            if response is not None:
                await response.aclose()

    async def _read(self, response: "httpx.Response", clock: StallClock) -> AsyncGenerator[DeepEvent, None]:
        reader = self._connection.wire.reader(self._request)
        cleaning = Cleaning(self._connection.secrets)
        async with aclosing(chunks(response)) as body:
            while True:
                coming = asyncio.ensure_future(anext(body, b""))
                data, failure = b"", None
                try:
                    async with aclosing(self._until(coming, clock)) as silences:
                        async for silence in silences:
                            yield silence
                    data = coming.result()
                except DeepError as stalled:
                    # An answer that is over by its own word may lack its counts; it lacks nothing else.
                    failure = None if reader.is_whole else stalled
                except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                    failure = self._connection.explain(error, self._has_text)
                finally:
                    await _give_up(coming)
                if data:
                    clock.byte()
                for event in self._understood(reader, data, failure):
                    for piece in cleaning.cleaned(event):
                        self._note_progress(piece, clock)
                        yield piece
                        if isinstance(piece, Finished | Failed):
                            return
                if reader.is_whole and clock.phase is not Phase.COUNTS:
                    clock.step(Phase.COUNTS)

    def _understood(self, reader: Reader, data: bytes, failure: DeepError | None) -> list[DeepEvent]:
        """What the bytes say; at an end, a last line that is whole still counts, and the end is named."""
        if data:
            return list(reader.feed(data))
        events = list(reader.finish())
        last = events[-1] if events else None
        if failure is not None and isinstance(last, Failed) and isinstance(last.error, failures.CutOff):
            events[-1] = Failed(failure, last.is_partial)
        return events

    async def _until(
        self, waited: "asyncio.Future[httpx.Response] | asyncio.Future[bytes]", clock: StallClock
    ) -> AsyncGenerator[DeepEvent, None]:
        """Wait until something is there, and tell silence.

        Raises:
            DeepError: The phase, or the whole call, took longer than it may.
        """
        while not waited.done():
            now = self._now()
            if now >= clock.gives_up_at:
                raise self._given_up(clock)
            until = min(clock.gives_up_at, clock.speaks_at)
            await asyncio.wait({waited}, timeout=max(0.0, until - now))
            if not waited.done() and self._now() >= clock.speaks_at and clock.phase is not Phase.COUNTS:
                yield clock.silence()

    def _given_up(self, clock: StallClock) -> DeepError:
        name, limit = self._connection.name, f"{clock.limit_s:g} s"
        if clock.is_at_the_end:
            return failures.TookTooLong(
                f"{name} took longer than {self._limits.whole_s:g} s", "What came is kept; go on from there."
            )
        if clock.phase is Phase.HEADERS:
            return failures.NoHeaders(f"{name} has not begun to answer within {limit}", "Ask again later.")
        when = "in the middle of the answer" if self._has_text else "before any text"
        return failures.Stalled(
            f"{name} sent no content for {limit} {when}", "What came is kept; go on from there, or ask again."
        )

    def _note_progress(self, event: DeepEvent, clock: StallClock) -> None:
        match event:
            case TextDelta():
                self._has_text = True
                clock.step(Phase.WRITING)
            case ThinkingDelta():
                clock.step(Phase.THINKING)

    def _patience(self) -> Patience:
        """Nearby a model may have to be loaded, and the question is read at that machine's own pace."""
        limits = self._limits
        reading_s = self._request.rough_tokens / limits.prefill_per_s
        if self._connection.is_near:
            return Patience(limits.load_s + reading_s, limits.load_s + reading_s, limits)
        return Patience(limits.headers_s, self._connection.wire.patience_s or limits.first_content_s, limits)

    def _adapted(self, error: DeepError) -> Noted | None:
        """Learn from a refusal how to ask instead; what to say of it, or None when it teaches nothing."""
        base, request = self._connection.address, self._request
        if self._has_text or not error.said or self._adaptations >= MOST_ADAPTATIONS:
            return None
        if not isinstance(error, failures.Refused):
            return None
        stance = self._stances.of(base, request.model)
        if (adapted := self._connection.wire.adapt(request, stance, error.said)) is None:
            return None
        self._adaptations += 1
        self._stances.learn(base, request.model, adapted[0])
        return Noted(clean_line(adapted[1]))

    def _pause(self, error: DeepError) -> float | None:
        """How long until the next try; None when there is none. Never after text: it costs, and doubles."""
        most = 1 if isinstance(error, failures.NoHeaders) else self._limits.retries
        if self._has_text or not error.may_retry or self._tries >= most:
            return None
        asked = error.retry_after_s
        if asked is not None and asked > MOST_PAUSE_S:
            return None
        pause = own_pause(self._tries + 1, self._chance) if asked is None else asked
        if self._now() + pause >= self._ends_at:
            return None
        self._tries += 1
        return pause


async def _drop(sending: "asyncio.Future[httpx.Response]", is_taken: bool) -> None:
    """End a request that nobody waits for; its socket closes with its task."""
    sending.cancel()
    await asyncio.wait({sending})
    # The answer may have come in the very moment of leaving.
    if not is_taken and not sending.cancelled() and sending.exception() is None:
        await sending.result().aclose()


async def _give_up(coming: asyncio.Future[bytes]) -> None:
    """End a read that nobody waits for, before its generator is closed."""
    coming.cancel()
    await asyncio.wait({coming})
    if not coming.cancelled():
        coming.exception()  # asked for, or the loop complains that nobody did

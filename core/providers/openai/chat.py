"""One streamed chat over a real connection: the waits, the pieces as they come, and every way it can end."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from core.errors import NothingHeard, ProtocolBroken, ProviderBusy, ProviderError, StreamCut
from core.events import Waiting, WaitReason
from core.providers.base import Ended, Piece, Request
from core.providers.bodies import chunks, whole_body
from core.providers.openai import refusals
from core.providers.openai.chunks import Chunks
from core.providers.openai.limits import Limits
from core.sanitise import clean_line

if TYPE_CHECKING:
    import httpx

MOST_TEXT = 16 * 1024 * 1024
"""Characters of text and thinking; no model says so much, and what never ends would fill the memory."""
_AGAIN = "Ask again."

Send = Callable[[], "Awaitable[httpx.Response]"]


class Chat:
    """Streams one answer; `send` posts the question and returns at the headers."""

    def __init__(
        self,
        request: Request,
        send: Send,
        explain: Callable[[Exception], ProviderError],
        limits: Limits,
    ) -> None:
        self._request = request
        self._send = send
        self._explain = explain
        self._limits = limits
        self._name = clean_line(request.model)
        self._now = asyncio.get_running_loop().time
        self._begun = self._now()
        self._is_told = False  # why we wait; from the first piece on there is nothing to tell
        self._is_loading = False
        self._tries = list(limits.busy_pauses_s) if request.may_retry else []
        self._may_reconnect = True

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """The answer, piece by piece; `Ended` is the last one, and without it an error is raised."""
        response: httpx.Response | None = None
        try:
            while response is None:
                sending = asyncio.ensure_future(self._send())
                try:
                    async with aclosing(self._until(sending, self._first_by())) as waits:
                        async for wait in waits:
                            yield wait
                    response = sending.result()
                except ProviderBusy as error:
                    if told := self._wait_for_loading(error):
                        yield told
                    await asyncio.sleep(self._pause(error))
                except StreamCut:
                    # A kept-alive connection that the server closed meanwhile; nothing had been answered.
                    if not self._may_reconnect:
                        raise
                    self._may_reconnect = False
                finally:
                    await _drop(sending, is_taken=response is not None)
            if "json" in response.headers.get("content-type", ""):
                for piece in await self._read_whole(response):
                    yield piece
                return
            async with aclosing(self._read(response)) as pieces:
                async for read in pieces:
                    yield read
        except TimeoutError:
            raise self._heard_nothing() from None
        finally:
            if response is not None:
                await response.aclose()

    async def _until(
        self, waited: "asyncio.Future[httpx.Response] | asyncio.Future[bytes]", limit: float
    ) -> AsyncGenerator[Waiting, None]:
        """Wait until something is there; a wait that a person would notice is told, once.

        Raises:
            TimeoutError: The limit has passed.
        """
        while not waited.done():
            now = self._now()
            if now >= limit:
                raise TimeoutError
            say_at = limit if self._is_told else self._begun + self._limits.say_wait_after_s
            await asyncio.wait({waited}, timeout=max(0.0, min(say_at, limit) - now))
            if not waited.done() and not self._is_told and self._now() >= say_at:
                self._is_told = True
                yield Waiting(WaitReason.UNKNOWN, self._waited_ms(), None)

    async def _read(self, response: "httpx.Response") -> AsyncGenerator[Piece, None]:
        """The body of an answered request."""
        understood, said = Chunks(self._request.model), 0
        # Only a piece is progress: keep-alives, one a second, must not keep a dead answer alive.
        must_speak_by = self._first_by()
        async with aclosing(chunks(response)) as body:
            while True:
                coming = asyncio.ensure_future(anext(body, b""))
                data = b""
                end: ProviderError | None = None
                try:
                    async with aclosing(self._until(coming, must_speak_by)) as waits:
                        async for wait in waits:
                            yield wait
                    data = coming.result()
                    end = None if data else self._cut(is_first=not said)
                except TimeoutError:
                    end = self._stalled() if said else self._heard_nothing()
                except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                    end = self._explain(error)
                finally:
                    await _give_up(coming)
                # At an end, whatever its kind, a last line without its newline still counts if it is whole.
                for piece in understood.feed(data) if end is None else understood.finish():
                    if isinstance(piece, Ended):
                        if end is None:
                            await self._take_rest(body)
                        yield piece
                        return
                    yield piece
                    self._is_told = True
                    said += len(piece.text)
                    # The answer is not stopped while its reader is slow: the clock starts behind them.
                    must_speak_by = self._now() + self._limits.between_chunks_s
                if end is not None:
                    raise end
                if said > MOST_TEXT:
                    raise ProtocolBroken(f"{self._name} does not come to an end", _AGAIN)
                if understood.has_finished:
                    must_speak_by = min(must_speak_by, self._now() + self._limits.counts_s)

    async def _read_whole(self, response: "httpx.Response") -> list[Piece]:
        """The answer of a server that does not stream."""
        try:
            async with asyncio.timeout_at(self._first_by()):
                body = await whole_body(response)
        except TimeoutError:
            raise self._heard_nothing() from None
        except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
            raise self._explain(error) from None
        pieces: list[Piece] = list(Chunks(self._request.model).whole(body or b""))
        if not pieces or not isinstance(pieces[-1], Ended):
            raise self._cut(is_first=not pieces)
        return pieces

    async def _take_rest(self, body: AsyncGenerator[bytes, None]) -> None:
        """Read to the end of the body, so that the connection serves the next question too."""
        import httpx

        # The answer is whole: how its connection ends is nobody's trouble.
        with suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout(self._limits.last_bytes_s):
                async for _ in body:
                    pass

    def _first_by(self) -> float:
        """When the first piece must be there: loading, and reading at the pace of a slow machine."""
        tokens = sum(len(message.text) for message in self._request.messages) // 4
        return self._begun + self._limits.first_byte_loading_s + tokens / self._limits.prefill_per_s

    def _wait_for_loading(self, error: ProviderError) -> Waiting | None:
        if not refusals.is_loading(error) or self._is_loading:
            return None
        self._is_told = self._is_loading = True
        return Waiting(WaitReason.LOADING, self._waited_ms(), self._request.usual_load_ms)

    def _pause(self, error: ProviderBusy) -> float:
        """How long to wait before asking again; a server that loads has as long as loading may take.

        Raises:
            ProviderBusy: It has been asked often enough.
        """
        if refusals.is_loading(error) and self._now() < self._first_by():
            return self._limits.loading_pause_s
        if not self._tries:
            raise error
        return self._tries.pop(0) * random.uniform(1.0, 1.25)  # spread, or all who wait come back at once

    def _waited_ms(self) -> float:
        return (self._now() - self._begun) * 1000

    def _heard_nothing(self) -> NothingHeard:
        waited = self._now() - self._begun
        return NothingHeard(
            f"{self._name} has not begun to answer within {round(waited, 0 if waited > 10 else 2):g} s",
            "Others may be using the server: ask again, or choose a smaller model (F2, or -m).",
        )

    def _stalled(self) -> NothingHeard:
        return NothingHeard(
            f"{self._name} stopped for {self._limits.between_chunks_s:g} s in the middle", _AGAIN
        )

    def _cut(self, is_first: bool) -> StreamCut:
        return StreamCut(
            f"{self._name} stopped before it {'answered' if is_first else 'was finished'}", _AGAIN
        )


async def _give_up(coming: "asyncio.Future[bytes]") -> None:
    """End a read that nobody waits for any more."""
    if not coming.done():
        coming.cancel()
        await asyncio.wait({coming})
    if not coming.cancelled():
        coming.exception()  # heard, or the loop complains that nobody did


async def _drop(sending: "asyncio.Future[httpx.Response]", is_taken: bool) -> None:
    """End what still runs; the socket of an unanswered request closes with its task."""
    if not sending.done():
        sending.cancel()
        await asyncio.wait({sending})
    if sending.cancelled() or sending.exception() is not None or is_taken:
        return
    await sending.result().aclose()  # the answer came in the very moment of leaving

"""One streamed call: the request, the wait for its first byte, its pieces, and every way it can end."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import NothingHeard, ProtocolBroken, ProviderBusy, ProviderError, StreamCut
from core.events import Waiting, WaitReason
from core.providers.base import Ended, ModelInfo, Piece
from core.providers.bodies import chunks
from core.providers.choice import is_cloud
from core.providers.ollama import refusals
from core.providers.ollama.calls import Call, Said
from core.providers.ollama.limits import Limits
from core.providers.ollama.ndjson import LineReader
from core.sanitise import clean_line

if TYPE_CHECKING:
    import httpx

MOST_TEXT = 16 * 1024 * 1024
"""Characters of text and thinking; no model says so much, and what never ends would fill the memory."""
TELL_AGAIN_S = 10.0
"""A wait is told again after so long, though its reason is the same: what can be done about it is another."""
_AGAIN = "Ask again."

Send = Callable[[bytes], "Awaitable[httpx.Response]"]
LoadedModels = Callable[[], Awaitable[frozenset[str]]]


class Chat:
    """Streams one answer; `send` posts a body to the call's route and returns at the headers."""

    def __init__(
        self,
        call: Call,
        send: Send,
        loaded: LoadedModels,
        explain: Callable[[Exception], ProviderError],
        clock: Callable[[], float],
        limits: Limits,
    ) -> None:
        self._call = call
        self._request = call.request
        self._send = send
        self._loaded = loaded
        self._explain = explain
        self._clock = clock
        self._limits = limits
        self._name = clean_line(call.request.model)
        self._waited_ms = 0.0

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """The answer, piece by piece; `Ended` is the last one, and without it an error is raised."""
        response: httpx.Response | None = None
        try:
            async with aclosing(self._wait()) as waits:
                async for piece in waits:
                    if isinstance(piece, Waiting):
                        yield piece
                    else:
                        response = piece
            assert response is not None
            async with aclosing(self._read(response)) as pieces:
                async for read in pieces:
                    yield self._timed(read) if isinstance(read, Ended) else read
        finally:
            if response is not None:
                await response.aclose()

    async def _wait(self) -> AsyncGenerator["Waiting | httpx.Response", None]:
        """Send until the server begins to answer; says why it waits, and tries again what may work."""
        may_retry = self._request.may_retry
        pauses = list(self._limits.busy_pauses_s) if may_retry else []
        has_think, may_reconnect, may_restart = True, True, may_retry
        while True:
            try:
                async with aclosing(self._send_once(has_think)) as waits:
                    async for piece in waits:
                        yield piece
                return
            except ProviderBusy:
                if not pauses:
                    raise
                pause = pauses.pop(0) * random.uniform(1.0, 1.25)  # spread, or all who wait come back at once
            except StreamCut:
                # A kept-alive connection that the server closed meanwhile; nothing had been answered.
                if not may_reconnect:
                    raise
                may_reconnect, pause = False, 0.0
            except ProviderError as error:
                if has_think and refusals.lacks_thinking(error):
                    has_think, pause = False, 0.0
                elif may_restart and refusals.is_crashed_runner(error):
                    may_restart, pause = False, self._limits.restart_pause_s
                else:
                    raise
            await asyncio.sleep(pause)

    async def _send_once(self, has_think: bool) -> AsyncGenerator["Waiting | httpx.Response", None]:
        """Post the request; while nothing comes, find out why and hold the limits of each phase."""
        limits, started = self._limits, self._clock()
        sending = asyncio.ensure_future(self._send(self._call.body(has_think=has_think)))
        looking: asyncio.Future[bool | None] | None = None
        view, look_at, told_at = _View(), limits.look_after_s, 0.0
        response: httpx.Response | None = None
        try:
            while not sending.done():
                waited = self._clock() - started
                limit_s = self._limit(view)
                if waited >= limit_s:
                    raise self._heard_nothing(waited)
                if looking is None and waited >= look_at:
                    look_at = waited + limits.look_again_s
                    looking = asyncio.ensure_future(self._is_loaded())
                pause = (limit_s if looking else min(look_at, limit_s)) - waited
                both: set[asyncio.Future[Any]] = {sending, looking} if looking else {sending}
                await asyncio.wait(both, timeout=max(0.0, pause), return_when=asyncio.FIRST_COMPLETED)
                if looking is not None and looking.done():
                    before, view = view, self._judge(view, looking.result(), self._clock() - started)
                    looking = None
                    is_news = (
                        view.reason is not before.reason or self._clock() - started >= told_at + TELL_AGAIN_S
                    )
                    if view.reason is not None and is_news and not sending.done():
                        told_at = self._clock() - started
                        yield Waiting(view.reason, (self._clock() - started) * 1000, self._usual(view.reason))
            try:
                response = sending.result()
            except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                raise self._explain(error) from None
            self._waited_ms = (self._clock() - started) * 1000
            yield response
        finally:
            await _drop(sending, looking, is_taken=response is not None)

    async def _is_loaded(self) -> bool | None:
        """Whether the server holds the model; None when it does not tell."""
        model = self._request.model
        try:
            async with asyncio.timeout(self._limits.look_takes_s):
                loaded = await self._loaded()
        except (ProviderError, TimeoutError):
            return None
        if model in loaded or f"{model}:latest" in loaded:
            return True
        # A cloud model is never listed, and there is nothing here to load.
        return None if is_cloud(ModelInfo(model)) else False

    def _judge(self, before: "_View", is_loaded: bool | None, waited: float) -> "_View":
        """What a look means for why we wait."""
        if is_loaded is None:
            return before if before.reason else _View(WaitReason.UNKNOWN)
        if not is_loaded:
            return _View(WaitReason.LOADING)
        if before.reason is WaitReason.LOADING and before.loaded_at is None:
            return _View(WaitReason.LOADING, waited)  # it is listed a moment before it is ready
        loaded_at = before.loaded_at or 0.0
        # The server tells no queue: only a wait that reading the prompt cannot explain is somebody else's.
        is_reading = waited - loaded_at < self._prefill_s() + self._limits.reading_s
        return _View(WaitReason.PROMPT if is_reading else WaitReason.QUEUE, loaded_at)

    def _limit(self, view: "_View") -> float:
        if view.loaded_at is None:
            return self._limits.first_byte_loading_s
        return view.loaded_at + self._limits.first_byte_loaded_s + self._prefill_s()

    def _prefill_s(self) -> float:
        """How long the slowest machine we care for reads the prompt."""
        return self._prompt_tokens() / self._limits.prefill_per_s

    def _prompt_tokens(self) -> int:
        return self._call.chars // 4

    def _usual(self, reason: WaitReason) -> float | None:
        return self._request.usual_load_ms if reason is WaitReason.LOADING else None

    def _heard_nothing(self, waited: float) -> NothingHeard:
        return NothingHeard(
            f"{self._name} has not begun to answer within {round(waited, 0 if waited > 10 else 2):g} s",
            "Another program may be using the server: ask again, or choose a smaller model (F2, or -m).",
        )

    async def _read(self, response: "httpx.Response") -> AsyncGenerator[Piece, None]:
        """The body of an answered request."""
        lines, said, now = LineReader(), 0, asyncio.get_running_loop().time
        end: ProviderError | None = None
        # Only a piece is progress: empty lines, one a second, must not keep a dead answer alive.
        must_speak_by = now() + self._limits.between_chunks_s
        async with aclosing(chunks(response)) as body:
            while end is None:
                data = b""
                try:
                    if now() >= must_speak_by:  # what is there already would be read without waiting
                        raise TimeoutError
                    async with asyncio.timeout_at(must_speak_by):
                        data = await anext(body, b"")
                except TimeoutError:
                    end = self._stalled()
                except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                    end = self._explain(error)
                if not data and end is None:
                    end = self._cut(is_first=not said)
                # At an end, whatever its kind, a last line without its newline still counts if it is whole.
                for fields in lines.feed(data) if end is None else lines.finish():
                    for piece in self._understand(fields):
                        if isinstance(piece, Ended):
                            await self._take_rest(body)
                            yield piece
                            return
                        yield piece
                        said += len(piece.text)
                        must_speak_by = now() + self._limits.between_chunks_s
                    if said > MOST_TEXT:
                        raise self._endless()
        raise end

    async def _take_rest(self, body: AsyncGenerator[bytes, None]) -> None:
        """Read to the end of the body, so that the connection serves the next question too."""
        import httpx

        # The answer is whole: how its connection ends is nobody's trouble.
        with suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout(self._limits.last_bytes_s):
                async for _ in body:
                    pass

    def _stalled(self) -> NothingHeard:
        return NothingHeard(
            f"{self._name} stopped for {self._limits.between_chunks_s:g} s in the middle", _AGAIN
        )

    def _endless(self) -> ProtocolBroken:
        return ProtocolBroken(f"{self._name} does not come to an end", _AGAIN)

    def _cut(self, is_first: bool) -> StreamCut:
        return StreamCut(
            f"{self._name} stopped before it {'answered' if is_first else 'was finished'}", _AGAIN
        )

    def _understand(self, fields: dict[str, Any]) -> Iterator[Said]:
        """One line of the stream as pieces."""
        if error := fields.get("error"):
            raise self._explain(refusals.from_text(error, self._request.model))
        yield from self._call.said(fields)

    def _timed(self, ended: Ended) -> Ended:
        """Where only loading was asked for, the server tells no time: it is what we waited."""
        return ended if self._request.messages or ended.load_ms else replace(ended, load_ms=self._waited_ms)


@dataclass(frozen=True, slots=True)
class _View:
    """What is known of why nothing has come.

    Attributes:
        loaded_at: since when, in seconds after sending, the model is known to be loaded; None when it is not.
    """

    reason: WaitReason | None = None
    loaded_at: float | None = None


async def _drop(
    sending: "asyncio.Future[httpx.Response]", looking: asyncio.Future[bool | None] | None, is_taken: bool
) -> None:
    """End what still runs; the socket of an unanswered request closes with its task."""
    tasks = [task for task in (sending, looking) if task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # asked for, or the loop complains that nobody did
    # The answer may have come in the very moment of leaving.
    if not is_taken and not sending.cancelled() and sending.exception() is None:
        await sending.result().aclose()

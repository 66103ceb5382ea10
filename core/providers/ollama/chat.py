"""One streamed chat: the request, the wait for its first byte, its pieces, and every way it can end."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from core.errors import (
    NothingHeard,
    ProviderBusy,
    ProviderError,
    RequestRejected,
    StreamCut,
)
from core.events import TextDelta, ThinkingDelta, Waiting, WaitReason
from core.providers.base import Ended, Piece, Request
from core.providers.ollama import refusals
from core.providers.ollama.ndjson import LineReader

if TYPE_CHECKING:
    import httpx

FIRST_BYTE_LOADED_S = 15.0
FIRST_BYTE_LOADING_S = 180.0
BETWEEN_CHUNKS_S = 30.0
LOOK_AFTER_S = 1.0
LOOK_AGAIN_S = 2.0
PREFILL_FLOOR_PER_S = 25.0
"""Prompt tokens a second that the slowest machine we care for computes; a long prompt may take its time."""
LONG_PROMPT_TOKENS = 1000

Send = Callable[[bytes], "Awaitable[httpx.Response]"]
LoadedModels = Callable[[], Awaitable[frozenset[str]]]


def chat_body(request: Request, *, has_think: bool = True) -> bytes:
    """The body of ``POST /api/chat``.

    `think` is always sent, since absent means *on*; `truncate` is false, since a shortened prompt would be
    shortened silently. ``shift`` is left alone: it is part of what makes a model reload, and others who use
    this server leave it alone too.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role.value, "content": message.text} for message in request.messages],
        "stream": True,
        "think": request.think,
        "truncate": False,
        "keep_alive": _keep_alive(request.keep_alive),
        "options": {"num_ctx": request.profile.num_ctx, "num_predict": max(1, request.num_predict)},
    }
    if not has_think:
        del body["think"]
    return json.dumps(body).encode()


def _keep_alive(text: str) -> str | int:
    """A bare number is seconds for Ollama only when it is sent as a number."""
    return int(text) if text.lstrip("-").isdigit() else text


class Chat:
    """Streams one answer; `send` posts a body to the chat route and returns at the headers."""

    def __init__(
        self,
        request: Request,
        send: Send,
        loaded: LoadedModels,
        explain: Callable[[Exception], ProviderError],
        clock: Callable[[], float],
    ) -> None:
        self._request = request
        self._send = send
        self._loaded = loaded
        self._explain = explain
        self._clock = clock

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
                    yield read
        finally:
            if response is not None:
                await response.aclose()

    async def _wait(self) -> AsyncGenerator["Waiting | httpx.Response", None]:
        """Send until the server begins to answer; says why it waits, and tries again what may work."""
        pauses = [0.2, 0.5, 1.0]
        has_think, may_reconnect, may_restart = True, True, True
        while True:
            try:
                async with aclosing(self._send_once(has_think)) as waits:
                    async for piece in waits:
                        yield piece
                return
            except ProviderBusy:
                if not pauses:
                    raise
                pause = pauses.pop(0) * random.uniform(1.0, 1.25)  # noqa: S311  (spreads retries, no secret)
            except RequestRejected as error:
                if not (has_think and "does not support thinking" in error.message):
                    raise
                has_think, pause = False, 0.0
            except StreamCut:
                # A kept-alive connection that the server closed meanwhile; nothing had been answered.
                if not may_reconnect:
                    raise
                may_reconnect, pause = False, 0.0
            except ProviderError as error:
                if not (may_restart and refusals.is_crashed_runner(error)):
                    raise
                may_restart, pause = False, 0.5
            await asyncio.sleep(pause)

    async def _send_once(self, has_think: bool) -> AsyncGenerator["Waiting | httpx.Response", None]:
        """Post the request; while nothing comes, find out why and hold the limits of each phase."""
        started = self._clock()
        sending = asyncio.ensure_future(self._send(chat_body(self._request, has_think=has_think)))
        looking: asyncio.Future[WaitReason] | None = None
        limit_s, reason, look_at = FIRST_BYTE_LOADING_S, None, LOOK_AFTER_S
        try:
            while not sending.done():
                waited = self._clock() - started
                if waited >= limit_s:
                    raise self._heard_nothing(limit_s)
                if looking is None and waited >= look_at:
                    look_at = waited + LOOK_AGAIN_S
                    looking = asyncio.ensure_future(self._find_reason(reason))
                pause = (limit_s if looking else min(look_at, limit_s)) - waited
                both: set[asyncio.Future[Any]] = {sending, looking} if looking else {sending}
                await asyncio.wait(both, timeout=max(0.0, pause), return_when=asyncio.FIRST_COMPLETED)
                if looking is not None and looking.done():
                    now, looking = looking.result(), None
                    limit_s = self._limit(now)
                    if now is not reason and not sending.done():
                        reason = now
                        yield Waiting(now, (self._clock() - started) * 1000, self._usual(now))
            try:
                response = sending.result()
            except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                raise self._explain(error) from None
            yield response
        finally:
            await _drop(sending, looking)

    async def _find_reason(self, before: WaitReason | None) -> WaitReason:
        """Why nothing has come: asks what is loaded, and keeps the former reason when that is not told."""
        try:
            async with asyncio.timeout(LOOK_AFTER_S):
                loaded = await self._loaded()
        except (ProviderError, TimeoutError):
            return before or WaitReason.UNKNOWN
        if self._request.model not in loaded and f"{self._request.model}:latest" not in loaded:
            return WaitReason.LOADING
        if before is WaitReason.LOADING:
            return WaitReason.LOADING  # listed a moment before it is ready
        return WaitReason.PROMPT if self._prompt_tokens() > LONG_PROMPT_TOKENS else WaitReason.QUEUE

    def _limit(self, reason: WaitReason) -> float:
        if reason in (WaitReason.LOADING, WaitReason.UNKNOWN):
            return FIRST_BYTE_LOADING_S
        return FIRST_BYTE_LOADED_S + self._prompt_tokens() / PREFILL_FLOOR_PER_S

    def _prompt_tokens(self) -> int:
        return sum(len(message.text) for message in self._request.messages) // 4

    def _usual(self, reason: WaitReason) -> float | None:
        return self._request.usual_load_ms if reason is WaitReason.LOADING else None

    def _heard_nothing(self, limit_s: float) -> NothingHeard:
        return NothingHeard(
            f"{self._request.model} has not begun to answer within {limit_s:.0f} s",
            "Another program may be using the server: ask again, or choose a smaller model (F2).",
        )

    async def _read(self, response: "httpx.Response") -> AsyncGenerator[Piece, None]:
        """The body of an answered request."""
        model, lines, is_first = self._request.model, LineReader(), True
        chunks = response.aiter_raw()
        while True:
            try:
                async with asyncio.timeout(BETWEEN_CHUNKS_S):
                    data = await anext(chunks, None)
            except TimeoutError:
                raise NothingHeard(
                    f"{model} stopped in the middle for {BETWEEN_CHUNKS_S:.0f} s",
                    "The text so far is kept; ask again (/again).",
                ) from None
            except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
                raise self._explain(error) from None
            objects = lines.finish() if data is None else lines.feed(data)
            for fields in objects:
                for piece in self._understand(fields):
                    yield piece
                    if isinstance(piece, Ended):
                        return
                    is_first = False
            if data is None:
                break
        what = "before it answered" if is_first else "before it was finished"
        raise StreamCut(f"{model} stopped {what}", "The text so far is kept; ask again (/again).")

    def _understand(self, fields: dict[str, Any]) -> list[Piece]:
        """One line of the stream as pieces."""
        if "error" in fields:
            raise refusals.from_text(str(fields["error"]), self._request.model)
        message = fields.get("message")
        pieces: list[Piece] = []
        if isinstance(message, dict):
            thinking, content = message.get("thinking"), message.get("content")
            if isinstance(thinking, str) and thinking:
                pieces.append(ThinkingDelta(thinking))
            if isinstance(content, str) and content:
                pieces.append(TextDelta(content))
        if fields.get("done") is True:
            pieces.append(_ended(fields))
        return pieces


async def _drop(
    sending: "asyncio.Future[httpx.Response]", looking: asyncio.Future[WaitReason] | None
) -> None:
    """End what still runs; the socket of an unanswered request closes with its task."""
    running = [task for task in (sending, looking) if task is not None and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)


def _ended(fields: dict[str, Any]) -> Ended:
    """The last line: why it ended, and the server's own counts and durations (nanoseconds)."""

    def number(name: str) -> float:
        value = fields.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0

    remote = fields.get("remote_host")
    return Ended(
        reason="length" if fields.get("done_reason") == "length" else "stop",
        input_tokens=int(number("prompt_eval_count")),
        output_tokens=int(number("eval_count")),
        load_ms=number("load_duration") / 1e6,
        prefill_ms=number("prompt_eval_duration") / 1e6,
        decode_ms=number("eval_duration") / 1e6,
        server_ms=number("total_duration") / 1e6,
        remote_host=remote if isinstance(remote, str) else "",
    )

"""One request that is timed: a person's own question goes before it, and it does not wait for ever."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from core.events import TextDelta
from core.lanes import Lanes
from core.metrics.times import Stopwatch, Times
from core.providers.base import Ended, Piece, Provider, Request
from core.sanitise import clean

MOST_CHARACTERS = 2_000
"""Of an answer that was asked for in one line; what says more is closed."""


class Overtaken(Exception):
    """Somebody wants the model for a question of their own."""


class TooSlow(Exception):
    """It took longer than it may."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer with its times; `ended` is None where it was closed for its length."""

    text: str
    times: Times
    ended: Ended | None


async def ask(
    provider: Provider,
    request: Request,
    clock: Callable[[], float],
    lanes: Lanes,
    limit_s: float,
) -> Answered:
    """Send a request and take its times.

    Raises:
        Overtaken: A person's question came; the request is closed, and its times would not count.
        TooSlow: It took longer than `limit_s`.
        ProviderError: It failed.
    """
    if lanes.is_claimed:
        raise Overtaken
    answering = asyncio.ensure_future(_answered(provider.stream(request), clock))
    claimed = asyncio.ensure_future(lanes.wait_until_claimed())
    waited: set[asyncio.Future[Any]] = {answering, claimed}
    try:
        await asyncio.wait(waited, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            return answering.result()
        raise Overtaken if claimed.done() else TooSlow
    finally:
        for task in waited:
            task.cancel()
        # Not suppressed: who stops the measuring while an answer is closed means what follows, too.
        await asyncio.gather(*waited, return_exceptions=True)


async def _answered(pieces: AsyncGenerator[Piece, None], clock: Callable[[], float]) -> Answered:
    watch, texts, ended = Stopwatch(clock), [], None
    length = 0
    async with aclosing(pieces):
        async for piece in pieces:
            match piece:
                case TextDelta(text):
                    watch.text(len(text))
                    texts.append(text)
                    length += len(text)
                    if length > MOST_CHARACTERS:
                        break
                case Ended():
                    ended = piece
    return Answered(clean("".join(texts)), watch.times(), ended)

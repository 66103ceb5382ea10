"""The API key stays where it is: no server can bring it into an error, onto a screen or into a file."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from core.engine.build import build_engine
from core.events import TurnFailed
from core.messages import Question
from core.providers.openai.limits import Limits
from core.providers.openai.provider import OpenAIProvider
from core.settings.model import FastSettings, Settings

CANARY = "lumen.CANARY+7f3a/92bd"
"""Shaped like no known key, so that only knowing it can find it."""
SHAPED = "sk-proj-Zx81QpLm20vKw93TyAb7"
CHAT = "POST /v1/chat/completions"


def repeated(authorization: str) -> Iterator[str]:
    """What a careless server says of a request."""
    key = authorization.partition(" ")[2]
    for text in (
        f"Incorrect API key provided: {key}. See the docs.",
        f"headers: {{'authorization': '{authorization}'}}",
        f"{'x' * 290} {key} and {key.lower()}, not {SHAPED}",
    ):
        yield json.dumps({"error": {"message": text, "type": "error", "code": key}})
        yield json.dumps([{"error": {"message": text}}])
        yield json.dumps({"detail": text})
        yield json.dumps({"error": text})


@asynccontextmanager
async def echoing(status: int, midway: str) -> AsyncGenerator[str, None]:
    """A server that answers chats with what it was sent, each in another way: refusing, or in its stream."""
    number = itertools.count()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            found = re.search(r"(?im)^authorization: (.*?)\r$", head)
            ways = list(repeated(found[1] if found else ""))
            said = ways[next(number)] if head.startswith(CHAT) else ""
            if not said:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            elif midway:
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                )
                writer.write(b'data: {"choices":[{"delta":{"content":"Half"}}]}\n\n')
                writer.write(midway.replace("SAID", said).encode())
            else:
                body = said.encode()
                length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
                writer.write(b"HTTP/1.1 %d Refused\r\n" % status + length + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def asked(folder: Path, url: str, key: str, times: int) -> AsyncGenerator[list[object], None]:
    """Every event of one question, asked so many times."""
    settings = Settings(fast=FastSettings(provider="openai", base_url=url, model="m"))
    engine, _ = build_engine(settings, folder / "leadline.db", {"LEADLINE_FAST__API_KEY": key})
    assert isinstance(engine.provider, OpenAIProvider)
    engine.provider._limits = Limits(busy_pauses_s=())
    for _ in range(times):
        yield [event async for event in engine.ask(Question("hello there"))]
    await engine.aclose()


@pytest.mark.parametrize(
    ("status", "midway"),
    [
        *((status, "") for status in (400, 401, 403, 404, 422, 429, 500)),
        (200, "event: error\ndata: SAID\n\n"),
        (200, "data: SAID\n\n"),
        (200, "event: error\ndata: no JSON but SAID\n\n"),
        (200, "data: SAID and no JSON\n\n"),
        (200, 'data: {"choices":[{"finish_reason":"error","error":SAID}]}\n\n'),
    ],
)
@pytest.mark.parametrize("key", [CANARY, SHAPED])
def test_a_server_that_repeats_the_key_brings_it_nowhere(
    tmp_path: Path, status: int, midway: str, key: str
) -> None:
    """What fails is shown, logged and stored; whoever reads that must not find a key in it."""

    async def main() -> None:
        times = len(list(repeated("Bearer x")))
        async with echoing(status, midway) as url:
            async for events in asked(tmp_path, url, key, times):
                failed = events[-1]
                assert isinstance(failed, TurnFailed), events
                assert "CANARY" not in (told := repr(events)), told
                for part in (key, key.lower(), SHAPED, key[:12]):
                    assert part not in told, told

    asyncio.run(main())
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert b"hello there" in kept
    assert b"canary" not in kept
    assert SHAPED[:12].lower().encode() not in kept

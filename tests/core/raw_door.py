"""A server that says bytes as they are, with the pauses a test wants; for what no real server would do."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from core.providers.address import parse_address
from core.providers.ollama.limits import Limits
from core.providers.ollama.provider import OllamaProvider

Say = Callable[[], AsyncIterator[bytes]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n"


@asynccontextmanager
async def saying(say: Say, limits: Limits, fields: bytes = b"") -> AsyncGenerator[OllamaProvider, None]:
    """A provider whose server answers every request with what `say` gives; the body ends with the socket.

    Args:
        fields: more lines of the head, each with its end.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD + fields + b"\r\n")
            async for data in say():
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    provider = OllamaProvider(parse_address(f"127.0.0.1:{port}", "OLLAMA_HOST"), {}, limits=limits)
    try:
        yield provider
    finally:
        await provider.aclose()
        server.close()


def whole(body: bytes) -> Say:
    """Say all of it at once."""

    async def say() -> AsyncIterator[bytes]:
        yield body

    return say


def again_and_again(data: bytes, pause_s: float = 0.0) -> Say:
    """Say the same for ever."""

    async def say() -> AsyncIterator[bytes]:
        while True:
            yield data
            await asyncio.sleep(pause_s)

    return say

"""What the tests of the OpenAI-compatible provider share: short limits, a provider, one question."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

from core.errors import ProviderError
from core.providers.address import parse_address
from core.providers.base import Request
from core.providers.link import import_httpx
from core.providers.openai.limits import Limits
from core.providers.openai.provider import OpenAIProvider
from tests.core.ollama_door import Heard, left_running, question
from tests.server import OllamaServer

import_httpx()  # its time is not the server's

CHAT = "/v1/chat/completions"

SHORT = Limits(
    connect_s=5.0,
    quick_s=1.0,
    first_byte_loading_s=0.8,
    between_chunks_s=0.2,
    busy_pauses_s=(0.01, 0.02, 0.03),
    say_wait_after_s=0.05,
    loading_pause_s=0.02,
    recognise_s=0.3,
    counts_s=0.2,
)
"""For what is to run into its limit; a busy machine is slower than that."""

PATIENT = replace(SHORT, quick_s=20.0, first_byte_loading_s=20.0, between_chunks_s=20.0, counts_s=5.0)


def at(server: OllamaServer, limits: Limits = PATIENT, bearer: str = "") -> OpenAIProvider:
    """A provider that talks to the server."""
    return OpenAIProvider(parse_address(f"{server.url}/v1", "fast.base_url"), {}, bearer, limits)


async def hear(provider: OpenAIProvider, request: Request) -> Heard:
    """Ask, and keep all that comes, an error as well; the provider stays open."""
    heard, began = Heard(), time.perf_counter()
    try:
        async with aclosing(provider.stream(request)) as pieces:
            async for piece in pieces:
                heard.pieces.append(piece)
    except ProviderError as error:
        heard.error = error
    heard.took_s = time.perf_counter() - began
    return heard


def ask(server: OllamaServer, request: Request | None = None, limits: Limits = PATIENT) -> Heard:
    """One question to the server, in a loop of its own that must be left clean."""

    async def main() -> Heard:
        provider = at(server, limits)
        try:
            return await hear(provider, request or question())
        finally:
            await provider.aclose()
            assert not left_running()

    return asyncio.run(main())

"""Deep calls to the test server: a caller for each protocol, with limits that let a test be quick."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from core.providers.address import parse_address
from core.providers.deep.calls import DeepRequest
from core.providers.deep.connection import Place
from core.providers.deep.limits import DeepLimits
from core.providers.deep.stances import Stances
from core.providers.deep.transport import DeepCaller
from core.settings.api_keys import ApiKey, Found
from tests.core.deep_door import MESSAGES, Told, wire
from tests.core.ollama_door import left_running
from tests.server import OllamaServer

PROTOCOLS = ("openai", "anthropic", "ollama")
CHAT = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "ollama": "/api/chat"}
ASKED = DeepRequest("qwen3.5:4b", MESSAGES, max_tokens=4096)
QUICK = DeepLimits(
    connect_s=5.0,
    headers_s=0.3,
    load_s=0.3,
    first_content_s=0.4,
    thinking_s=0.3,
    writing_s=0.2,
    warn_s=0.06,
    counts_s=0.1,
    whole_s=4.0,
    refusal_s=0.3,
)
PATIENT = replace(
    QUICK, headers_s=9.0, load_s=9.0, first_content_s=9.0, thinking_s=9.0, writing_s=9.0, whole_s=20.0
)

USUAL = DeepLimits()


def caller(server: OllamaServer, protocol: str, limits: DeepLimits = PATIENT, **more: object) -> DeepCaller:
    """A caller that talks to the server."""
    return caller_at(server.url, protocol, limits, **more)  # type: ignore[arg-type]  # whatever the test gives


def caller_at(
    address: str,
    protocol: str,
    limits: DeepLimits = USUAL,
    key: str = "",
    stances: Stances | None = None,
    dialect: str = "plain",
) -> DeepCaller:
    """A caller that talks to an address; what it waits before a new try is next to nothing."""
    url = f"{address}/v1" if protocol == "openai" else address
    found = Found(ApiKey(key), "the test") if key else None
    place = Place(wire(protocol, dialect), parse_address(url, "deep.base_url"), found)
    return DeepCaller(place, {}, stances, limits, chance=lambda: -0.98)


async def hear(deep: DeepCaller, request: DeepRequest = ASKED) -> Told:
    """One call to its end."""
    told = Told()
    async with aclosing(deep.call(request)) as events:
        async for event in events:
            told.events.append(event)
    return told


def run(act: Callable[[], Awaitable[Told]]) -> Told:
    """In a loop of its own, which must be left clean."""

    async def main() -> Told:
        told = await act()
        assert not left_running()
        return told

    return asyncio.run(main())


def ask(server: OllamaServer, protocol: str, request: DeepRequest = ASKED, **more: object) -> Told:
    """One call to the server."""

    async def act() -> Told:
        deep = caller(server, protocol, **more)  # type: ignore[arg-type]  # whatever the test gives
        try:
            return await hear(deep, request)
        finally:
            await deep.aclose()

    return run(act)

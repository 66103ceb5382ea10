"""What the provider's tests share: limits in milliseconds, a provider at the test server, one question."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass, field, replace

import pytest

from core.errors import ProviderError
from core.events import TextDelta, ThinkingDelta, Waiting
from core.messages import Message, Role
from core.providers.address import parse_address
from core.providers.base import Ended, Piece, Profile, Request
from core.providers.ollama.limits import Limits
from core.providers.ollama.provider import OllamaProvider
from tests.server import OllamaServer

NAME = "qwen3.5:4b"

SHORT = Limits(
    connect_s=5.0,
    quick_s=1.0,
    first_byte_loaded_s=0.3,
    first_byte_loading_s=0.8,
    between_chunks_s=0.2,
    look_after_s=0.02,
    look_again_s=0.02,
    look_takes_s=0.5,
    report_s=0.2,
    checking_s=0.4,
    busy_pauses_s=(0.01, 0.02, 0.03),
    restart_pause_s=0.01,
)
"""Every phase in milliseconds, for what is to run into its limit; a busy machine is slower than that."""

PATIENT = replace(
    SHORT,
    connect_s=3.0,
    quick_s=5.0,
    first_byte_loaded_s=10.0,
    first_byte_loading_s=20.0,
    between_chunks_s=10.0,
    last_bytes_s=5.0,
    reading_s=0.0,
)


def question(text: str = "hi", model: str = NAME, **more: object) -> Request:
    """A request with one message."""
    asked = Request(model, (Message(Role.USER, text),), Profile(4096), 512)
    return replace(asked, **more)  # type: ignore[arg-type]  # the names are the test's own


def at(
    server: OllamaServer, limits: Limits = PATIENT, environ: Mapping[str, str] | None = None
) -> OllamaProvider:
    """A provider that talks to the server."""
    return OllamaProvider(parse_address(server.url, "OLLAMA_HOST"), environ or {}, limits=limits)


@dataclass
class Heard:
    """Everything that came of one question."""

    pieces: list[Piece] = field(default_factory=list)
    error: ProviderError | None = None
    took_s: float = 0.0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, TextDelta))

    @property
    def thinking(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, ThinkingDelta))

    @property
    def waits(self) -> list[Waiting]:
        return [piece for piece in self.pieces if isinstance(piece, Waiting)]

    @property
    def ended(self) -> Ended | None:
        last = self.pieces[-1] if self.pieces else None
        return last if isinstance(last, Ended) else None


async def hear(provider: OllamaProvider, request: Request) -> Heard:
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


def left_running() -> list[str]:
    """What runs besides the caller; the HTTP client's own generators, closed by the loop, do not count."""
    others = [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return [task for task in others if "async_generator_athrow" not in task]


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


def raises(
    kind: type[ProviderError], match: str | None = None
) -> AbstractContextManager[pytest.ExceptionInfo[ProviderError]]:
    """`pytest.raises` for an error that a person can act on."""
    return pytest.raises(kind, match=match)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within half a minute, for what another thread does."""
    limit = time.monotonic() + 30
    while not holds() and time.monotonic() < limit:
        time.sleep(0.001)
    return holds()

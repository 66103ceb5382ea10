"""Ollama as a provider: the hot path on our own HTTP client, the `ollama` package for what is rare.

The package costs 110-270 ms CPU to import, has no timeouts, ends silently when a stream is cut, and sends
loopback traffic to ``HTTP_PROXY``; so only pull and show use it, imported on first use.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import (
    HouseError,
    NothingHeard,
    ProtocolBroken,
    ProviderError,
    ProviderUnreachable,
    ProxyInTheWay,
    StreamCut,
)
from core.providers.address import Address, place_word
from core.providers.base import ModelInfo, Piece, PullProgress, Request, ServerState
from core.providers.link import Link
from core.providers.ollama import refusals
from core.providers.ollama.catalogue import read_catalogue
from core.providers.ollama.chat import Chat

if TYPE_CHECKING:
    import httpx

QUICK_S = 3.0
"""For version, models and what is loaded: the server answers these from memory."""


class OllamaProvider:
    """One Ollama server."""

    name = "ollama"

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        bearer: str = "",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._link = Link(address, environ, bearer)
        self._clock = clock
        self._note = ""

    @property
    def address(self) -> str:
        """The server's URL, without credentials."""
        return self._link.address.url

    @property
    def address_source(self) -> str:
        """The setting that the address came from."""
        return self._link.address.source

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; a name not looked up yet counts as remote."""
        return place_word(self._link.address.host, self._link.ip, remote_host)

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer, piece by piece; closing the generator closes the socket."""

        async def send(body: bytes) -> "httpx.Response":
            response = await self._link.send("POST", "/api/chat", body)
            return await self._accept(response, request.model)

        async def loaded() -> frozenset[str]:
            models = (await self._get("/api/ps")).get("models")
            names = [model.get("name") for model in models or [] if isinstance(model, dict)]
            return frozenset(name for name in names if isinstance(name, str))

        return Chat(request, send, loaded, self._explain, self._clock).pieces()

    async def look(self) -> ServerState:
        """Version, models and what is loaded; a proxy in the way is passed by once, and said."""
        try:
            return await self._look()
        except ProxyInTheWay:
            if not await self._link.go_direct():
                raise
            state = await self._look()
            self._note = "a proxy stood in the way of Ollama; going direct"
            return ServerState(state.version, state.models, self._note)

    async def _look(self) -> ServerState:
        tags = asyncio.ensure_future(self._get("/api/tags"))
        others = [asyncio.ensure_future(self._get(path)) for path in ("/api/ps", "/api/version")]
        try:
            listed = await tags
            loaded, version = await asyncio.gather(*others, return_exceptions=True)
        finally:
            for task in (tags, *others):
                task.cancel()
            await asyncio.gather(tags, *others, return_exceptions=True)
        running = loaded if isinstance(loaded, dict) else {}
        text = version.get("version") if isinstance(version, dict) else ""
        return ServerState(str(text or ""), read_catalogue(listed, running), self._note)

    async def show(self, model: ModelInfo) -> ModelInfo:
        """Ask for what an older server leaves out of its list: capabilities and context length."""
        from core.providers.ollama import package

        return await package.show(self._link, model)

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Fetch a model; closing the generator pauses it, and a new pull resumes."""
        from core.providers.ollama import package

        return package.pull(self._link, model)

    async def aclose(self) -> None:
        """Give back connections."""
        await self._link.aclose()

    async def _get(self, path: str) -> dict[str, Any]:
        """One of the small questions."""
        try:
            async with asyncio.timeout(QUICK_S):
                response = await self._accept(await self._link.send("GET", path), "")
                body = await response.aread()
        except TimeoutError:
            raise NothingHeard(
                f"Ollama at {self.address} took the connection and said nothing for {QUICK_S:.0f} s",
                "Check what listens there, or restart Ollama.",
            ) from None
        except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
            raise self._explain(error) from None
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self._not_ollama()
        return value

    async def _accept(self, response: "httpx.Response", model: str) -> "httpx.Response":
        """Let an answered request through; a refused one becomes its error."""
        if response.status_code == 200:
            if "html" not in response.headers.get("content-type", ""):
                return response
            await response.aclose()
            raise self._not_ollama()
        try:
            async with asyncio.timeout(QUICK_S):
                body = await _first_bytes(response)
        except TimeoutError:
            body = b""
        finally:
            await response.aclose()
        raise refusals.from_status(response.status_code, body, model, self._link.is_proxied)

    def _not_ollama(self) -> ProviderError:
        if self._link.is_proxied:
            return ProxyInTheWay(
                "a proxy answered instead of Ollama", "Put the host into NO_PROXY, or unset the proxy for it."
            )
        return ProtocolBroken(
            f"something else than Ollama answers at {self.address}",
            "Set the right address: OLLAMA_HOST, or fast.base_url in the settings.",
        )

    def _explain(self, error: Exception) -> ProviderError:
        """What an exception of the HTTP client means for the person."""
        import httpx

        if isinstance(error, ProviderError):
            return error
        if isinstance(error, HouseError):
            raise error
        if isinstance(error, httpx.ProxyError):
            return ProxyInTheWay(
                "the proxy does not let us through", "Put the host into NO_PROXY, or unset the proxy for it."
            )
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return self._unreachable()
        if isinstance(error, httpx.RemoteProtocolError | httpx.NetworkError):
            return StreamCut("the connection broke", "The text so far is kept; ask again (/again).")
        if isinstance(error, httpx.TransportError | httpx.InvalidURL):
            return ProviderUnreachable(
                f"Ollama at {self.address}: {error}", "Check the address and the network."
            )
        raise error

    def _unreachable(self) -> ProviderError:
        if self._link.is_proxied:
            return ProxyInTheWay(
                "the proxy does not answer", "Put the host into NO_PROXY, or unset the proxy for it."
            )
        is_here = self.place() == "local"
        return ProviderUnreachable(
            f"Ollama is not running at {self.address}" if is_here else f"nobody answers at {self.address}",
            "Start it with `ollama serve` (get it from ollama.com/download), or try `leadline --demo`."
            if is_here
            else f"Check that host and the address ({self.address_source}).",
        )


async def _first_bytes(response: "httpx.Response", most: int = 65536) -> bytes:
    """The beginning of a body, so that an endless one does no harm."""
    body = b""
    async for data in response.aiter_raw():
        body += data
        if len(body) >= most:
            break
    return body

"""Ollama as a provider: the hot path on our own HTTP client, the `ollama` package for what is rare.

The package costs 110-270 ms CPU to import, has no timeouts, ends silently when a stream is cut, and sends
loopback traffic to ``HTTP_PROXY``; so only pull and show use it, imported on first use.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import ProviderError, ProxyInTheWay
from core.providers.address import Address, place_word
from core.providers.base import ModelInfo, Piece, PullProgress, Request, ServerState, nothing_to_do
from core.providers.bodies import first_bytes, whole_body
from core.providers.failures import says_nothing
from core.providers.link import Link
from core.providers.ollama import failures, refusals
from core.providers.ollama.body import is_unloading, render_body, unload_body
from core.providers.ollama.calls import Call, ChatCall, RawCall
from core.providers.ollama.catalogue import read_catalogue
from core.providers.ollama.chat import Chat
from core.providers.ollama.limits import Limits
from core.sanitise import clean_line

if TYPE_CHECKING:
    import httpx

WENT_DIRECT = "a proxy stood in the way of Ollama; going direct"


class OllamaProvider:
    """One Ollama server."""

    name = "ollama"
    fetches = True

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        bearer: str = "",
        clock: Callable[[], float] = time.perf_counter,
        limits: Limits = Limits(),  # noqa: B008  (frozen)
    ) -> None:
        self._link = Link(address, environ, bearer, limits.connect_s)
        self._clock = clock
        self._limits = limits
        self._note = ""
        self._unrendered: set[str] = set()

    @property
    def address(self) -> str:
        """The server's URL, without credentials."""
        return self._link.address.url

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; a name not looked up yet counts as remote."""
        return place_word(self._link.address.host, self._link.ip, remote_host)

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer, piece by piece; closing the generator closes the socket."""
        if not request.messages and is_unloading(request.keep_alive):
            return nothing_to_do()
        return self._stream(ChatCall(request))

    async def render(self, request: Request) -> str:
        """The whole prompt of a request, as it must be sent back: it is not made harmless."""
        from core.providers.ollama.rendering import read_prompt

        if request.model not in self._unrendered:
            body = await self._ask("POST", "/api/chat", render_body(request), request.model)
            if prompt := read_prompt(body):
                return prompt
            self._unrendered.add(request.model)  # it was read and answered instead; that is not done twice
        raise refusals.shows_no_prompt(request.model)

    def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        """Go on from a prompt as it stands; closing the generator closes the socket."""
        return self._stream(RawCall(request, prompt))

    def _stream(self, call: Call) -> AsyncGenerator[Piece, None]:
        async def send(body: bytes) -> "httpx.Response":
            try:
                return await self._post(call, body)
            except ProxyInTheWay:
                if not await self._link.go_direct():
                    raise
            self._note = WENT_DIRECT
            return await self._post(call, body)

        return Chat(call, send, self.loaded, self._explain, self._clock, self._limits).pieces()

    async def loaded(self) -> frozenset[str]:
        """The names of the models in memory."""
        models = (await self._get("/api/ps")).get("models")
        entries = models if isinstance(models, list) else []
        names = [model.get("name") for model in entries if isinstance(model, dict)]
        return frozenset(name for name in names if isinstance(name, str))

    async def unload(self, model: str) -> None:
        """Let go of a model, for everybody who uses this server."""
        await self._ask("POST", "/api/chat", unload_body(model), model)

    async def embed(self, model: str, texts: Sequence[str], keep_alive: str) -> tuple[tuple[float, ...], ...]:
        """One vector a text, in their order."""
        from core.providers.ollama.embed import embed_body, read_vectors

        body = await self._ask("POST", "/api/embed", embed_body(model, texts, keep_alive), model)
        return read_vectors(body, len(texts), self._link)

    async def look(self) -> ServerState:
        """Version, models and what is loaded; a proxy in the way is passed by once, and said."""
        try:
            return await self._look()
        except ProxyInTheWay:
            if not await self._link.go_direct():
                raise
            self._note = WENT_DIRECT
            return await self._look()

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
        return ServerState(
            clean_line(text) if isinstance(text, str) else "", read_catalogue(listed, running), self._note
        )

    async def show(self, model: ModelInfo) -> ModelInfo:
        """Ask for what an older server leaves out of its list: capabilities and context length."""
        from core.providers.ollama import package

        return await package.show(self._link, model, self._limits)

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Fetch a model; closing the generator pauses it, and a new pull resumes."""
        from core.providers.ollama import package

        return package.pull(self._link, model, self._limits)

    async def aclose(self) -> None:
        """Give back connections."""
        await self._link.aclose()

    async def _post(self, call: Call, body: bytes) -> "httpx.Response":
        try:
            return await self._accept(await self._link.send("POST", call.path, body), call.request.model)
        except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
            raise self._explain(error) from None

    async def _get(self, path: str) -> dict[str, Any]:
        """One of the small questions."""
        return await self._ask("GET", path)

    async def _ask(
        self, method: str, path: str, sent: bytes | None = None, model: str = ""
    ) -> dict[str, Any]:
        """A question that is answered with one object; what has to load a model may take as long as that."""
        limit_s = self._limits.first_byte_loading_s if model else self._limits.quick_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._accept(await self._link.send(method, path, sent), model)
                body = await whole_body(response)
        except TimeoutError:
            raise says_nothing(self._link, failures.OLLAMA, limit_s) from None
        except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
            raise self._explain(error) from None
        if body is None:
            raise failures.not_ollama(self._link)
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise failures.not_ollama(self._link)
        return value

    async def _accept(self, response: "httpx.Response", model: str) -> "httpx.Response":
        """Let an answered request through; a refused one becomes its error."""
        if response.status_code == 200:
            if "html" not in response.headers.get("content-type", ""):
                return response
            await response.aclose()
            raise failures.not_ollama(self._link)
        try:
            async with asyncio.timeout(self._limits.quick_s):
                body = await first_bytes(response)
        except TimeoutError:
            body = b""
        finally:
            await response.aclose()
        raise refusals.from_status(response.status_code, body, model, self._link.is_proxied)

    def _explain(self, error: Exception) -> ProviderError:
        return failures.explain(error, self._link)

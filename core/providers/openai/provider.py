"""A server of the OpenAI-compatible protocol as a provider: streaming, models, and nothing it cannot do."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import NothingHeard, ProtocolBroken, ProviderError, ProxyInTheWay, RequestRejected
from core.providers import failures
from core.providers.address import Address, place_word
from core.providers.base import ModelInfo, Piece, PullProgress, Request, ServerState, nothing_to_do
from core.providers.bodies import first_bytes, whole_body
from core.providers.link import Link
from core.providers.openai import catalogue, refusals
from core.providers.openai.body import OPTIONAL, PLAIN, WISHES, Dialect, build, refused_field
from core.providers.openai.chat import Chat
from core.providers.openai.limits import Limits

if TYPE_CHECKING:
    import httpx

WENT_DIRECT = "a proxy stood in the way of the server; going direct"
SPOKEN = failures.Spoken(
    "the model server",
    "Start the program that serves your model (llama-server, LM Studio, vLLM), check fast.base_url",
    "fast.base_url in the settings, with the version path, as in http://127.0.0.1:8080/v1",
)
_VERSION_PATH = "/v1"

_T = TypeVar("_T")


class OpenAIProvider:
    """One server of this protocol."""

    name = "openai"
    fetches = False

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        bearer: str = "",
        limits: Limits = Limits(),  # noqa: B008  (frozen)
    ) -> None:
        self._link = Link(address, environ, bearer, limits.connect_s)
        # What servers tell beyond the protocol stands beside the version path, not below it.
        self._beside = Link(
            replace(address, path=address.path.removesuffix(_VERSION_PATH)),
            environ,
            bearer,
            limits.connect_s,
        )
        self._limits = limits
        self._note = ""
        self._omitted: frozenset[str] = frozenset()
        self._dialect: Dialect | None = None
        self._passes_on = False

    @property
    def address(self) -> str:
        """The server's URL, without credentials."""
        return self._link.address.url

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; what a gateway passes on is remote, however near."""
        host = self._link.address.host
        return f"REMOTE {host}" if self._passes_on else place_word(host, self._link.ip, "")

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer, piece by piece; closing the generator closes the socket.

        Without messages nothing is sent: such a server has its model loaded, or loads it when it is asked.
        """
        if not request.messages:
            return nothing_to_do()

        async def send() -> "httpx.Response":
            await self._recognise()
            return await self._past_proxies(lambda: self._post(request))

        return self._pieces(request, send)

    async def _pieces(
        self, request: Request, send: Callable[[], Awaitable["httpx.Response"]]
    ) -> AsyncGenerator[Piece, None]:
        try:
            async with aclosing(Chat(request, send, self._explain, self._limits).pieces()) as pieces:
                async for piece in pieces:
                    yield piece
        except ProviderError as error:
            raise self._link.without_key(error) from None

    async def look(self) -> ServerState:
        """The models that are served; a server without a list has none, and may be used all the same."""
        try:
            listed = catalogue.entries(await self._past_proxies(lambda: self._get(self._link, "/models")))
        except RequestRejected:
            return ServerState(note=self._note)
        owned_by = catalogue.owner(listed)
        self._passes_on = catalogue.passes_on(listed)
        self._dialect = catalogue.dialect_of(self._link.address.host, owned_by)
        props = await self._more("/props") if owned_by == catalogue.LLAMA_SERVER else None
        more = await self._more("/api/v0/models") if owned_by == catalogue.LM_STUDIO else None
        models = catalogue.read_models(
            listed, props if isinstance(props, dict) else {}, catalogue.entries(more)
        )
        if self._passes_on:
            behind = f"a service reached through {self._link.address.netloc}"
            models = tuple(replace(model, remote_host=behind) for model in models)
        return ServerState(models=models, note=self._note)

    async def show(self, model: ModelInfo) -> ModelInfo:
        """There is nothing more to ask."""
        return model

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Refuse in words: this protocol fetches no models.

        Raises:
            RequestRejected: Always.
        """
        nothing: tuple[PullProgress, ...] = ()
        for step in nothing:  # what makes it a generator
            yield step
        raise refusals.cannot_fetch(model, self.address)

    async def aclose(self) -> None:
        """Give back connections."""
        await self._link.aclose()
        await self._beside.aclose()

    async def _recognise(self) -> None:
        """Find out how a server nearby wants its requests, once; far away that would cost its time."""
        if self._dialect is not None:
            return
        address = self._link.address
        self._dialect = catalogue.dialect_of(address.host, "")
        if self._link.ip is None or self.place().startswith("REMOTE"):
            return
        try:
            listed = catalogue.entries(await self._get(self._link, "/models", self._limits.recognise_s))
        except (RequestRejected, ProtocolBroken, NothingHeard):
            return  # one that computes for somebody else says nothing, and may be asked all the same
        except ProviderError:
            self._dialect = None
            raise
        self._passes_on = catalogue.passes_on(listed)
        self._dialect = catalogue.dialect_of(address.host, catalogue.owner(listed))

    async def _past_proxies(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask; a proxy in the way is passed by once, and said."""
        try:
            return await ask()
        except ProxyInTheWay:
            if not await self._link.go_direct():
                raise
        self._note = WENT_DIRECT
        return await ask()

    async def _post(self, request: Request) -> "httpx.Response":
        """Send the question; a field that a strict server refuses by name is left out from then on."""
        wishes = WISHES if request.schema or request.temperature is not None else ()
        while True:
            call = build(request, self._dialect or PLAIN, self._omitted)
            try:
                return await self._accept(await self._link.send("POST", call.path, call.body), request.model)
            except RequestRejected as error:
                field = refused_field(error.message, self._omitted, OPTIONAL + wishes)
                if not field:
                    raise
                self._omitted |= {field}
            except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
                raise self._explain(error) from None

    async def _more(self, path: str) -> object:
        """What a known server tells beside the protocol; that it does not is no failure."""
        try:
            return await self._get(self._beside, path)
        except ProviderError:
            return None

    async def _get(self, link: Link, path: str, limit_s: float = 0.0) -> object:
        """One of the small questions."""
        limit_s = limit_s or self._limits.quick_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._accept(await link.send("GET", path), "")
                body = await whole_body(response)
        except TimeoutError:
            raise failures.says_nothing(self._link, SPOKEN, limit_s) from None
        except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
            raise self._explain(error) from None
        try:
            value: Any = json.loads(body or b"")
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict | list):
            raise failures.stranger(self._link, SPOKEN)
        return value

    async def _accept(self, response: "httpx.Response", model: str) -> "httpx.Response":
        """Let an answered request through; a refused one becomes its error."""
        if response.status_code == 200:
            if "html" not in response.headers.get("content-type", ""):
                return response
            await response.aclose()
            raise failures.stranger(self._link, SPOKEN)
        try:
            async with asyncio.timeout(self._limits.quick_s):
                body = await first_bytes(response)
        except TimeoutError:
            body = b""
        finally:
            await response.aclose()
        raise refusals.from_status(
            response.status_code,
            body,
            model,
            self.address,
            self._link.is_proxied,
            response.headers.get("retry-after", ""),
        )

    def _explain(self, error: Exception) -> ProviderError:
        return failures.explain(error, self._link, SPOKEN)

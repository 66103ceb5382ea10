"""The way to one place: requests with their key, refusals and exceptions as errors without it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import HouseError, ProxyInTheWay
from core.events import Noted
from core.providers import failures as house_failures
from core.providers.address import is_near, place_word
from core.providers.bodies import first_bytes
from core.providers.deep import failures
from core.providers.deep.calls import DeepEvent, DeepRequest, Failed, Finished, Stance, Wire
from core.providers.deep.cleaning import masked
from core.providers.deep.failures import DeepError
from core.providers.deep.limits import DeepLimits
from core.providers.deep.refusals import About, from_status, key_missing
from core.providers.link import Link

if TYPE_CHECKING:
    import httpx

    from core.providers.address import Address
    from core.settings.api_keys import Found


@dataclass(frozen=True, slots=True)
class Place:
    """Where deep calls go.

    Attributes:
        key: what is sent as the key, and where it came from; None when there is none.
        needs_key: it takes no request without one, so that none is tried.
        set_key: how a person gives it one, for messages.
    """

    wire: Wire
    address: "Address"
    key: "Found | None" = None
    needs_key: bool = False
    set_key: str = "leadline keys set"


class Connection:
    """Requests to one place; made cheaply, connected on first use."""

    def __init__(self, place: Place, environ: Mapping[str, str], limits: DeepLimits) -> None:
        self._at = place
        self._limits = limits
        self._link = Link(place.address, environ, "", limits.connect_s)

    @property
    def wire(self) -> Wire:
        """The protocol that is spoken."""
        return self._at.wire

    @property
    def name(self) -> str:
        """Whom errors speak of."""
        return self._at.wire.spoken_to

    @property
    def address(self) -> str:
        """The place's URL, without credentials."""
        return self._link.address.url

    @property
    def is_near(self) -> bool:
        """Whether it is known to be this machine or its own network."""
        return self._link.ip is not None and is_near(self._link.ip)

    def place(self, remote_host: str) -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; a name not looked up yet counts as remote."""
        return place_word(self._link.address.host, self._link.ip, remote_host)

    def lacks_key(self, model: str) -> DeepError | None:
        """Why there is no use in asking; None when there is."""
        return key_missing(self._about(model)) if self._at.needs_key and self._at.key is None else None

    async def aclose(self) -> None:
        """Give back connections."""
        await self._link.aclose()

    def _secret(self) -> str:
        return self._at.key.value.reveal() if self._at.key else ""

    def _about(self, model: str) -> About:
        source = self._at.key.source if self._at.key else ""
        return About(self.name, model, self._secret(), source, self._at.set_key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that the place is sent and nobody else may know."""
        return tuple(filter(None, (self._secret(), *self._link.address.secrets)))

    async def send(self, request: DeepRequest, stance: Stance) -> "httpx.Response":
        """Post the request; returns at good headers.

        Raises:
            DeepError: It was refused, or there is no way to the place.
        """
        call = self._at.wire.build(request, stance)
        secret = self._secret()
        headers = {**call.headers, **(self._at.wire.auth(secret) if secret else {})}
        try:
            try:
                response = await self._link.send("POST", call.path, call.body, headers)
            except ProxyInTheWay:
                if not await self._link.go_direct():
                    raise
                response = await self._link.send("POST", call.path, call.body, headers)
        except Exception as error:  # noqa: BLE001  (named by `explain`, which raises what it does not know)
            raise self.explain(error, has_text=False) from None
        try:
            await self._accept(response, request.model)
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _accept(self, response: "httpx.Response", model: str) -> None:
        if response.status_code == 200:
            if "html" in response.headers.get("content-type", ""):
                raise failures.not_understood(self.name, "a web page")
            return
        body = b""
        try:
            async with asyncio.timeout(self._limits.refusal_s):
                body = await first_bytes(response)
        except Exception as error:  # noqa: BLE001  (the status says enough; a bug is raised by `explain`)
            if not isinstance(error, TimeoutError):
                self.explain(error, has_text=False)
        raise from_status(response.status_code, response.headers, body, self._about(model))

    def explain(self, error: Exception, has_text: bool) -> DeepError:
        """What an exception of the client means; what is none of ours is a bug, and raised."""
        if isinstance(error, DeepError):
            return error
        spoken = house_failures.Spoken(
            self.name, f"Start the program that serves {self.name}", "deep.base_url"
        )
        known: HouseError = house_failures.explain(error, self._link, spoken)
        match known.kind:
            case "cut":
                return failures.cut_off(self.name, has_text)
            case "timeout":
                return failures.NoHeaders(known.message, known.remedy)
            case "protocol":
                return failures.NotUnderstood(known.message, known.remedy)
            case "rejected":
                return failures.Refused(known.message, known.remedy)
        remedy = f"{known.remedy} A local model can answer meanwhile."
        return failures.Offline(f"no way to {self.name}: {known.message}", remedy)

    def redacted(self, event: DeepEvent) -> DeepEvent:
        """A key that a server sends back goes no further: neither in an error nor in what it says beside."""
        secrets = self.secrets
        if not secrets:
            return event
        match event:
            case Failed(error=error) | Finished(shortfall=DeepError() as error):
                error.message = masked(error.message, secrets)
                error.said = ""
                error.args = (error.message,)
            case Noted(said):
                event = Noted(masked(said, secrets))
        return event._replace(said=masked(event.said, secrets)) if isinstance(event, Finished) else event

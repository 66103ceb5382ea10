"""One HTTP connection pool to one server: names, proxies and certificates, decided once and said.

Towards this machine and private addresses the environment's proxies are passed by: a proxy cannot reach
them, and what is local has no business there.
"""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

from core.errors import NameNotFound, ProviderError
from core.providers.address import Address, is_near
from core.providers.names import look_up
from core.providers.proxies import applies, choose_proxy, unusable
from core.redaction import redact

if TYPE_CHECKING:
    import httpx

CONNECT_S = 1.0
NAME_S = 1.0


def import_httpx() -> None:
    """Import httpx without its command line.

    httpx imports its own command (click, rich, pygments) whenever click is installed, and sqlite-utils
    brings click: 30 ms that nobody here uses. A None in `sys.modules` makes that one import fail, which
    httpx is prepared for.
    """
    if "httpx" not in sys.modules:
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is the documented block
        import httpx  # noqa: F401


class Link:
    """Requests to one address; made cheaply, connected on first use.

    Attributes:
        ip: where requests go; None while a name has not been looked up, or when it leads nowhere.
        is_proxied: a proxy of the environment stands between; known after the first request.
    """

    def __init__(
        self, address: Address, environ: Mapping[str, str], bearer: str = "", connect_s: float = CONNECT_S
    ) -> None:
        self.address = address
        self.ip: IPv4Address | IPv6Address | None = address.ip
        self.is_proxied = False
        self._has_gone_direct = False
        self._environ = environ
        self._bearer = bearer.strip()
        self._timeout = {"connect": connect_s, "read": None, "write": 5.0, "pool": 5.0}
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._base = ""
        self._headers: dict[str, str] = {}
        self._extensions: dict[str, Any] = {}
        self._options: dict[str, Any] = {}

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "httpx.Response":
        """Send one request, with more headers if need be; returns at the answer's headers, its body unread.

        Cancelling, or closing the response, closes the socket. Raises httpx's own exceptions and
        `ProviderUnreachable`: what they mean is for the provider to say.
        """
        client = self._client or await self._open()
        request = client.build_request(
            method,
            self._base + path,
            content=body,
            headers={**self._headers, **headers} if headers else self._headers,
            extensions={"timeout": self._timeout, **self._extensions},
        )
        return await client.send(request, stream=True)

    def without_key(self, error: ProviderError) -> ProviderError:
        """The error without the key that goes to this address; some servers send it back."""
        error.message = redact(error.message, (self._bearer, *self.address.secrets))
        error.args = (error.message,)
        return error

    async def foreign_options(self) -> tuple[str, dict[str, Any]]:
        """URL and options for an httpx client that is not ours (the ollama package makes its own).

        Its requests get our headers and no others' credentials: the package sends ``OLLAMA_API_KEY`` to
        every host there is.
        """
        await self._open()

        async def dress(request: "httpx.Request") -> None:
            request.headers.pop("authorization", None)
            request.headers.update(self._headers)
            request.extensions.update(self._extensions)

        return self._base, {**self._options, "event_hooks": {"request": [dress]}, "follow_redirects": False}

    async def go_direct(self) -> bool:
        """Pass the proxy by from now on; False when there is none, or the name is not known here."""
        if self._has_gone_direct:  # another request was quicker to find out
            return True
        if not self.is_proxied or self.ip is None:
            return False
        self._has_gone_direct = True
        self._environ = {k: v for k, v in self._environ.items() if not k.lower().endswith("_proxy")}
        await self.aclose()
        return True

    async def aclose(self) -> None:
        """Close the pool; a later request opens it again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _open(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is not None:
                return self._client
            address = self.address
            # A name that has no ASCII form is none for a resolver, nor for a header.
            if self.ip is None and address.host.isascii():
                self.ip = await look_up(address.host, NAME_S)
            is_direct = self.ip is not None and is_near(self.ip)
            self.is_proxied = not is_direct and applies(address, self._environ)
            if not address.host.isascii() or (self.ip is None and not self.is_proxied):
                raise NameNotFound(
                    f"the name {address.host} leads to no address",
                    f"Check {_say_source(address)}, and the network.",
                )
            self._client = await self._make_client()
            return self._client

    async def _make_client(self) -> "httpx.AsyncClient":
        import_httpx()
        import httpx

        self._headers, self._base, self._extensions = self._make_headers(), self._base_url(), {}
        if self.address.scheme == "https":
            # We connect to an IP, so the certificate is checked against the name that was meant.
            self._extensions = {"sni_hostname": self.address.host.partition("%")[0]}
        self._options = {
            "verify": self._trust(),
            "proxy": await self._proxy() if self.is_proxied else None,
            "trust_env": False,
        }
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=4, keepalive_expiry=60.0)
        return httpx.AsyncClient(**self._options, limits=limits)

    def _make_headers(self) -> dict[str, str]:
        headers = {
            "host": self.address.netloc,
            "accept-encoding": "identity",
            "content-type": "application/json",
        }
        if self._bearer:
            headers["authorization"] = f"Bearer {self._bearer}"
        elif self.address.userinfo:
            headers["authorization"] = f"Basic {self.address.basic}"
        return headers

    def _base_url(self) -> str:
        address = self.address
        if self.is_proxied or self.ip is None:
            return f"{address.scheme}://{address.netloc}{address.path}"
        host = f"[{self.ip}]" if self.ip.version == 6 else str(self.ip)
        return f"{address.scheme}://{host}:{address.port}{address.path}"

    def _trust(self) -> ssl.SSLContext | bool:
        """Whose certificates are believed: the environment's own file or folder, else the public ones."""
        file, folder = self._environ.get("SSL_CERT_FILE"), self._environ.get("SSL_CERT_DIR")
        if self.address.scheme != "https" and not self.is_proxied:
            # A context with certificates costs 20-35 ms; over plain http nobody looks at it, and this one
            # trusts nobody, should anybody ever do.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not file and not folder:
            return True
        try:
            return ssl.create_default_context(cafile=file or None, capath=folder or None)
        except OSError:  # the file is not there, or is none of certificates
            return True

    async def _proxy(self) -> "httpx.Proxy":
        """The proxy to go through, its name looked up by us for the same reason as the server's own.

        Raises:
            ProxyInTheWay: There is no way to it.
        """
        import httpx

        choice = choose_proxy(self.address, self._environ)
        user, password = choice.auth
        auth = (user, password) if user or password else None
        ip = Address("http", choice.host, choice.port).ip or await look_up(choice.host, NAME_S)
        if ip is None:
            raise unusable("has a name that leads to no address")
        # A certificate is for a name; that it can be looked up is known by now.
        return httpx.Proxy(choice.url("" if choice.scheme == "https" else str(ip)), auth=auth)


def _say_source(address: Address) -> str:
    return (
        "the address in OLLAMA_HOST" if address.source == "OLLAMA_HOST" else f"the setting {address.source}"
    )

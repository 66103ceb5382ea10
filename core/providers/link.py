"""One HTTP connection pool to one server: names, proxies and certificates, decided once and said.

Towards this machine and private addresses the environment's proxies are passed by: a proxy cannot reach
them, and what is local has no business there. A name is looked up by us, in a thread that nobody has to
wait for: a resolver that hangs would otherwise hold the process at its exit for many seconds.
"""

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from core.errors import NameNotFound
from core.providers.address import Address, is_near

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
    """Requests to one address; made cheaply, connected on first use."""

    def __init__(self, address: Address, environ: Mapping[str, str], bearer: str = "") -> None:
        self.address = address
        self.ip: IPv4Address | IPv6Address | None = address.ip
        self.is_proxied = False
        self._environ = environ
        self._bearer = bearer
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._base = ""
        self._headers: dict[str, str] = {}
        self._extensions: dict[str, Any] = {}

    async def send(self, method: str, path: str, body: bytes | None = None) -> "httpx.Response":
        """Send one request; returns when the headers are there, the body unread.

        Cancelling, or closing the response, closes the socket. Raises httpx's own exceptions and
        `NameNotFound`: what they mean is for the provider to say.
        """
        client = self._client or await self._open()
        request = client.build_request(
            method,
            self._base + path,
            content=body,
            headers=self._headers,
            extensions=self._request_extensions(),
        )
        return await client.send(request, stream=True)

    async def base_url(self) -> tuple[str, dict[str, str]]:
        """URL and headers for a client that is not ours (the ollama package)."""
        await self._open()
        return self._base, dict(self._headers)

    async def go_direct(self) -> bool:
        """Pass the proxy by from now on; False when there is none, or the name is not known here."""
        if not self.is_proxied or self.ip is None:
            return False
        await self.aclose()
        self._environ = {k: v for k, v in self._environ.items() if not k.lower().endswith("_proxy")}
        return True

    async def aclose(self) -> None:
        """Close the pool; a later request opens it again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _request_extensions(self) -> dict[str, Any]:
        timeout = {"connect": CONNECT_S, "read": None, "write": 5.0, "pool": 5.0}
        return {"timeout": timeout, **self._extensions}

    async def _open(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is not None:
                return self._client
            if self.ip is None:
                self.ip = await self._look_up()
            is_direct = self.ip is not None and is_near(self.ip)
            self.is_proxied = not is_direct and _proxy_applies(self.address, self._environ)
            if self.ip is None and not self.is_proxied:
                raise NameNotFound(
                    f"the name {self.address.host} leads to no address",
                    f"Check {_say_source(self.address)}, and the network.",
                )
            self._client = self._make_client()
            return self._client

    def _make_client(self) -> "httpx.AsyncClient":
        import_httpx()
        import httpx

        address = self.address
        self._headers = {
            "host": address.netloc,
            "accept-encoding": "identity",
            "content-type": "application/json",
        }
        if self._bearer:
            self._headers["authorization"] = f"Bearer {self._bearer}"
        elif address.userinfo:
            import base64

            self._headers["authorization"] = "Basic " + base64.b64encode(address.userinfo.encode()).decode()
        if self.is_proxied or self.ip is None:
            self._base = f"{address.scheme}://{address.netloc}{address.path}"
        else:
            host = f"[{self.ip}]" if self.ip.version == 6 else str(self.ip)
            self._base = f"{address.scheme}://{host}:{address.port}{address.path}"
            self._extensions = {"sni_hostname": address.host} if address.scheme == "https" else {}
        # A context with certificates costs 20-35 ms; over plain http nobody looks at it, and this one
        # trusts nobody, should anybody ever do.
        verify = True if address.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=4, keepalive_expiry=60.0)
        return httpx.AsyncClient(verify=verify, trust_env=self.is_proxied, limits=limits)

    async def _look_up(self) -> IPv4Address | IPv6Address | None:
        """Look the host's name up within `NAME_S`; None when it leads nowhere by then."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str | None] = loop.create_future()

        def settle(ip: str | None) -> None:
            if not found.done():
                found.set_result(ip)

        def look_up() -> None:
            try:
                answers = socket.getaddrinfo(self.address.host, self.address.port, type=socket.SOCK_STREAM)
                ip = str(sorted(answers, key=lambda answer: answer[0] != socket.AF_INET)[0][4][0])
            except (OSError, UnicodeError):
                ip = None
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, ip)

        threading.Thread(target=look_up, daemon=True, name="leadline-name").start()
        try:
            async with asyncio.timeout(NAME_S):
                text = await found
        except TimeoutError:
            return None
        return ip_address(text.partition("%")[0]) if text else None


def _proxy_applies(address: Address, environ: Mapping[str, str]) -> bool:
    """Whether the environment names a proxy for this address (``NO_PROXY`` obeyed)."""
    lowered = {key.lower(): value for key, value in environ.items()}
    if not any(lowered.get(name) for name in (f"{address.scheme}_proxy", "all_proxy")):
        return False
    for entry in lowered.get("no_proxy", "").replace(" ", "").split(","):
        if entry == "*" or (
            entry and (address.host == entry or address.host.endswith("." + entry.lstrip(".")))
        ):
            return False
    return True


def _say_source(address: Address) -> str:
    return (
        "the address in OLLAMA_HOST" if address.source == "OLLAMA_HOST" else f"the setting {address.source}"
    )

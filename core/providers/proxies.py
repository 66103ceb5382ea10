"""Which proxy the environment names for an address, read as curl and httpx read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from core.errors import ProxyInTheWay
from core.providers.address import Address

_DEFAULT_PORT = 80


@dataclass(frozen=True, slots=True)
class ProxyChoice:
    """A proxy that can be used.

    Attributes:
        auth: user and password; empty ones are none.
    """

    scheme: str
    host: str
    port: int
    auth: tuple[str, str] = field(default=("", ""), repr=False)

    def url(self, host: str = "") -> str:
        """Its URL without credentials, with its host replaced by an IP when one is given."""
        host = host or self.host
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"


def applies(address: Address, environ: Mapping[str, str]) -> bool:
    """Whether the environment names a proxy for this address (``NO_PROXY`` obeyed)."""
    return bool(_named(address, environ)) and not _is_excepted(address, _variable(environ, "no_proxy"))


def choose_proxy(address: Address, environ: Mapping[str, str]) -> ProxyChoice:
    """The proxy that `applies`.

    Raises:
        ProxyInTheWay: It is of a kind that we do not speak (SOCKS), or cannot be read.
    """
    text = _named(address, environ)
    if not (parts := _split(text if "://" in text else f"http://{text}")):
        raise unusable("cannot be read")
    try:
        port = parts.port
    except ValueError:
        raise unusable("has a bad port") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise unusable("is none that leadline can use (only http and https proxies)")
    auth = (unquote(parts.username or ""), unquote(parts.password or ""))
    return ProxyChoice(
        parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else _DEFAULT_PORT), auth
    )


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _named(address: Address, environ: Mapping[str, str]) -> str:
    return _variable(environ, f"{address.scheme}_proxy") or _variable(environ, "all_proxy")


def _variable(environ: Mapping[str, str], name: str) -> str:
    """The lower-case form wins, also when it is empty: that is how one proxy is switched off."""
    return environ.get(name, environ.get(name.upper(), "")).strip()


def _is_excepted(address: Address, no_proxy: str) -> bool:
    host = address.host.lower().rstrip(".")
    for entry in re.split(r"[,\s]+", no_proxy.lower()):
        name = entry.removesuffix(f":{address.port}").lstrip("*").lstrip(".").strip("[]")
        if entry == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return True
    return False


def unusable(why: str) -> ProxyInTheWay:
    """The environment's proxy is no way to anywhere."""
    return ProxyInTheWay(
        f"the proxy in the environment {why}", "Put the host into NO_PROXY, or unset the proxy for it."
    )

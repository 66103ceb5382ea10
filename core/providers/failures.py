"""What an exception of the HTTP client means for the person, in the words of whoever was spoken to."""

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import (
    HouseError,
    NothingHeard,
    ProtocolBroken,
    ProviderError,
    ProviderUnreachable,
    ProxyInTheWay,
    RequestRejected,
    StreamCut,
)
from core.providers.address import place_word
from core.sanitise import clean_line

if TYPE_CHECKING:
    from core.providers.link import Link

AWAY_FROM_PROXY = "Put the host into NO_PROXY, or unset the proxy for it."


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a kind of server is spoken of.

    Attributes:
        name: as in "NAME is not running".
        start: what to do when it does not run on this machine.
        set_address: where its address is set.
    """

    name: str
    start: str
    set_address: str


def explain(error: Exception, link: "Link", spoken: Spoken) -> ProviderError:
    """The error behind an exception of httpx, or behind one of ours.

    Raises:
        Exception: what is neither; it is a bug, and may be seen.
    """
    import httpx

    if isinstance(error, ProviderError):
        return link.without_key(error)
    if isinstance(error, HouseError):
        raise error
    url = link.address.url
    if isinstance(error, httpx.ProxyError):
        return ProxyInTheWay("the proxy does not let us through", AWAY_FROM_PROXY)
    if _is_about_certificates(error):
        return ProviderUnreachable(
            f"no trusted secure connection to {url}",
            "Check that it speaks https and that its certificate is trusted (SSL_CERT_FILE names your own).",
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | ConnectionError):
        return unreachable(link, spoken)
    if isinstance(error, httpx.LocalProtocolError | UnicodeError):
        # The text of it would show the header, and with it a key.
        return RequestRejected(
            "the request cannot be sent: a header holds characters that it may not",
            "Check the API key and the address.",
        )
    if isinstance(error, httpx.RemoteProtocolError | httpx.NetworkError):
        return StreamCut("the connection broke", "Ask again.")
    if isinstance(error, httpx.TimeoutException):
        return NothingHeard(
            f"{spoken.name} at {url} takes too long to take the request",
            f"Ask again, or restart {spoken.name}.",
        )
    if isinstance(error, httpx.TransportError | httpx.InvalidURL):
        return ProviderUnreachable(
            f"{spoken.name} at {url}: {clean_line(str(error))[:200]}", "Check the address and the network."
        )
    raise error


def unreachable(link: "Link", spoken: Spoken) -> ProviderError:
    """Nobody answers; what to do depends on whose machine it is."""
    if link.is_proxied:
        return ProxyInTheWay("the proxy does not answer", AWAY_FROM_PROXY)
    url = link.address.url
    if place_word(link.address.host, link.ip, "") == "local":
        return ProviderUnreachable(
            f"{spoken.name} is not running at {url}", f"{spoken.start}, or try `leadline --demo`."
        )
    return ProviderUnreachable(
        f"nobody answers at {url}", f"Check that host and the address ({link.address.source})."
    )


def stranger(link: "Link", spoken: Spoken) -> ProviderError:
    """What came back with a good status is not of the kind we speak to."""
    if link.is_proxied:
        return ProxyInTheWay(f"a proxy answered instead of {spoken.name}", AWAY_FROM_PROXY)
    return ProtocolBroken(
        f"something else than {spoken.name} answers at {link.address.url}",
        f"Set the right address: {spoken.set_address}.",
    )


def says_nothing(link: "Link", spoken: Spoken, limit_s: float) -> NothingHeard:
    """A small question was taken and not answered."""
    return NothingHeard(
        f"{spoken.name} at {link.address.url} took the connection and said nothing for {limit_s:g} s",
        f"Check what listens there, or restart {spoken.name}.",
    )


def _is_about_certificates(error: BaseException) -> bool:
    """Whether TLS failed: httpx wraps the reason twice, and calls it a failed connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

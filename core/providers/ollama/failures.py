"""What an exception of the HTTP client means for the person."""

import ssl
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


def explain(error: Exception, link: "Link") -> ProviderError:
    """The error behind an exception of httpx, or behind one of ours.

    Raises:
        Exception: what is neither; it is a bug, and may be seen.
    """
    import httpx

    if isinstance(error, ProviderError):
        return error
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
        return unreachable(link)
    if isinstance(error, httpx.LocalProtocolError | UnicodeError):
        # The text of it would show the header, and with it a key.
        return RequestRejected(
            "the request cannot be sent: a header holds characters that it may not",
            "Check the API key and the address.",
        )
    if isinstance(error, httpx.RemoteProtocolError | httpx.NetworkError):
        return StreamCut("the connection broke", "The text so far is kept; ask again.")
    if isinstance(error, httpx.TimeoutException):
        return NothingHeard(
            f"Ollama at {url} takes too long to take the request", "Ask again, or restart Ollama."
        )
    if isinstance(error, httpx.TransportError | httpx.InvalidURL):
        return ProviderUnreachable(
            f"Ollama at {url}: {clean_line(str(error))[:200]}", "Check the address and the network."
        )
    raise error


def unreachable(link: "Link") -> ProviderError:
    """Nobody answers; what to do depends on whose machine it is."""
    if link.is_proxied:
        return ProxyInTheWay("the proxy does not answer", AWAY_FROM_PROXY)
    url = link.address.url
    if place_word(link.address.host, link.ip, "") == "local":
        return ProviderUnreachable(
            f"Ollama is not running at {url}",
            "Start it with `ollama serve` (get it from ollama.com/download), or try `leadline --demo`.",
        )
    return ProviderUnreachable(
        f"nobody answers at {url}", f"Check that host and the address ({link.address.source})."
    )


def not_ollama(link: "Link") -> ProviderError:
    """What came back with a good status is not Ollama's."""
    if link.is_proxied:
        return ProxyInTheWay("a proxy answered instead of Ollama", AWAY_FROM_PROXY)
    return ProtocolBroken(
        f"something else than Ollama answers at {link.address.url}",
        "Set the right address: OLLAMA_HOST, or fast.base_url in the settings.",
    )


def _is_about_certificates(error: BaseException) -> bool:
    """Whether TLS failed: httpx wraps the reason twice, and calls it a failed connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

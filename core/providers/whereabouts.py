"""Where the fast path's server is, for whoever only wants to know that: no provider is loaded for it."""

from collections.abc import Mapping
from typing import Protocol

from core.providers.address import Address, find_address, parse_address, place_word
from core.settings.model import FastSettings


class Whereabouts(Protocol):
    """A place that serves models; every provider is one."""

    @property
    def address(self) -> str:
        """Where it is, for people: a URL without secrets, or ``built in``."""
        ...

    def place(self, remote_host: str = "") -> str:
        """Where a model of it runs: ``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``."""
        ...


class _At:
    """A server at an address, as far as the address says it."""

    def __init__(self, address: Address) -> None:
        self._address = address

    @property
    def address(self) -> str:
        return self._address.url

    def place(self, remote_host: str = "") -> str:
        return place_word(self._address.host, self._address.ip, remote_host)


class _BuiltIn:
    """The demo's model."""

    address = "built in"

    def place(self, remote_host: str = "") -> str:
        return "demo"


def whereabouts(fast: FastSettings, environ: Mapping[str, str], *, is_demo: bool) -> Whereabouts:
    """Where the server of the fast path is, as it is set.

    Raises:
        SettingsInvalid: The address is none.
    """
    if is_demo:
        return _BuiltIn()
    if fast.provider == "openai":
        return _At(parse_address(fast.base_url, "fast.base_url"))
    return _At(find_address(fast.base_url, environ))

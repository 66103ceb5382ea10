"""Which other machines count as this one, because the settings say so."""

from collections.abc import Iterable
from ipaddress import ip_address

from core.providers.address import parse_address


def is_own(place: str, own_hosts: Iterable[str]) -> bool:
    """Whether a place (the words of `Provider.place`) is at one of these hosts, however each is written."""
    host = place.partition(" ")[2]
    return bool(host) and host_of(host) in set(map(host_of, own_hosts))


def host_of(text: str) -> str:
    """A host as it can be compared, however it was written: with a scheme, a port, brackets, in capitals."""
    host = parse_address(text, "").host.lower().rstrip(".")
    try:
        return str(ip_address(host))
    except ValueError:
        return host

"""Whether there is a way to a server: a bare connection, and not a byte over it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from core.errors import ProxyInTheWay
from core.providers.address import Address, is_near
from core.providers.link import NAME_S
from core.providers.names import look_up
from core.providers.proxies import applies, choose_proxy

PROBE_S = 2.0
"""The whole probe, the name's look-up included."""


async def has_way(address: Address, environ: Mapping[str, str], limit_s: float = PROBE_S) -> bool:
    """Whether somebody takes a connection there, or at the proxy that stands between."""
    try:
        async with asyncio.timeout(limit_s):
            return await _connects(address, environ)
    except (OSError, TimeoutError, ProxyInTheWay, UnicodeError):
        return False


async def _connects(address: Address, environ: Mapping[str, str]) -> bool:
    ip, port = address.ip, address.port
    if ip is None:
        ip = await look_up(address.host, NAME_S)
    if not (ip is not None and is_near(ip)) and applies(address, environ):
        proxy = choose_proxy(address, environ)
        ip, port = Address("http", proxy.host, proxy.port).ip, proxy.port
        ip = ip or await look_up(proxy.host, NAME_S)
    if ip is None:
        return False
    _, writer = await asyncio.open_connection(str(ip), port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True

"""Names to IPs, in a thread that nobody has to wait for.

The event loop's own look-up runs in threads that the process waits for at its exit: a resolver that hangs
would hold it there for as long as it likes.
"""

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address


async def look_up(host: str, limit_s: float) -> IPv4Address | IPv6Address | None:
    """The first IPv4 address of a name, else its first IPv6 one; None when it leads nowhere by then."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[str] = loop.create_future()

    def settle(ip: str) -> None:
        if not found.done():
            found.set_result(ip)

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            ip = str(min(answers, key=lambda answer: answer[0] != socket.AF_INET)[4][0])
        except (OSError, UnicodeError):
            ip = ""
        # The loop may be gone by now; asking it first would leave a gap between asking and calling.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, ip)

    threading.Thread(target=resolve, daemon=True, name="leadline-name").start()
    try:
        async with asyncio.timeout(limit_s):
            text = await found
    except TimeoutError:
        return None
    return ip_address(text) if text else None

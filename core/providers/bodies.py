"""The body of a response, whole, in part, or as it comes; none that has no end may fill the memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MOST_BODY_BYTES = 16 * 1024 * 1024


async def whole_body(response: "httpx.Response") -> bytes | None:
    """A body as it was sent; None for one that is too long or packed, which we asked not to be."""
    parts: list[bytes] = []
    size = 0
    try:
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return None
        async for data in response.aiter_raw():
            parts.append(data)
            size += len(data)
            if size > MOST_BODY_BYTES:
                return None
    finally:
        await response.aclose()
    return b"".join(parts)


async def first_bytes(response: "httpx.Response", most: int = 65536) -> bytes:
    """The beginning of a body, so that an endless one does no harm."""
    body = b""
    async for data in response.aiter_raw():
        body += data
        if len(body) >= most:
            break
    return body


async def chunks(response: "httpx.Response") -> AsyncGenerator[bytes, None]:
    """The body's bytes as they come; an empty piece would look like the end."""
    async with aclosing(response.aiter_raw()) as raw:  # type: ignore[type-var]  # a generator, typed as iterator
        async for data in raw:
            if data:
                yield data

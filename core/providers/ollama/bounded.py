"""A body that cannot grow without end, for the `ollama` package, which would read any answer to its end."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from core.errors import ProtocolBroken

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 16 * 1024 * 1024
"""Of a body; of a download's reports, which may come for days, of one line."""


async def bound(response: "httpx.Response") -> None:
    """Put a bound on what a response may hold; a hook for httpx, before the body is read.

    Raises:
        ProtocolBroken: The body is packed, and a few bytes could become any number of them.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        await response.aclose()
        raise _broken("it is packed, though we asked for it plain")
    import httpx

    assert isinstance(response.stream, httpx.AsyncByteStream)
    stream: httpx.AsyncByteStream = response.stream
    in_lines = response.request.url.path.endswith("/api/pull")

    class Bounded(httpx.AsyncByteStream):
        """The same bytes, until there are too many of them; here, since its base is imported so late."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for data in stream:
                end = data.rfind(b"\n") if in_lines else -1
                size = size + len(data) if end < 0 else len(data) - end - 1
                if size > MOST_BYTES:
                    raise _broken("it does not end")
                yield data

        async def aclose(self) -> None:
            await stream.aclose()

    response.stream = Bounded()


def _broken(why: str) -> ProtocolBroken:
    return ProtocolBroken(
        f"what arrived is not Ollama's protocol: {why}",
        "Check that the address is Ollama's own and that nothing in between changes its answers.",
    )

"""A stream that lets go of what it reads, also when it is closed before its first piece.

A generator that was never begun does nothing when it is closed: whatever it was made for would run on.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType

from core.providers.base import Piece


class Closing(AsyncGenerator[Piece, None]):
    """Gives pieces on as they come.

    Args:
        let_go: awaited once the pieces are closed, whether or not one was asked for.
    """

    def __init__(self, pieces: AsyncGenerator[Piece, None], let_go: Callable[[], Awaitable[None]]) -> None:
        self._pieces = pieces
        self._let_go = let_go

    async def asend(self, value: None) -> Piece:
        """The next piece."""
        return await self._pieces.asend(value)

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: object = None,
        tb: TracebackType | None = None,
        /,
    ) -> Piece:
        """Raise something where the next piece would come."""
        return await self._pieces.athrow(typ if isinstance(typ, BaseException) else typ())

    async def aclose(self) -> None:
        """End it."""
        try:
            await self._pieces.aclose()
        finally:
            await self._let_go()

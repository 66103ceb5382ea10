"""One speculative request: what it is for, and what has come of it so far."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from core.events import TextDelta, ThinkingDelta, Waiting
from core.providers.base import Ended, Piece, Request


class Purpose(StrEnum):
    """What a speculative request is for; also the word it is counted under."""

    PRELOAD = "preload"
    PREFIX = "prefix"
    TYPING = "typing"
    SUBMIT = "submit"
    CHIPS = "chips"
    HEAD = "head"
    EXTEND = "extend"

    @property
    def is_offered(self) -> bool:
        """Whether it is for offered questions: these end at the first key."""
        return self in (Purpose.CHIPS, Purpose.HEAD, Purpose.EXTEND)

    @property
    def only_reads(self) -> bool:
        """Whether all it is for is what the server has read afterwards."""
        return self in (Purpose.PRELOAD, Purpose.PREFIX, Purpose.TYPING)


class Job:
    """A speculative request under way.

    Attributes:
        purpose: what it is for.
        request: what was sent, where it was told.
        pieces: all that came; the last one is an `Ended` when it ended by itself.
        error: why it broke; None while it has not.
        uncached_tokens: about how many tokens of its prompt the server had to read.
        begun_at, first_at, over_at: by the clock in seconds; None before it happened.
        texts, said: about how many tokens of text it brought, and of text and thoughts.
        is_left: it reads what the person's request needs too, and is not closed for it.
    """

    def __init__(
        self, purpose: Purpose, request: Request | None, uncached_tokens: int, clock: Callable[[], float]
    ) -> None:
        self.purpose = purpose
        self.request = request
        self.pieces: list[Piece] = []
        self.error: Exception | None = None
        self.uncached_tokens = uncached_tokens
        self.begun_at = clock()
        self.first_at: float | None = None
        self.over_at: float | None = None
        self.is_left = False
        self.texts = self.said = 0
        self._clock = clock
        self._changed: set[asyncio.Future[None]] = set()

    @property
    def is_prefilling(self) -> bool:
        """Whether no piece has come yet: to close it now may hold the server for a second and more."""
        return self.first_at is None and self.over_at is None

    @property
    def is_over(self) -> bool:
        """Whether no piece comes any more."""
        return self.over_at is not None

    @property
    def ended(self) -> Ended | None:
        """How it ended, once it has by itself."""
        last = self.pieces[-1] if self.pieces else None
        return last if isinstance(last, Ended) else None

    @property
    def text(self) -> str:
        """All of its text so far."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, TextDelta))

    async def wait(self) -> None:
        """Return when it is over: ended, broken or closed."""
        while not self.is_over:
            await self.change()

    async def wait_for_text(self, tokens: int) -> None:
        """Return when it has so many pieces of text, or is over."""
        while not self.is_over and self.texts < tokens:
            await self.change()

    async def wait_until_said(self, tokens: int) -> None:
        """Return when it has said so much, if only in thought, or is over."""
        while not self.is_over and self.said < tokens:
            await self.change()

    async def change(self) -> None:
        """Return when another piece has come, or it is over."""
        change = asyncio.get_running_loop().create_future()
        self._changed.add(change)
        try:
            await change
        finally:
            self._changed.discard(change)

    def take(self, piece: Piece) -> None:
        """One more piece."""
        self.pieces.append(piece)
        if not isinstance(piece, Waiting):
            self.texts += isinstance(piece, TextDelta)
            self.said += isinstance(piece, TextDelta | ThinkingDelta)
            if self.first_at is None:
                self.first_at = self._clock()
        self._tell()

    def end(self) -> None:
        """No piece comes any more."""
        self.over_at = self._clock()
        self._tell()

    def _tell(self) -> None:
        for change in self._changed:
            if not change.done():
                change.set_result(None)

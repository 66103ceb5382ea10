"""The one speculative request there may be, what it has said so far, and how it makes way.

The server answers first come, first served, and knows no priorities: whatever waits there before the person's
request is served before it. So there is never a second one, it is closed rather than waited for, and none is
begun while the one that was closed may still hold the server.
"""

from collections.abc import AsyncGenerator, Callable
from enum import StrEnum

from core.lanes import Lanes
from core.providers.base import Ended, Piece
from core.speculation.delays import Delays


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


class Job:
    """A speculative request under way.

    Attributes:
        purpose: what it is for.
        pieces: all that came; the last one is an `Ended` when it ended by itself.
        error: why it broke; None while it has not.
        uncached_tokens: about how many tokens of its prompt the server had to read.
    """

    purpose: Purpose
    pieces: list[Piece]
    error: Exception | None
    uncached_tokens: int

    @property
    def is_prefilling(self) -> bool:
        """Whether no piece has come yet: to close it now may hold the server for a second and more."""
        raise NotImplementedError

    @property
    def ended(self) -> Ended | None:
        """How it ended, once it has by itself."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All of its text so far."""
        raise NotImplementedError

    async def wait(self) -> None:
        """Return when it is over: ended, broken or closed."""
        raise NotImplementedError

    async def wait_for_text(self, tokens: int) -> None:
        """Return when it has so many pieces of text, or is over."""
        raise NotImplementedError


class Background:
    """Starts, closes and gives away the one speculative request.

    Args:
        lanes: the person's own requests, which close it, and a local deep run, which allows none.
        delays: told how long a request of the person's waited after one was closed.
        done: told of every job that is over (ended, broken, closed, or adopted and over).
        clock: a clock in seconds.
    """

    def __init__(
        self, lanes: Lanes, delays: Delays, done: Callable[[Job, bool], None], clock: Callable[[], float]
    ) -> None:
        raise NotImplementedError

    @property
    def job(self) -> Job | None:
        """The one that runs now."""
        raise NotImplementedError

    @property
    def is_free(self) -> bool:
        """Whether one may be started now: none runs or may still hold the server, and nobody else uses it."""
        raise NotImplementedError

    async def wait_until_free(self) -> None:
        """Return when one may be started."""
        raise NotImplementedError

    def start(
        self, purpose: Purpose, open_stream: Callable[[], AsyncGenerator[Piece, None]], uncached_tokens: int
    ) -> Job:
        """Start one; only while it `is_free`."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the one that runs: its socket within 5 ms, without waiting for the server."""
        raise NotImplementedError

    def adopt(self, job: Job) -> AsyncGenerator[Piece, None]:
        """Give the running one away: from now on it is the person's, and nothing here closes it.

        Its pieces come from the first one on.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close, and wait for what is still closing."""
        raise NotImplementedError

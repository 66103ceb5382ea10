"""Who may use a model server right now: the person first, what runs in the background when it is quiet."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

LEAST_WAIT_S = 0.001
"""A shorter rest of a wait may be too little for the clock to move at all."""


class Lanes:
    """The foreground is a question that somebody waits for; everything else waits for quiet, and yields.

    Args:
        now: a clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._asking = 0
        self._deep = 0
        self._measuring = 0
        self._quiet_since = float("-inf")
        self._changes: set[asyncio.Event] = set()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for an answer now."""
        return self._asking > 0

    @property
    def is_taken(self) -> bool:
        """Whether somebody waits for an answer, depth asked for is at work here, or models are measured."""
        return self.is_claimed or self._measuring > 0

    @property
    def is_claimed(self) -> bool:
        """Whether somebody waits for an answer, or depth asked for is at work on this server."""
        return self._asking > 0 or self._deep > 0

    @contextmanager
    def measuring(self) -> Generator[None, None, None]:
        """Models are measured: nothing is made ahead meanwhile; who asks something still goes first."""
        self._measuring += 1
        self._tell()
        try:
            yield
        finally:
            self._measuring -= 1
            self._tell()

    @contextmanager
    def depth(self) -> Generator[None, None, None]:
        """A deep call runs on the server that answers fast questions: nothing is made ahead meanwhile."""
        self._deep += 1
        self._tell()
        try:
            yield
        finally:
            self._deep -= 1
            self._tell()

    @contextmanager
    def foreground(self) -> Generator[None, None, None]:
        """Somebody waits for an answer for the time of the block; the background is told at once."""
        self._asking += 1
        self._tell()
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                self._quiet_since = self._now()
            self._tell()

    def is_quiet(self, quiet_s: float) -> bool:
        """Whether nobody has been waiting for an answer for so long; before a first question it is quiet."""
        return not self._asking and self._now() - self._quiet_since >= quiet_s

    async def wait_for_quiet(self, quiet_s: float) -> None:
        """Return when nobody has been waiting for an answer for so long."""
        while not self.is_quiet(quiet_s):
            left = None if self._asking else quiet_s - (self._now() - self._quiet_since)
            await self._change(None if left is None else max(left, LEAST_WAIT_S))

    async def wait_until_wanted(self) -> None:
        """Return as soon as somebody waits for an answer."""
        while not self._asking:
            await self._change(None)

    async def wait_until_taken(self) -> None:
        """Return as soon as what is made ahead has to make way."""
        while not self.is_taken:
            await self._change(None)

    async def wait_until_left(self) -> None:
        """Return when nobody waits for an answer, no depth is at work and nothing is measured."""
        while self.is_taken:
            await self._change(None)

    async def wait_until_claimed(self) -> None:
        """Return as soon as what is measured has to make way."""
        while not self.is_claimed:
            await self._change(None)

    async def wait_until_unclaimed(self) -> None:
        """Return when measuring can go on."""
        while self.is_claimed:
            await self._change(None)

    async def _change(self, limit_s: float | None) -> None:
        """Wait until the foreground begins or ends, at most so long."""
        changed = asyncio.Event()
        self._changes.add(changed)
        try:
            async with asyncio.timeout(limit_s):
                await changed.wait()
        except TimeoutError:
            return
        finally:
            self._changes.discard(changed)

    def _tell(self) -> None:
        for changed in self._changes:
            changed.set()

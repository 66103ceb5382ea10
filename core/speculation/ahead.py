"""What every request for an offered question goes through before it is begun, and how it is left."""

from collections.abc import AsyncGenerator, Callable

from core.providers.base import Piece, Request
from core.speculation.background import Background, Job, Purpose
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.speeds import Speeds


class Ahead:
    """Begins requests for offered questions, one after the other, as long as they may be.

    Args:
        judge: how much may be done ahead with a request's model just now.
    """

    def __init__(
        self, background: Background, speeds: Speeds, held: Held, judge: Callable[[Request], Level]
    ) -> None:
        self._background = background
        self._speeds = speeds
        self._held = held
        self._judge = judge

    def may(self, request: Request) -> bool:
        """Whether follow-ups are offered at all for answers of this request's model."""
        return self._judge(request) >= Level.ALL

    async def wait(self) -> None:
        """Return when nobody uses the server."""
        await self._background.wait_until_free()

    async def start(
        self, purpose: Purpose, open_stream: Callable[[], AsyncGenerator[Piece, None]], request: Request
    ) -> Job | None:
        """Begin one as soon as the server is free; None when it may not be, or has too much to read."""
        while True:
            await self.wait()
            # The wait may have been long: the battery, the focus and the others are looked at anew.
            if not self.may(request) or self._speeds.is_slow:
                return None
            uncached = self._held.uncached_tokens(request)
            if uncached > self._background.most_uncached:
                return None
            if self._background.is_free:
                return self._background.start(purpose, open_stream, uncached, request=request)

    def runs(self, job: Job) -> bool:
        """Whether a request is still at work for us: not over, not given away, not being closed."""
        return self._background.job is job

    def leave(self, job: Job) -> None:
        """Close a request, where it still runs and is still ours."""
        if self.runs(job):
            self._background.close()

    def adopt(self, job: Job) -> AsyncGenerator[Piece, None]:
        """Give a running one away."""
        return self._background.adopt(job)

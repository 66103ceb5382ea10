"""When each piece of an answer is due: by the script's rates, or by what the model's runner has made."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

from tests.server.call import Call
from tests.server.models import Model
from tests.server.runner import Read, Said


class Tempo(Protocol):
    """The pace of one answer.

    Attributes:
        read: what reading the prompt took, where a runner tells.
    """

    read: Read | None

    async def due(self, sent: int) -> int:
        """Wait until more pieces are due than were sent; how many are, from the first on."""
        ...

    def restart(self, sent: int) -> None:
        """Something else took time: the next piece is due now, where the pace is ours to say."""
        ...

    async def end(self, said: int) -> None:
        """Wait until the last line is due; the end of a text takes the time of a token."""
        ...


class Schedule:
    """Pieces at a rate, counted from the first one, not from the piece before: a late one delays no other."""

    def __init__(self, rate: float) -> None:
        self.read: Read | None = None
        self._rate = rate
        self._start = time.monotonic()

    async def due(self, sent: int) -> int:
        """As `Tempo` says."""
        if self._rate <= 0:
            return sent + 64
        while True:
            now = time.monotonic()
            if (made := math.floor((now - self._start) * self._rate) + 1) > sent:
                return made
            await asyncio.sleep(max(0.0, self._start + sent / self._rate - now))

    def restart(self, sent: int) -> None:
        """As `Tempo` says."""
        self._start = time.monotonic() - (sent / self._rate if self._rate > 0 else 0.0)

    async def end(self, said: int) -> None:
        """As `Tempo` says."""
        if self._rate > 0:
            await asyncio.sleep(max(0.0, self._start + said / self._rate - time.monotonic()))


class Running:
    """Pieces as a runner makes them, whatever becomes of them on the way."""

    def __init__(self, run: AsyncGenerator[Read | Said, None], read: Read) -> None:
        self.read: Read | None = read
        self._run = run
        self._made = 0

    async def due(self, sent: int) -> int:
        """As `Tempo` says."""
        while self._made <= sent:
            event = await anext(self._run)
            self._made += len(event.pieces) if isinstance(event, Said) else 0
        return self._made

    def restart(self, sent: int) -> None:
        """A runner does not wait for anybody."""

    async def end(self, said: int) -> None:
        """As `Tempo` says."""
        async for _ in self._run:
            pass


@asynccontextmanager
async def paced(
    call: Call, model: Model, prompt: str, pieces: Sequence[str], *, is_cut: bool
) -> AsyncGenerator[Tempo, None]:
    """Read the prompt, then give the pace of its answer; leaving the block is the reader that leaves."""
    script = call.script
    if script.pace is None or model.remote_host:
        if script.ttft_s > 0:
            await asyncio.sleep(script.ttft_s)
        yield Schedule(script.tokens_per_s)
        return
    said = pieces if is_cut else [*pieces, ""]  # the end that the model finds itself is a token
    async with aclosing(call.memory.runner(model, script.pace).run(prompt, said)) as run:
        read = await anext(run)
        assert isinstance(read, Read), "a runner reads before it says anything"
        call.has_read(read)
        yield Running(run, read)

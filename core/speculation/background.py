"""The one speculative request there may be, what it has said so far, and how it makes way.

The server answers first come, first served, and knows no priorities: whatever waits there before the person's
request is served before it. So there is never a second one, it is closed rather than waited for, and none is
begun while the one that was closed may still hold the server.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from core.errors import NothingHeard, ProviderError, StreamCut
from core.events import Waiting, WaitReason
from core.lanes import LEAST_WAIT_S, Lanes
from core.providers.base import Piece, Request
from core.speculation.closing import Closing
from core.speculation.delays import Delays
from core.speculation.job import Job, Purpose
from core.speculation.speeds import FEW_TOKENS, Speeds

__all__ = ["Background", "Job", "Purpose", "begins"]

QUIET_S = 0.35
"""So long after an answer nothing is begun: the next question, or a stop, is often near."""
FIRST_BYTE_S = 5.0
"""So long a request that nobody waits for may be without a word, beyond what reading its prompt takes."""
BATCH_TOKENS = 512
"""What the server reads before it looks at who has gone (Ollama's default batch)."""
POLL_S = 1.0
"""How often it looks while it reads."""


class Background:
    """Starts, closes and gives away the one speculative request.

    Args:
        lanes: the person's own requests, which close it, and a local deep run, which allows none.
        delays: told how long a request of the person's waited after one was closed.
        done: told of every job that is over (ended, broken, closed, or adopted and over).
        clock: a clock in seconds.
        speeds: says how long the server may go on with what was closed.
    """

    def __init__(
        self,
        lanes: Lanes,
        delays: Delays,
        done: Callable[[Job, bool], None],
        clock: Callable[[], float],
        speeds: Speeds | None = None,
    ) -> None:
        self._lanes = lanes
        self._delays = delays
        self._done = done
        self._clock = clock
        self._speeds = speeds or Speeds()
        self._job: Job | None = None
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._adopted: set[Job] = set()
        self._held_until = float("-inf")
        self._closed: tuple[float, bool] | None = None

    @property
    def job(self) -> Job | None:
        """The one that runs now."""
        return self._job

    @property
    def most_uncached(self) -> int:
        """How many uncached tokens one request may have to read, by the machine's speed and our delays."""
        most = self._speeds.slice_tokens
        return most if self._delays.may_prefill else min(most, FEW_TOKENS)

    @property
    def is_free(self) -> bool:
        """Whether one may be started now: none runs or may still hold the server, and nobody else uses it."""
        return (
            not self._tasks
            and not self._lanes.is_taken
            and self._clock() >= self._held_until
            and self._lanes.is_quiet(QUIET_S)
        )

    async def wait_until_free(self) -> None:
        """Return when one may be started."""
        while not self.is_free:
            if self._tasks:
                await asyncio.wait(set(self._tasks.values()), return_when=asyncio.FIRST_COMPLETED)
            elif self._lanes.is_taken:
                await self._lanes.wait_until_left()
            elif (left_s := self._held_until - self._clock()) > 0:
                await asyncio.sleep(max(left_s, LEAST_WAIT_S))
            else:
                await self._lanes.wait_for_quiet(QUIET_S)

    def start(
        self,
        purpose: Purpose,
        open_stream: Callable[[], AsyncGenerator[Piece, None]],
        uncached_tokens: int,
        request: Request | None = None,
    ) -> Job:
        """Start one; only while it `is_free`.

        Args:
            request: what is sent, so that what the server holds then is known.
        """
        if not self.is_free:
            raise RuntimeError("a second speculative request, or one in somebody's way")
        job = Job(purpose, request, uncached_tokens, self._clock)
        self._job = job
        task = self._tasks[job] = asyncio.create_task(self._run(job, open_stream))
        task.add_done_callback(lambda _: self._over(job))  # also of one that is closed before it ran at all
        return job

    def close(self) -> None:
        """Close the one that runs: its socket within 5 ms, without waiting for the server."""
        job, self._job = self._job, None
        if job is None or job.is_over:
            return
        self._closed = (self._clock(), job.is_prefilling)
        self._held_until = self._clock() + self._may_hold_s(job)
        self._tasks[job].cancel()

    def make_way(self, request: Request) -> None:
        """The person's request goes out next: leave what reads the beginning of it, close anything else."""
        job = self._job
        if job is None:
            return
        if job.purpose.only_reads and job.request is not None and begins(job.request, request):
            job.is_left = True
        else:
            self.close()

    def closed_lately(self, within_s: float) -> bool | None:
        """Whether one was closed a moment ago, once: True in its prefill, False in its decode, else None."""
        closed, self._closed = self._closed, None
        if closed is None or self._clock() - closed[0] > within_s:
            return None
        return closed[1]

    def adopt(self, job: Job) -> AsyncGenerator[Piece, None]:
        """Give the running one away: from now on it is the person's, and nothing here closes it.

        Its pieces come from the first one on; one that has ended by itself comes whole. Who closes the stream
        ends the request.
        """
        if self._job is job:
            self._job = None
        task = self._tasks.pop(job, None)
        if task is not None:
            self._adopted.add(job)

        async def leave() -> None:
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait({task})

        return Closing(_relay(job), leave)

    async def aclose(self) -> None:
        """Close, and wait for what is still closing."""
        self.close()
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()))
            await asyncio.sleep(0)  # their ends are told

    async def _run(self, job: Job, open_stream: Callable[[], AsyncGenerator[Piece, None]]) -> None:
        """Read one to its end, whatever end that is; what went wrong is its reader's, if it has one."""
        watch = asyncio.create_task(self._make_way_for_lanes(job))
        bound: asyncio.TimerHandle | None = None
        try:
            async with asyncio.timeout(None) as patience:
                bound = self._bound(job, patience)
                async with aclosing(open_stream()) as pieces:
                    async for piece in pieces:
                        if not isinstance(piece, Waiting) or piece.reason is WaitReason.LOADING:
                            bound.cancel()  # who leaves while a model is loaded makes the server stop that
                        job.take(piece)
                        if job.purpose in (Purpose.PREFIX, Purpose.TYPING) and job.said > 1:
                            break  # the server does not keep to the bound; all of it has been read
        except TimeoutError:
            job.error = NothingHeard("the server said nothing to a request made ahead", "Ask again.")
        except ProviderError as error:
            job.error = error
        except Exception as error:  # noqa: BLE001 - the worker's edge: nobody asked for this, so nobody is told
            job.error = error
        finally:
            if bound is not None:
                bound.cancel()
            watch.cancel()

    def _bound(self, job: Job, patience: asyncio.Timeout) -> asyncio.TimerHandle:
        """End a request that nobody waits for when nothing comes; loading takes what it takes."""
        loop = asyncio.get_running_loop()
        reading_s = 2 * job.uncached_tokens / self._speeds.prefill_per_s

        def give_up() -> None:
            if job.purpose is not Purpose.PRELOAD and job not in self._adopted:
                patience.reschedule(loop.time())

        return loop.call_later(FIRST_BYTE_S + reading_s, give_up)

    async def _make_way_for_lanes(self, job: Job) -> None:
        """Close a running one when somebody asks or depth begins, and nobody has closed or left it yet."""
        await self._lanes.wait_until_taken()
        if self._job is job and not job.is_left and job.purpose is not Purpose.PRELOAD:
            self.close()

    def _over(self, job: Job) -> None:
        job.end()
        self._tasks.pop(job, None)
        if self._job is job:
            self._job = None
        is_adopted = job in self._adopted
        self._adopted.discard(job)
        self._done(job, is_adopted)

    def _may_hold_s(self, job: Job) -> float:
        """How long the server may go on with one that is closed now."""
        speeds = self._speeds
        if not job.is_prefilling:
            return 2 / speeds.decode_per_s
        unread_s = job.uncached_tokens / speeds.prefill_per_s - (self._clock() - job.begun_at)
        noticed_s = POLL_S + min(BATCH_TOKENS, job.uncached_tokens) / speeds.prefill_per_s
        return min(max(unread_s, 0.0) + 2 / speeds.decode_per_s, noticed_s)


async def _relay(job: Job) -> AsyncGenerator[Piece, None]:
    """An adopted one's pieces, until the end."""
    at = 0
    while True:
        while at < len(job.pieces):
            at += 1
            yield job.pieces[at - 1]
        if job.is_over:
            break
        await job.change()
    if job.ended is None:  # broken, or closed by who should not have
        raise job.error or StreamCut("what was made ahead was closed before its end", "Ask again.")


def begins(read: Request, asked: Request) -> bool:
    """Whether what one request makes the server read is the beginning of what the other needs.

    True also for one that only loads the same model in the same way.
    """
    if (read.model, read.profile, read.think) != (asked.model, asked.profile, asked.think):
        return False
    if not read.messages:
        return True
    *whole, last = read.messages
    rest = asked.messages[len(whole) :]
    if not rest or tuple(whole) != asked.messages[: len(whole)]:
        return False
    return rest[0].role is last.role and rest[0].text.startswith(last.text)

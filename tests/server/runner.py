"""What stands behind one loaded model: slots, their prefix cache, prefill in batches, decode, and who left.

It behaves as the model server's own runner does: one request a slot in the order they came; of a prompt only
what the slot does not hold is read, in batches; a reader that has gone is noticed before the next token, or,
while none comes, by a look once a second, and then a batch that is being worked on is still finished. All its
times are those of the running event loop, so that it runs on a virtual clock as well.

Source: ollama and llama.cpp as read in 2026 (slots by longest common prefix, 512-token batches, 1 s poll).
"""

import asyncio
import math
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from tests.server.places import Places
from tests.server.prefixes import CHARS_PER_TOKEN, Choice, Held, after_reading, choose, tokens_of

__all__ = ["CHARS_PER_TOKEN", "Pace", "Read", "Runner", "Said", "Snapshot", "tokens_of"]

_MOMENT = 1e-6
"""Seconds: a clock that has run for months counts little finer."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a machine is.

    Attributes:
        prefill_per_s: tokens of a prompt read in a second; 0 is at once.
        decode_per_s: tokens written in a second; 0 is at once.
        batch: tokens read between two looks at what has come up.
        poll_s: between two looks for a reader that has gone, while nothing is said.
        overhead_s: of every request, before anything of it is read.
        slots: requests answered at the same time.
        ram_prompts: prompts kept beside the slots, to come back to.
        is_hybrid: its layers cannot be cut back: a slot serves a prompt only if all of what it holds is the
            prompt's beginning, or up to a checkpoint (4 and 4 + `batch` tokens before the end of the prompt).
    """

    prefill_per_s: float = 0.0
    decode_per_s: float = 0.0
    batch: int = 512
    poll_s: float = 1.0
    overhead_s: float = 0.0
    slots: int = 1
    ram_prompts: int = 8
    is_hybrid: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A prompt has been read; the first piece of text follows at once.

    Attributes:
        cached, computed: tokens of it that the slot held, and that were read now.
        waited_s: for a slot, or for who left it too late.
        prefill_s: what reading took.
    """

    cached: int
    computed: int
    waited_s: float
    prefill_s: float


@dataclass(frozen=True, slots=True)
class Said:
    """Pieces of the answer that came since the last one, at most one token time late."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a runner had in its memory at a time.

    Attributes:
        held: number and text of each slot, the one used longest ago first.
        beside: texts kept beside the slots.
    """

    held: tuple[tuple[int, Held], ...]
    beside: tuple[Held, ...]
    pace: Pace

    def uncached(self, prompt: str) -> int:
        """How many tokens of a prompt would have had to be read then, had the slots been free."""
        pace = self.pace
        choice = choose(prompt, self.held, self.beside, pace.ram_prompts, pace.is_hybrid)
        return tokens_of(prompt) - choice.reused


class _Job:
    """One request on its way: when it came in, what it was given, and when each part of it is over."""

    def __init__(self, prompt: str, pieces: Sequence[str], label: str, entered: float) -> None:
        self.prompt = prompt
        self.pieces = pieces
        self.label = label
        self.entered = entered
        self.left: float | None = None
        self.is_over = False
        self.choice: Choice | None = None
        self.began = self.reads_from = self.read_at = self.ends = 0.0
        self.has_begun: asyncio.Future[None] | None = None
        self.bell: asyncio.TimerHandle | None = None

    @property
    def computed(self) -> int:
        """Tokens that have to be read."""
        return tokens_of(self.prompt) - (self.choice.reused if self.choice else 0)


class Runner:
    """One model's runner. Used on one event loop; slots do not slow each other down."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._token_s = 1 / pace.decode_per_s if pace.decode_per_s > 0 else 0.0
        self._batch_s = pace.batch / pace.prefill_per_s if pace.prefill_per_s > 0 else 0.0
        self._places = Places()
        self._held = {number: Held() for number in range(pace.slots)}  # the one used longest ago first
        self._beside: tuple[Held, ...] = ()
        self._working: dict[int, _Job] = {}
        self._deferred: deque[_Job] = deque()
        self._busy: dict[str, float] = {}

    async def run(
        self, prompt: str, pieces: Sequence[str], *, label: str = "", at_once: int = 1, alone: int = 1
    ) -> AsyncGenerator[Read | Said, None]:
        """Answer a prompt with these pieces; closing the generator is the reader that leaves.

        Args:
            prompt: as the model is given it, templates and all.
            pieces: the answer, one token each; the slot then holds the prompt and them, but for the last one,
                which nobody has read back. An end that the model itself finds is a token: a piece of no text.
            label: whose request it is, for `busy_s`.
            at_once: pieces that come together after the first ones, each at its last one's time; more are
                cheaper to simulate. Who leaves is noticed at the next token all the same.
            alone: so many of the first pieces come each by itself.
        """
        loop = asyncio.get_running_loop()
        came = loop.time()
        await self._places.take(self.pace.slots, sys.maxsize, _quietly)
        job = _Job(prompt, pieces, label, loop.time())
        try:
            self._enter(job)
            if job.choice is None:
                job.has_begun = loop.create_future()
                await job.has_begun
            await _until(job.read_at)
            cached = tokens_of(prompt) - job.computed
            yield Read(cached, job.computed, job.began - came, job.read_at - job.reads_from)
            said = 0
            while said < len(pieces):
                due = min(said + (1 if said < alone else at_once), len(pieces))
                await _until(job.read_at + (due - 1) * self._token_s)
                due = max(due, self._said(job, loop.time()))
                yield Said(tuple(pieces[said:due]))
                said = due
        finally:
            self._leave(job)
            self._places.give()

    def uncached(self, prompt: str) -> int:
        """How many tokens of a prompt would have to be read, if it came now and the slot were free."""
        return self.snapshot().uncached(prompt)

    def snapshot(self) -> "Snapshot":
        """What is in its memory now."""
        now = _now()
        held = tuple(
            (number, self._holds(self._working[number], now) if number in self._working else held)
            for number, held in self._held.items()
        )
        return Snapshot(held, self._beside, self.pace)

    @property
    def is_busy(self) -> bool:
        """Whether a slot is at work, for whoever is there or has left."""
        return bool(self._working)

    def busy_s(self, label: str) -> float:
        """How long slots worked for requests of this label so far, what went on after they left included."""
        now = _now()
        at_work = sum(now - job.began for job in self._working.values() if job.label == label)
        return self._busy.get(label, 0.0) + at_work

    def _enter(self, job: _Job) -> None:
        """Begin at once when a slot is free; a reader that left too late may still keep one."""
        if self._deferred or len(self._working) >= self.pace.slots:
            self._deferred.append(job)
        else:
            self._begin(job, _now())

    def _begin(self, job: _Job, now: float) -> None:
        pace = self.pace
        free = [(number, held) for number, held in self._held.items() if number not in self._working]
        job.choice = choose(job.prompt, free, self._beside, pace.ram_prompts, pace.is_hybrid)
        self._beside = job.choice.beside
        self._working[job.choice.slot] = job
        job.began = now
        job.reads_from = now + pace.overhead_s
        job.read_at = job.reads_from + job.computed / pace.batch * self._batch_s
        job.ends = job.read_at + max(0, len(job.pieces) - 1) * self._token_s
        self._ring(job, job.ends if job.left is None else self._stops(job, job.left))
        if job.has_begun is not None and not job.has_begun.done():
            job.has_begun.set_result(None)

    def _leave(self, job: _Job) -> None:
        """The reader has closed, or has read everything."""
        if job.is_over:
            return
        now = job.left = _now()
        if job.choice is not None:
            self._ring(job, self._stops(job, now))
        else:
            self._ring(job, self._looks(job, now))

    def _ring(self, job: _Job, at: float) -> None:
        """Be done with a job at that time; at once when it has come."""
        if job.bell is not None:
            job.bell.cancel()
            job.bell = None
        if at <= _now() + _MOMENT:
            self._finish(job, at)
        else:
            job.bell = asyncio.get_running_loop().call_at(at, self._finish, job, at)

    def _finish(self, job: _Job, at: float) -> None:
        job.is_over = True
        if job.choice is None:  # left while it waited, and seen before a slot was free
            self._deferred.remove(job)
            return
        slot = job.choice.slot
        held = self._holds(job, at)
        del self._working[slot], self._held[slot]
        self._held[slot] = held  # now the one used last
        self._busy[job.label] = self._busy.get(job.label, 0.0) + at - job.began
        if self._deferred:
            self._begin(self._deferred.popleft(), max(at, _now()))

    def _looks(self, job: _Job, left: float) -> float:
        """When it is next looked whether the reader is still there."""
        poll_s = self.pace.poll_s
        if poll_s <= 0:
            return left
        return job.entered + max(1, math.ceil((left - job.entered - _MOMENT) / poll_s)) * poll_s

    def _stops(self, job: _Job, left: float) -> float:
        """When the slot of a job is free whose reader left at that time."""
        if left >= job.read_at - _MOMENT:
            next_token = self._said(job, left)
            return min(job.read_at + next_token * self._token_s, job.ends)
        noticed = self._looks(job, left)
        if noticed <= job.reads_from:
            return max(noticed, job.began)
        if self._batch_s <= 0:
            return job.read_at
        batches = math.ceil((noticed - job.reads_from - _MOMENT) / self._batch_s)
        return min(job.reads_from + batches * self._batch_s, job.read_at)

    def _said(self, job: _Job, now: float) -> int:
        """How many pieces have been made by then."""
        if now < job.read_at - _MOMENT:
            return 0
        if self._token_s <= 0:
            return len(job.pieces)
        return min(math.floor((now - job.read_at + _MOMENT) / self._token_s) + 1, len(job.pieces))

    def _holds(self, job: _Job, now: float) -> Held:
        """What its slot holds by then: whole batches of the prompt, then what was said and read back."""
        assert job.choice is not None
        total, batch = tokens_of(job.prompt), self.pace.batch
        if now >= job.read_at - _MOMENT:
            read = after_reading(job.prompt, job.choice, total, batch)
            spoken = "".join(job.pieces[: max(0, self._said(job, now) - 1)])
            return Held(read.text + spoken, read.checkpoints)
        done = 0
        if now > job.reads_from and self._batch_s > 0:
            done = math.floor((now - job.reads_from + _MOMENT) / self._batch_s) * batch
        return after_reading(job.prompt, job.choice, min(job.choice.reused + done, total), batch)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(at: float) -> None:
    if (wait_s := at - _now()) > 0:
        await asyncio.sleep(wait_s)


def _quietly() -> None:
    """Nobody is told that it waits; the answer says for how long."""

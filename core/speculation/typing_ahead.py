"""What is being typed is read by the model meanwhile, and sent when it has been still for a moment.

Typing takes 11-14 s, far longer than any prefill (study: median of real follow-ups), so at Enter only the
last word is left to read.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.lanes import LEAST_WAIT_S
from core.messages import Question, Route
from core.providers.base import Provider, Request
from core.speculation.background import Background, Job, Purpose
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.ports import Adopted, Drafts
from core.speculation.reading import Reading
from core.speculation.speeds import Speeds

APART_S = 0.25
"""Between two prefills at least."""
STILL_S = 0.25
"""A text that has not changed for so long may be whole."""
STILLER_S = (STILL_S, 0.45, 0.7, 1.0)
"""After each pause that was none, a longer one is believed; anew with the next text."""
MOST_WRITTEN, FEWEST_WRITTEN = 12, 2
"""Tokens before Enter. Then it is closed: its prompt has been read, so Enter costs only a token's time. Half
as many after each one that was sent in vain: some stop between words more often than before Enter."""
WORTH_S = 0.02
"""New words are read as soon as reading them would take so long; fewer wait for the next ones."""
MOST_WAITING = 12.0
"""Tokens of new words that wait for more, on a machine however quick."""
GRACE_S = 0.25
"""An emptied prompt may be Enter: so long what was sent ahead waits to be taken over."""


class TypingAhead:
    """Follows the text in the prompt.

    Args:
        judge: what may be done with a request's model now.
        clock: the event loop's own, or one that goes with it.
    """

    def __init__(
        self,
        provider: Provider,
        background: Background,
        reading: Reading,
        drafts: Drafts,
        speeds: Speeds,
        held: Held,
        judge: Callable[[Request], Level],
        clock: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._background = background
        self._reading = reading
        self._drafts = drafts
        self._speeds = speeds
        self._held = held
        self._judge = judge
        self._clock = clock
        self._question: Question | None = None
        self._changed_at = 0.0
        self._read_at = float("-inf")
        self._weighed: str | None = None
        """The last finished words that were read, or not worth it yet."""
        self._tried: str | None = None
        """The last text that was sent while it was still, or could not be."""
        self._submit: Job | None = None
        self._is_believed = False
        """The text was sent as it is, and what it said has been closed since."""
        self._false_stills = 0
        self._in_vain = 0
        self._wakes_at = float("inf")
        self._woken: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._dropping: asyncio.TimerHandle | None = None

    def typed(self, question: Question) -> None:
        """The text has changed; an empty one ends all of it. Unsent text is never stored or logged."""
        text = question.text.strip()
        if not text:
            self._let_go()
            return
        before, self._question = self._question, question
        self._changed_at = self._clock()
        if (
            before is None
            or before.text.strip() != text
            or replace(before, text="") != replace(question, text="")
        ):
            self._drop_submit()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        elif self._woken is not None and self._due() < self._wakes_at:
            self._woken.set()

    def adopt(self, request: Request) -> Adopted | None:
        """Enter: the request that was sent ahead, when it is this very one.

        Otherwise what runs is left to finish if it reads a beginning of this request, else closed.
        """
        job, self._submit = self._submit, None
        is_whole = job is not None and (job is self._background.job or job.ended is not None)
        if job is None or job.request != request or job.error is not None or not is_whole:
            self._background.make_way(request)
            self.end()
            return None
        stream = self._background.adopt(job)
        self._in_vain //= 2
        self.end()
        age_s = 0.0 if job.first_at is None else self._clock() - job.first_at
        return Adopted(stream, Route.FAST, "still", age_s)

    def end(self) -> None:
        """Nothing is typed any more."""
        self._question, self._weighed, self._tried = None, None, None
        self._is_believed = False
        self._drop_submit()
        self._false_stills = 0
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _let_go(self) -> None:
        """The prompt is empty: emptied, or sent; who sent it comes for what is there in a moment."""
        self._question, self._weighed, self._tried = None, None, None
        if self._submit is not None and self._dropping is None:
            self._dropping = asyncio.get_running_loop().call_later(GRACE_S, self.end)
        elif self._submit is None:
            self.end()

    def _drop_submit(self) -> None:
        """What was sent ahead is not what will be asked: close it, and let go of what it said."""
        if self._dropping is not None:
            self._dropping.cancel()
            self._dropping = None
        job, self._submit = self._submit, None
        was_believed, self._is_believed = self._is_believed, False
        if job is None and not was_believed:
            return
        self._false_stills += 1
        self._in_vain += 1
        if job is not None and self._background.job is job:
            self._background.close()

    async def _follow(self) -> None:
        """Read and send ahead, until nothing is typed any more."""
        while self._question is not None:
            await self._background.wait_until_free()
            due = self._due()
            if due > self._clock():
                await self._sleep_until(due)
            elif self._words_are_due(self._clock()):
                await self._read_words()
            else:
                await self._send()

    def _due(self) -> float:
        """When there is something to do."""
        if self._question is None:
            return self._clock()
        due = float("inf")
        if self._question.text.strip() != self._tried and not self._question.text[-1:].isspace():
            due = self._changed_at + self._still_s()
        if _finished(self._question.text) not in (self._weighed, ""):
            due = min(due, self._read_at + APART_S)
        return due

    def _still_s(self) -> float:
        """How long a text has to be still; where reading is slow, a head start is worth its waste."""
        if self._speeds.is_slow:
            return STILL_S
        return STILLER_S[min(self._false_stills, len(STILLER_S) - 1)]

    def _words_are_due(self, now: float) -> bool:
        if self._question is None:
            return False
        return _finished(self._question.text) not in (self._weighed, "") and self._read_at + APART_S <= now

    async def _sleep_until(self, due: float) -> None:
        """Wait, until then or until something comes that is due earlier."""
        self._woken, self._wakes_at = asyncio.Event(), due
        try:
            async with asyncio.timeout(
                None if due == float("inf") else max(due - self._clock(), LEAST_WAIT_S)
            ):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken = None

    async def _read_words(self) -> None:
        """Have the finished words read, if they are worth it by now; what is long goes by slices."""
        question = self._question
        if question is None:
            return
        words = _finished(question.text)
        self._weighed = words
        request = await self._drafts.request(replace(question, text=words))
        if request is None or self._judge(request) < Level.TYPING:
            return
        worth = WORTH_S * self._speeds.prefill_per_s
        if self._held.fresh_tokens(request) < max(1.0, min(worth, MOST_WAITING)):
            return
        if self._reading.may_lose(request):
            return
        if not self._background.is_free:
            self._weighed = None
        elif not await self._read(request):
            self._weighed, self._read_at = None, float("-inf")  # the next slice without a pause

    async def _read(self, request: Request) -> bool:
        """Have a slice of it read; False when there is more. One that broke is not tried anew."""
        self._read_at = self._clock()
        job = self._reading.start(Purpose.TYPING, request)
        await job.wait()
        return job.ended is None or job.request is None or job.request.messages == request.messages

    async def _send(self) -> None:
        """Send the whole text, as it is still; first what of it is too much to read at once."""
        question = self._question
        if question is None:
            return
        self._tried = question.text.strip()
        request = await self._drafts.request(question)
        if question != self._question:
            return
        if request is None or self._judge(request) < Level.TYPING:
            return
        if not self._background.is_free:
            self._tried = None
            return
        if self._reading.may_lose(request):
            return
        uncached = self._held.uncached_tokens(request)
        if uncached > self._background.most_uncached:
            if not await self._read(request) and self._question is not None:
                self._tried = None
            return
        job = self._background.start(
            Purpose.SUBMIT, lambda: self._provider.stream(request), uncached, request=request
        )
        self._submit = job
        await job.wait_until_said(max(MOST_WRITTEN >> self._in_vain, FEWEST_WRITTEN))
        if self._background.job is job and not job.is_over:
            self._submit, self._is_believed = None, True
            self._background.close()


def _finished(text: str) -> str:
    """A text up to its last finished word: what is still being typed may become another token."""
    if text[-1:].isspace():
        return text.rstrip()
    return text[: max(text.rfind(" "), text.rfind("\n"), text.rfind("\t")) + 1].rstrip()

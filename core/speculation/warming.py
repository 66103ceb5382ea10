"""The model is loaded and what comes before the next question is read, while nobody waits."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from core.messages import Question
from core.providers.base import Piece, Provider, Request
from core.speculation.background import Background, Purpose
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.ports import Answered, Drafts
from core.speculation.reading import Reading


class Warming:
    """Preloads the model, then the system prompt; after an answer, the conversation up to the next question.

    A thinking model's slot does not hold its last answer as the next prompt has it, so that is read again, in
    slices of at most `Speeds.slice_tokens`. What the server may hold from before is left alone.

    Args:
        judge: what may be done with a request's model now.
    """

    def __init__(
        self,
        provider: Provider,
        background: Background,
        reading: Reading,
        drafts: Drafts,
        held: Held,
        judge: Callable[[Request], Level],
    ) -> None:
        self._provider = provider
        self._background = background
        self._reading = reading
        self._drafts = drafts
        self._held = held
        self._judge = judge
        self._not_loaded = ""

    async def preload(self, conversation: int | None) -> None:
        """Load the model, and read what stands before the first question; returns when that is done."""
        request = await self._next(conversation)
        if request is None or request.model == self._not_loaded:
            return
        empty = replace(request, messages=(), num_predict=1)

        def load() -> AsyncGenerator[Piece, None]:
            return self._provider.stream(empty)

        job = self._background.start(Purpose.PRELOAD, load, 0, request=empty)
        await job.wait()
        if job.error is None:
            await self._read(conversation)
        elif job.ended is None:
            self._not_loaded = request.model  # until an answer shows that it can be

    async def after(self, answered: Answered) -> None:
        """Read what the next question's prompt will have before it; returns when that is done."""
        self._not_loaded = ""
        await self._read(answered.conversation)

    async def _read(self, conversation: int | None) -> None:
        """Read up to where the next question begins, a slice at a time."""
        while (request := await self._next(conversation)) is not None:
            if not self._held.fresh_tokens(request) or self._reading.may_lose(request):
                return
            job = self._reading.start(Purpose.PREFIX, request)
            await job.wait()
            if job.ended is None:
                return

    async def _next(self, conversation: int | None) -> Request | None:
        """What a question without words would be sent as, once something may be started; None if not."""
        while True:
            await self._background.wait_until_free()
            request = await self._drafts.request(Question("", conversation=conversation))
            if request is None or self._judge(request) < Level.WARM:
                return None
            if self._background.is_free:
                return request

"""What a question would be sent as, if it were asked now: looked at while it is typed, without a trace."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.cache.found import Wanted
from core.engine.asked import Asked, Preparing
from core.engine.models import Models
from core.engine.recall import Recall
from core.errors import HouseError
from core.messages import Question
from core.providers.base import Request


class EngineDrafts:
    """Makes the very requests that the engine would make; see `core.speculation.ports.Drafts`.

    Attributes:
        conversation: the one that was last drafted or answered in, which is the one before the person.
    """

    def __init__(
        self, models: Models, preparing: Preparing, recall: Recall, wanted: Callable[[Asked], Wanted]
    ) -> None:
        self._models = models
        self._preparing = preparing
        self._recall = recall
        self._wanted = wanted
        self.conversation: int | None = None

    async def request(self, question: Question) -> Request | None:
        """The very request; None when it cannot be known, or no model would answer the question."""
        self.conversation = question.conversation
        ready = self._models.known(question.model) if question.model else self._models.in_use()
        if ready is None or question.again is not None:
            return None
        with suppress(HouseError):
            asked = await self._preparing.drafted(question, ready)
            request = self._preparing.draft(asked)
            return None if await self._is_stored(asked) else replace(request, may_retry=False)
        return None

    async def _is_stored(self, asked: Asked) -> bool:
        """Whether a stored answer would be served."""
        if not asked.question.use_cache or not asked.text.strip():
            return False
        wanted = self._wanted(asked)
        if wanted.may_be_alike:  # other wordings among very many take a few milliseconds
            found = await asyncio.to_thread(self._recall.peek, wanted)
        else:
            found = self._recall.peek(wanted)
        return found is not None and found.is_served

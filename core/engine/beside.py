"""What may be offered above an answer: found at once, or by an embedding while no text has come yet."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from core.cache.found import Found, Wanted
from core.messages import Question
from core.providers.base import Provider
from core.settings.model import Settings
from core.store.database import Database

if TYPE_CHECKING:
    from core.engine.embedding import Embedding


class Beside:
    """A look-up that runs beside an answer; what it finds after the first text is nobody's any more."""

    def __init__(self, found: Found | None, search: "Coroutine[None, None, Found | None] | None") -> None:
        self._found = found
        self._search = None if search is None else asyncio.ensure_future(search)
        if self._search is not None:
            self._search.add_done_callback(_hear)

    def take(self) -> Found | None:
        """What is to be offered now; once."""
        found, self._found = self._found, None
        search = self._search
        if found is None and search is not None and search.done():
            self._search = None
            # The worker's edge: whatever goes wrong here, a bug too, must not cost the answer beside it.
            found = None if search.cancelled() or search.exception() is not None else search.result()
        return found

    def close(self) -> None:
        """Text has come, or nobody waits: an offer would move what is being read."""
        if self._search is not None and not self._search.done():
            self._search.cancel()


class LooksBeside:
    """Begins such look-ups, and keeps what they look in."""

    def __init__(self, provider: Provider, database: Database, settings: Settings) -> None:
        self._provider = provider
        self._database = database
        self._settings = settings
        self._embeds: Embedding | None = None

    def begin(self, question: Question, wanted: Wanted, found: Found | None) -> Beside:
        """What may be offered above the answer that is being made now."""
        if not question.takes_offers or not question.use_cache:
            return Beside(None, None)
        is_looking = found is None and self._settings.cache.enabled and wanted.may_be_alike
        return Beside(found, self._embedding().maybe(wanted) if is_looking else None)

    async def tend(self) -> int:
        """Embed some stored questions; nothing where the cache looks for the same question only."""
        cache = self._settings.cache
        return await self._embedding().tend() if cache.enabled and cache.semantic else 0

    def _embedding(self) -> "Embedding":
        if self._embeds is None:
            from core.engine.embedding import Embedding  # only for who can be shown what it finds

            self._embeds = Embedding(self._provider, self._database, self._settings.fast.keep_alive)
        return self._embeds


def _hear(search: "asyncio.Future[Found | None]") -> None:
    """Take what went wrong, so that asyncio does not complain of an error that nobody took."""
    if not search.cancelled():
        search.exception()

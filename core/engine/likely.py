"""Stored answers that may fit though their question was worded otherwise: looked for beside an answer."""

from typing import TYPE_CHECKING

from core.cache.found import Found, Wanted
from core.engine.beside import Beside
from core.messages import Question
from core.providers.base import Provider
from core.settings.model import Settings
from core.store.database import Database

if TYPE_CHECKING:
    from core.engine.embedding import Embedding


class Likely:
    """Opens what embeds questions for whoever can be shown what it finds, and for nobody else."""

    def __init__(self, provider: Provider, database: Database, settings: Settings) -> None:
        self._provider = provider
        self._database = database
        self._settings = settings
        self._embeds: Embedding | None = None

    def look(self, question: Question, wanted: Wanted, found: Found | None) -> Beside:
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
            from core.engine.embedding import Embedding

            self._embeds = Embedding(self._provider, self._database, self._settings.fast.keep_alive)
        return self._embeds

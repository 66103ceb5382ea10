"""Embeddings by a model that the server already has: beside an answer, and of stored questions in idle time.

They only ever add a *maybe*, so whatever fails here costs nothing but that. Questions were asked of whoever
answered then: they are embedded by a server on this machine only, and sent to no other. And they never cost
anyone a loaded model: what is in memory is looked at before and after, an embedding model is loaded in idle
time only, and one that has driven another out is never asked again.
"""

import asyncio
import re
import sqlite3
from collections.abc import Sequence

from core.cache import vectors
from core.cache.found import Found, Wanted
from core.cache.vectors import VectorIndex
from core.errors import ProviderError, StoreUnavailable
from core.providers.base import Embeds, ModelInfo, Provider
from core.providers.choice import GIB, LOADS_OF_MEMORY, is_cloud, memory_bytes
from core.store.database import Database
from core.store.text import storable

BATCH = 16
"""So many questions are embedded in one request: a chat that comes meanwhile waits for no more."""

_HERE = ("local", "demo")
_LARGEST_BYTES = GIB
"""Larger ones are made for other work, and take longer than an answer."""
_BY_NAME = re.compile(r"embed|minilm|\bbge\b|\be5\b|\bgte\b", re.IGNORECASE)


class Embedding:
    """One embedding model at the provider, if there is one that harms nobody."""

    def __init__(self, provider: Provider, database: Database, keep_alive: str) -> None:
        self._embeds = provider if isinstance(provider, Embeds) and vectors.is_possible() else None
        self._provider = provider
        self._database = database
        self._keep_alive = keep_alive
        self._model: ModelInfo | None = None
        self._has_looked = False
        self._index: VectorIndex | None = None

    async def maybe(self, wanted: Wanted) -> Found | None:
        """What the embedding of a question finds, asked for beside the answer; None most of the time."""
        if self._embeds is None or not wanted.may_be_alike:
            return None
        try:
            model = await self._usable()
            # Only what is in memory: to load it now would take the machine from the answer.
            if model is None or model.name not in await self._embeds.loaded():
                return None
            (vector,) = await self._embeds.embed(model.name, [wanted.text], self._keep_alive)
            return await asyncio.to_thread(self._search, model.digest, wanted, vector)
        except (ProviderError, StoreUnavailable):
            return None

    async def tend(self) -> int:
        """Embed some stored questions that have no vector yet; how many, 0 when there is nothing to do.

        For idle time. It loads the embedding model if need be, and looks whether that drove another out.
        """
        if self._embeds is None:
            return 0
        try:
            model = await self._usable()
            if model is None:
                return 0
            waiting = self._database.read(lambda c: vectors.unembedded(c, model.digest, BATCH))
            before = await self._embeds.loaded()
            # With nothing else in memory there is nothing to learn, and the person's model comes first.
            if not waiting or not before - {model.name}:
                return 0
            if model.name not in before and not await self._has_room(model):
                return 0
            made = await self._embeds.embed(model.name, [text for _, text in waiting], self._keep_alive)
            after = await self._embeds.loaded()
        except (ProviderError, StoreUnavailable):
            return 0
        self._remember(model, is_harmless=before - {model.name} <= after)
        pairs = [(entry, vector) for (entry, _), vector in zip(waiting, made, strict=True)]
        await asyncio.to_thread(self._keep, model.digest, pairs)
        return len(pairs)

    async def _usable(self) -> ModelInfo | None:
        """The model, if it runs here and has done no harm before."""
        if not self._has_looked:
            state = await self._provider.look()
            self._model = choose_embedder(state.models)
            self._has_looked = True
        model = self._model
        # After the look: until then a name may lead anywhere.
        if model is None or self._provider.place() not in _HERE:
            return None
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT is_harmless FROM embedder WHERE address = ? AND digest = ?",
                (storable(self._provider.address), storable(model.digest)),
            ).fetchone()
        )
        return model if row is None or row[0] else None

    async def _has_room(self, model: ModelInfo) -> bool:
        """Whether loading it will drive nothing out, as far as that can be told."""
        state = await self._provider.look()
        is_here = self._provider.place() == "local"
        return fits_beside(model, state.models, memory_bytes() if is_here else 0)

    def _remember(self, model: ModelInfo, is_harmless: bool) -> None:
        now = self._database.clock()
        values = (storable(self._provider.address), storable(model.digest), is_harmless, now)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO embedder (address, digest, is_harmless, tried_at)"
                " VALUES (?, ?, ?, ?)",
                values,
            )

        self._database.submit(work)

    def _keep(self, digest: str, pairs: Sequence[tuple[int, Sequence[float]]]) -> None:
        """In a thread: the first import of numpy takes longer than a frame."""
        rows = vectors.packed(digest, pairs)
        self._database.submit(lambda connection: vectors.store(connection, rows)).result()

    def _search(self, digest: str, wanted: Wanted, vector: Sequence[float]) -> Found | None:
        """In a thread, and in short reads, so that nobody on the screen waits for them."""
        index = self._index
        if index is None or (index.digest, index.dimensions) != (digest, len(vector)):
            self._index = index = VectorIndex(digest, len(vector))
        while self._database.read(index.take_in):
            pass
        if not (near := index.nearest(vector)):
            return None
        now = self._database.clock()
        cosines = self._database.read(lambda c: vectors.cosines_of(c, near, vector, digest))
        return self._database.read(lambda c: vectors.maybe_by_cosine(c, wanted, cosines, now))


def choose_embedder(models: Sequence[ModelInfo]) -> ModelInfo | None:
    """The embedding model that costs least: one in memory, else the smallest; never one from elsewhere."""
    found = [model for model in models if _can_embed(model) and model.digest and not is_cloud(model)]
    return min(found, key=lambda model: (not model.is_loaded, model.size_bytes, model.name), default=None)


def fits_beside(model: ModelInfo, models: Sequence[ModelInfo], memory: int) -> bool:
    """Whether a model finds room beside those that are loaded.

    Args:
        memory: bytes of the machine's; 0 when not known.
    """
    loaded = [each for each in models if each.is_loaded]
    # One that is partly on the GPU has filled it already.
    if any(0 < each.loaded_vram_bytes < each.loaded_bytes for each in loaded):
        return False
    taken = sum(each.loaded_bytes for each in loaded) + model.size_bytes * 1.5
    return model.size_bytes <= _LARGEST_BYTES and (not memory or taken <= memory * LOADS_OF_MEMORY)


def _can_embed(model: ModelInfo) -> bool:
    if model.capabilities is not None:
        return "embedding" in model.capabilities
    return _BY_NAME.search(model.name) is not None

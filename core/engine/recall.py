"""What the engine asks the answer cache, and what it tells it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from core.cache.acts import Act
from core.cache.entries import Entries, NewEntry
from core.cache.found import Found, Hit, Wanted
from core.engine.stored import as_answer, as_ending, source_of
from core.errors import StoreUnavailable
from core.events import MaybeFound
from core.messages import Answer, Route
from core.settings.model import CacheSettings
from core.store.conversations import Conversations, Started


class Recall:
    """The answer cache as far as the engine has to do with it; a store that refuses costs a hit only."""

    def __init__(
        self,
        entries: Entries,
        conversations: Conversations,
        settings: CacheSettings,
        now: Callable[[], float],
    ) -> None:
        self._entries = entries
        self._conversations = conversations
        self._settings = settings
        self._now = now
        self._offered: dict[int, Found] = {}

    def look_up(self, wanted: Wanted) -> Found | None:
        """A stored answer to serve or to offer; None where there is none, or the cache is off."""
        if not self._settings.enabled:
            return None
        try:
            return self._entries.look_up(wanted)
        except StoreUnavailable:
            return None

    def serve(self, found: Found) -> None:
        """It was given as the answer."""
        self._entries.mark_served(found)

    def offer(self, found: Found) -> MaybeFound:
        """The event of an answer that may fit; that it was shown is written down."""
        self._offered[found.entry] = found
        self._entries.record(Act.SHOWN, found)
        return MaybeFound(found.entry, found.model, found.text, source_of(found, self._now()))

    def opened(self, entry: int) -> None:
        """The person reads what was offered."""
        if found := self._offered.get(entry):
            self._entries.record(Act.OPENED, found)

    def keep_maybe(self, turn: int, entry: int) -> Future[Started]:
        """Make what was offered an answer of the turn, and the current one; it must have been offered."""
        found = self._offered[entry]
        self._entries.mark_served(found)
        return self._conversations.ask_again(turn, as_answer(found, Route.MAYBE_KEPT), as_ending(found, None))

    def rule_out(self, question: str, entry: int) -> None:
        """Never offer this answer for this question again."""
        if found := self._offered.get(entry):
            self._entries.veto(question, found)

    def object(self, question: str, before: Answer | None) -> None:
        """The person asks afresh; where the answer they had was served from the cache, it was not the one.

        Args:
            before: the answer that stands until the new one is there.
        """
        if before is None or not self._settings.enabled:
            return
        if before.route is Route.SEMANTIC_HIT:
            self._entries.object(question, before.source, Hit.SURE)
        elif before.route is Route.EXACT_HIT:
            self._entries.object(question, before.source, Hit.EXACT)

    def keep(self, wanted: Wanted, answer: int) -> None:
        """A whole answer may serve again."""
        if not self._settings.enabled:
            return
        self._entries.keep(
            NewEntry(
                answer,
                wanted.text,
                wanted.scope,
                wanted.model_key,
                wanted.depth,
                wanted.is_first_turn,
                wanted.has_attachments,
            )
        )

    async def tend(self) -> int:
        """One piece of what keeps the cache small and readable; 0 when all is well."""
        if not self._settings.enabled:
            return 0
        return await asyncio.wrap_future(self._entries.tend(self._settings.max_answers))

"""What the engine asks the answer cache, and what it tells it."""

import asyncio
from collections.abc import Callable

from core.cache.acts import Act
from core.cache.entries import Entries, NewEntry
from core.cache.found import Found, Hit, Wanted
from core.engine.stored import as_answer, as_ending, source_of
from core.errors import StoreUnavailable
from core.events import MaybeFound
from core.messages import Answer, Route
from core.settings.model import CacheSettings
from core.store.conversations import Conversations


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
        self._offered: dict[int, tuple[Found, Wanted]] = {}
        self._taken: Wanted | None = None

    def look_up(self, wanted: Wanted) -> Found | None:
        """A stored answer to serve or to offer; None where there is none, or the cache is off."""
        self._taken = None
        return self.peek(wanted)

    def peek(self, wanted: Wanted) -> Found | None:
        """The same of what is not asked yet; also from a thread."""
        if not self._settings.enabled:
            return None
        try:
            return self._entries.look_up(wanted)
        except StoreUnavailable:
            return None

    def has_deep(self, wanted: Wanted, depth: int, model: str = "") -> bool:
        """Whether there is an answer to this very question that was thought so deep.

        Args:
            depth: as `core.deep.question.Preset.depth`.
            model: that it must be of; empty is any.
        """
        found = self.look_up(wanted._replace(depth=depth, semantic=False))
        return found is not None and found.is_served and model in ("", found.model)

    def serve(self, found: Found) -> None:
        """It was given as the answer."""
        self._entries.mark_served(found)

    def offer(self, found: Found, wanted: Wanted) -> MaybeFound:
        """The event of an answer that may fit what was wanted; that it was shown is written down."""
        self._offered[found.entry] = found, wanted
        self._entries.record(Act.SHOWN, found)
        return MaybeFound(found.entry, found.model, found.text, source_of(found, self._now()))

    def opened(self, entry: int) -> None:
        """The person reads what was offered."""
        if offered := self._offered.get(entry):
            self._entries.record(Act.OPENED, offered[0])

    async def keep_maybe(self, turn: int, entry: int) -> None:
        """Make what was offered the turn's current answer, and what the same question is answered with.

        It must have been offered.

        Raises:
            HouseError: The store refuses.
        """
        found, wanted = self._offered[entry]
        self._entries.mark_served(found)
        # Known before it is written: the model's own answer may end meanwhile, and would take its place.
        self._taken = wanted
        writing = self._conversations.ask_again(
            turn, as_answer(found, Route.MAYBE_KEPT), as_ending(found, None)
        )
        started = await asyncio.shield(asyncio.wrap_future(writing))
        self._keep(wanted, started.answer)

    def rule_out(self, question: str, entry: int) -> None:
        """Never offer this answer for this question again."""
        if offered := self._offered.get(entry):
            self._entries.veto(question, offered[0])

    def object(self, question: str, before: Answer | None) -> None:
        """The person asks afresh; where the answer they had was served from the cache, it was not the one.

        Args:
            before: the answer that stands until the new one is there.
        """
        self._taken = None
        if before is None or not self._settings.enabled:
            return
        if before.route is Route.SEMANTIC_HIT:
            self._entries.object(question, before.source, Hit.SURE)
        elif before.route is Route.EXACT_HIT:
            self._entries.object(question, before.source, Hit.EXACT)

    def keep(self, wanted: Wanted, answer: int) -> None:
        """A whole answer may serve again, unless the person took another one for this question."""
        if wanted != self._taken:
            self._keep(wanted, answer)

    def _keep(self, wanted: Wanted, answer: int) -> None:
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

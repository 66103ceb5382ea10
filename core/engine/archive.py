"""What was asked and answered before, for who looks back: found, named, deleted, followed or let go."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.messages import Attachment, Conversation
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.search import FoundTurn

if TYPE_CHECKING:
    from core.engine.details import Details
    from core.engine.figures import Figures
    from core.store.speculation import SpeculationCounts


class Archive:
    """The stored conversations of one engine; everything raises `StoreUnavailable` or `NotStored`.

    Args:
        changed: told of a conversation whose next question comes behind another answer than before.
        failure_cost_s: as the settings have it.
    """

    def __init__(
        self,
        conversations: Conversations,
        database: Database,
        changed: Callable[[int], None],
        failure_cost_s: float,
    ) -> None:
        self._conversations = conversations
        self._database = database
        self._changed = changed
        self._failure_cost_s = failure_cost_s

    def search(self, text: str, limit: int) -> tuple[FoundTurn, ...]:
        """The turns that have all these words in question or answer, best first; also from a thread."""
        return self._conversations.search(text, limit)

    def recent(self, limit: int) -> tuple[Conversation, ...]:
        """The conversations last asked anywhere, newest first, without their turns."""
        return self._conversations.recent(limit)

    def has_left_runs(self, places: Sequence[str]) -> bool:
        """Whether deep runs of these folders wait to be gone on with; nothing deep is imported to see it."""
        from core.store.deep_journal import DeepJournal

        journal = DeepJournal(self._database)
        return any(journal.left(place) for place in places)

    def are_offers_ignored(self) -> bool:
        """Whether so many offered follow-up questions were passed by that no room is kept for more."""
        from core.speculation.modesty import MOST_IGNORED
        from core.store.speculation import SpeculationStore

        return SpeculationStore(self._database).ignored_in_a_row() >= MOST_IGNORED

    def speculation_counts(self, since: float) -> "SpeculationCounts":
        """What was done ahead since a moment (Unix time in seconds), and what it was good for."""
        from core.store.speculation import SpeculationStore

        return SpeculationStore(self._database).counts(since)

    def details(self, turn: int) -> "Details | None":
        """How the answer of a turn came; None when it has none."""
        from core.engine.details import details_of

        return details_of(self._conversations, self._database, turn)

    def painted(self, answer: int, paint_ms: float) -> None:
        """An answer's first text was on the screen so long after the key; kept behind."""
        from core.store.measured import MeasuredStore

        MeasuredStore(self._database).painted(answer, paint_ms)

    def figures(self, since: float) -> "Figures":
        """All that was measured since a moment (Unix time in seconds); blocking, for a thread."""
        from core.engine.figures import gather

        return gather(self._database, since, self._failure_cost_s)

    async def choose_answer(self, turn: int, answer: int) -> None:
        """Make one of a turn's answers the current one."""
        await asyncio.shield(asyncio.wrap_future(self._conversations.choose_current(turn, answer)))
        self._changed(self._conversations.turn(turn).conversation)

    async def rename(self, conversation: int, title: str) -> None:
        """Give a conversation another title."""
        await asyncio.shield(asyncio.wrap_future(self._conversations.rename(conversation, title)))

    async def delete(self, conversation: int) -> None:
        """Take a conversation out of sight, and its answers out of service; for a day it can be undone."""
        await asyncio.shield(asyncio.wrap_future(self._conversations.delete(conversation)))

    async def undo_delete(self, conversation: int) -> None:
        """Bring a deleted conversation back."""
        await asyncio.shield(asyncio.wrap_future(self._conversations.undo_delete(conversation)))

    def followed(self, conversation: int) -> tuple[Attachment, ...]:
        """What a conversation was sent and is read again at each question."""
        return self._conversations.followed(conversation)

    async def release(self, conversation: int, origin: str) -> None:
        """Read an origin no more for this conversation; sending it once more follows it again."""
        await asyncio.shield(asyncio.wrap_future(self._conversations.release(conversation, origin)))

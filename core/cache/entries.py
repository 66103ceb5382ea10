"""The answer cache in a database: reads are inline, writes are futures."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from core.cache.acts import Act, mark_served, record, record_found
from core.cache.candidate import Kept, NewEntry
from core.cache.found import Found, Hit, Wanted
from core.cache.lookup import look_up
from core.errors import HouseError
from core.store.database import Database

if TYPE_CHECKING:
    from core.cache.listing import CacheStats, Entry

__all__ = ["Entries", "EntryMissing", "Kept", "NewEntry"]

LARGEST_BYTES = 200 * 1024 * 1024
"""Of all questions and answers together; beyond it those of least use make room."""


class EntryMissing(HouseError):
    """An entry that the answer cache does not have."""

    kind = "not_stored"

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"there is no stored answer {entry}",
            "It may have been forgotten or made room; `leadline cache list` shows what is there.",
        )


class Entries:
    """Stored answers that may serve again.

    What only writes or lists is imported when it is wanted: every start waits for this module.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def look_up(self, wanted: Wanted) -> Found | None:
        """The stored answer that comes nearest; quick enough to stay inline."""
        now = self._database.clock()
        return self._database.read(lambda connection: look_up(connection, wanted, now))

    def keep(self, new: NewEntry) -> Future[Kept]:
        """Store an entry for an answer that has ended, unless it is one that is never stored."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> Kept:
            from core.cache.keeping import keep

            return keep(connection, new, now)

        return self._database.submit(work)

    def mark_served(self, found: Found) -> Future[None]:
        """What was found was given as the answer, or, if only a maybe, was kept as one."""
        now = self._database.clock()
        return self._database.submit(lambda connection: mark_served(connection, found, now))

    def record(self, act: Act, found: Found) -> Future[None]:
        """The person saw, opened or asked past what was found; to object is `veto` or `object`."""
        now = self._database.clock()
        return self._database.submit(lambda connection: record_found(connection, act, found, now))

    def veto(self, asked: str, found: Found) -> Future[None]:
        """Never again give or show this answer to that question; an exact hit is forgotten."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            from core.cache.vetoes import forbid

            forbid(connection, asked, found, now)

        return self._database.submit(work)

    def object(self, asked: str, source: str, outcome: Hit) -> Future[None]:
        """What was served is asked afresh; another question's answer is never given to this one again.

        The same question's answer stays until the next one takes its place.

        Args:
            source: the question that the served answer was given to.
        """
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            from core.cache.vetoes import object_to

            object_to(connection, asked, source, outcome, now)

        return self._database.submit(work)

    def pin(self, entry: int, is_pinned: bool = True) -> Future[None]:
        """Keep an entry whatever its age and use, or no longer; the future raises `EntryMissing`."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            cursor = connection.execute("UPDATE entry SET is_pinned = ? WHERE id = ?", (is_pinned, entry))
            if cursor.rowcount == 0:
                raise EntryMissing(entry)
            record(connection, Act.PINNED if is_pinned else Act.UNPINNED, now, entry)

        return self._database.submit(work)

    def forget(self, entry: int) -> Future[None]:
        """Take an entry out; its answer stays in its conversation. The future raises `EntryMissing`."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            from core.cache.keeping import drop

            row = connection.execute("SELECT 1 FROM entry WHERE id = ?", (entry,)).fetchone()
            if row is None:
                raise EntryMissing(entry)
            record(connection, Act.FORGOTTEN, now)
            drop(connection, entry)

        return self._database.submit(work)

    def forget_conversation(self, conversation: int) -> Future[int]:
        """Take out every entry of a conversation, best before it is deleted; how many."""

        def work(connection: sqlite3.Connection) -> int:
            from core.cache.pruning import forget_conversation

            return forget_conversation(connection, conversation)

        return self._database.submit(work)

    def tend(self, most: int, largest_bytes: int = LARGEST_BYTES) -> Future[int]:
        """One short piece of upkeep: what is out of date or too much goes, what is unreadable is read afresh.

        How much was done; 0 when there is nothing left to do. Best when the machine is idle.
        """
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> int:
            from core.cache.upkeep import tend

            return tend(connection, most, largest_bytes, now)

        return self._database.submit(work)

    def prune(self, most: int, largest_bytes: int = LARGEST_BYTES) -> Future[int]:
        """One batch of what is out of date or too much; how many went, 0 when there is nothing left to do."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> int:
            from core.cache.pruning import prune_some

            return prune_some(connection, most, largest_bytes, now)

        return self._database.submit(work)

    def clear(self) -> Future[int]:
        """Take out every entry, pinned ones too; how many. Vetoes stay."""

        def work(connection: sqlite3.Connection) -> int:
            from core.cache.pruning import clear

            return clear(connection)

        return self._database.submit(work)

    def entry(self, entry: int) -> "Entry":
        """One entry with its answer.

        Raises:
            EntryMissing: There is none.
        """
        from core.cache.listing import entry_of

        now = self._database.clock()
        found = self._database.read(lambda connection: entry_of(connection, entry, now))
        if found is None:
            raise EntryMissing(entry)
        return found

    def list(self, limit: int, pinned_only: bool = False) -> "Sequence[Entry]":
        """The entries that were stored last, newest first."""
        from core.cache.listing import newest

        now = self._database.clock()
        return self._database.read(lambda connection: newest(connection, limit, pinned_only, now))

    def search(self, text: str, limit: int) -> "Sequence[Entry]":
        """The entries whose question or answer has every word of a text, newest first."""
        from core.cache.listing import search

        now = self._database.clock()
        return self._database.read(lambda connection: search(connection, text, limit, now))

    def stats(self) -> "CacheStats":
        """How much is stored, of what use it was, and what people objected to."""
        from core.cache.listing import stats

        now = self._database.clock()
        return self._database.read(lambda connection: stats(connection, now))

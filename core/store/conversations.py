"""Conversations, their turns and answers, as they are written and read.

Every write is a future; what was submitted is written even if nobody waits for it any more.
"""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future

from core.messages import Attachment, Conversation, Turn
from core.store import cells, removal, rows, search, writing
from core.store.database import Database
from core.store.entries import Counts, Ending, NewAnswer, Started, title_of
from core.store.faults import NotStored
from core.store.owner import this_process
from core.store.search import FoundTurn
from core.store.text import storable
from core.store.writing import NewTurn

__all__ = ["Conversations", "Counts", "Ending", "FoundTurn", "NewAnswer", "NotStored", "Started"]

_SEARCH_FACTOR = 10
"""How many times more questions are looked at than wanted, where many are the same."""


class Conversations:
    """The conversations in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = this_process()
        self._letting_go: list[tuple[int, str]] = []

    def begin(self, directory: str, title: str) -> Future[int]:
        """Begin a conversation without a question yet."""
        now = self._database.clock()
        return self._database.submit(
            lambda connection: writing.insert_conversation(connection, directory, title, now)
        )

    def ask(
        self,
        question: str,
        attachments: Sequence[Attachment],
        conversation: int | None,
        directory: str,
        answer: NewAnswer,
        ending: Ending | None = None,
    ) -> Future[Started]:
        """Keep a question, and that an answer to it is on its way, before the first token.

        Without a conversation one is begun in the directory, named after the question. The future raises
        `NotStored` for an unknown conversation.

        Args:
            ending: of an answer that was there before the question.
        """
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> Started:
            turn = NewTurn(question, attachments, conversation, directory)
            started = writing.begin_turn(connection, turn, answer, self._owner, now)
            return writing.ended(connection, started, ending, now)

        return self._database.submit(work)

    def ask_again(self, turn: int, answer: NewAnswer, ending: Ending | None = None) -> Future[Started]:
        """Add one more answer to a turn; the future raises `NotStored` for an unknown one.

        Args:
            ending: of an answer that was there before.
        """
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> Started:
            started = writing.begin_again(connection, turn, answer, self._owner, now)
            return writing.ended(connection, started, ending, now)

        return self._database.submit(work)

    def save_progress(self, answer: int, text: str, thinking: str) -> Future[None]:
        """Keep what has come so far; an answer that has ended is left as it is."""
        now = self._database.clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE answer SET text = ?, thinking = ?, updated_at = ?"
                " WHERE id = ? AND state = 'streaming'",
                (storable(text), storable(thinking), now, answer),
            )

        return self._database.submit(work)

    def end(self, answer: int, ending: Ending, make_current: bool, *, if_last: bool = False) -> Future[None]:
        """Keep how an answer ended.

        With `make_current` it becomes its turn's current answer, if it has text and did not fail; with
        `if_last` too only while nothing was asked after its turn. The future raises `NotStored` for an
        unknown answer.
        """
        now = self._database.clock()
        return self._database.submit(
            lambda connection: writing.end_answer(connection, answer, ending, make_current, now, if_last)
        )

    def choose_current(self, turn: int, answer: int) -> Future[None]:
        """Make one of a turn's answers the current one; `NotStored` if it is not among them."""

        def work(connection: sqlite3.Connection) -> None:
            cursor = connection.execute(
                "UPDATE turn SET current_answer_id = :answer WHERE id = :turn"
                " AND EXISTS (SELECT 1 FROM answer WHERE id = :answer AND turn_id = :turn)",
                {"turn": turn, "answer": answer},
            )
            if cursor.rowcount == 0:
                raise NotStored(f"answer of turn {turn} with the number", answer)

        return self._database.submit(work)

    def rename(self, conversation: int, title: str) -> Future[None]:
        """Give a conversation another title; `NotStored` if there is none."""

        def work(connection: sqlite3.Connection) -> None:
            cursor = connection.execute(
                "UPDATE conversation SET title = ? WHERE id = ?", (title_of(title), conversation)
            )
            if cursor.rowcount == 0:
                raise NotStored("conversation", conversation)

        return self._database.submit(work)

    def delete(self, conversation: int) -> Future[None]:
        """Take a conversation out of sight, for a day to be undone; `NotStored` if there is none."""
        now = self._database.clock()
        return self._database.submit(lambda connection: removal.delete(connection, conversation, now))

    def undo_delete(self, conversation: int) -> Future[None]:
        """Bring a deleted conversation back; `NotStored` if it is gone for good."""
        return self._database.submit(lambda connection: removal.undo(connection, conversation))

    def purge(self) -> Future[int]:
        """Remove for good what was deleted, whenever that was; how many conversations."""
        now = self._database.clock()
        return self._database.submit(lambda connection: removal.purge(connection, now + 1))

    def search(self, text: str, limit: int, directory: str | None = None) -> tuple[FoundTurn, ...]:
        """The turns that have all these words in question or answer, best first; see `core.store.search`."""
        now = self._database.clock()
        where = None if directory is None else storable(directory)

        def look(connection: sqlite3.Connection) -> tuple[FoundTurn, ...] | None:
            try:
                return search.search(connection, text, limit, now, where)
            except sqlite3.DatabaseError as error:
                if not search.is_broken(error):
                    raise
                return None

        found = self._database.read_aside(look)
        if found is None:
            self._database.submit(search.rebuild).result()
            found = self._database.read_aside(look)
        return found or ()

    def turns(
        self, conversation: int, last: int | None = None, before: int | None = None
    ) -> tuple[Turn, ...]:
        """The turns of a conversation, oldest first; none for an unknown one.

        With `last` at most so many, the newest; with `before` only those that came before that turn.
        """
        now = self._database.clock()
        return self._database.read(
            lambda connection: rows.turns_of(connection, conversation, last, before, now)
        )

    def followed(self, conversation: int) -> tuple[Attachment, ...]:
        """What a conversation was sent and can be read again: of each origin the newest version.

        None of what was let go by `release`, whether that is written yet or not: a question that is asked at
        once must not send it.
        """
        gone = {origin for home, origin in self._letting_go if home == conversation}  # before it is read
        followed = self._database.read(lambda connection: rows.followed_of(connection, conversation))
        return tuple(each for each in followed if each.origin not in gone)

    def release(self, conversation: int, origin: str) -> Future[None]:
        """Read an origin no more for this conversation; sending it once more follows it again."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE attachment SET is_followed = 0 WHERE origin = ?"
                " AND turn_id IN (SELECT id FROM turn WHERE conversation_id = ?)",
                (storable(origin), conversation),
            )

        one = conversation, storable(origin)
        self._letting_go.append(one)
        released = self._database.submit(work)
        released.add_done_callback(lambda _: self._letting_go.remove(one))
        return released

    def stamp(self, conversation: int) -> str:
        """What tells whether a conversation's turns are as they were; `core.store.rows.marks_in` reads it."""
        return self._database.read(lambda connection: rows.stamp_of(connection, conversation))

    def turn_ids(self, conversation: int) -> tuple[int, ...]:
        """The ids of a conversation's turns, oldest first; quick for tens of thousands."""

        def look(connection: sqlite3.Connection) -> tuple[int, ...]:
            found = connection.execute(
                "SELECT id FROM turn WHERE conversation_id = ? ORDER BY position", (conversation,)
            )
            return tuple(row[0] for row in found)

        return self._database.read(look)

    def turn(self, turn: int) -> Turn:
        """One turn with its answers.

        Raises:
            NotStored: There is none.
        """
        now = self._database.clock()
        found = self._database.read(lambda connection: rows.turn_by_id(connection, turn, now))
        if found is None:
            raise NotStored("turn", turn)
        return found

    def conversation(self, conversation: int) -> Conversation:
        """One conversation, without its turns (`turns` reads as many as are wanted).

        Raises:
            NotStored: There is none.
        """
        found = self._conversations("WHERE id = ?", conversation)
        if not found:
            raise NotStored("conversation", conversation)
        return found[0]

    def is_deleted(self, conversation: int) -> bool:
        """Whether it is hidden, and gone for good in a day unless that is undone."""
        return bool(self._conversations("WHERE id = ? AND deleted_at IS NOT NULL", conversation))

    def latest(self, directory: str) -> Conversation | None:
        """The conversation last asked in a directory, without its turns."""
        found = self._conversations(
            "WHERE directory = ? AND deleted_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT 1",
            storable(directory),
        )
        return found[0] if found else None

    def recent(self, limit: int, directory: str | None = None) -> tuple[Conversation, ...]:
        """The conversations last asked anywhere, or in a directory, newest first, without their turns."""
        here = "" if directory is None else " AND directory = ?"
        values = () if directory is None else (storable(directory),)
        return self._conversations(
            f"WHERE deleted_at IS NULL{here} ORDER BY updated_at DESC, id DESC LIMIT ?",
            *values,
            max(limit, 0),
        )

    def last_option(self, conversation: int, name: str) -> str:
        """What shaped a conversation's newest answer under this name; empty when no answer says it."""
        return self._database.read(lambda connection: rows.last_option_of(connection, conversation, name))

    def questions(self, limit: int) -> tuple[str, ...]:
        """What was asked anywhere, newest first, each wording once: the prompt's history."""

        def look(connection: sqlite3.Connection) -> tuple[str, ...]:
            found: dict[str, None] = {}
            for (question,) in connection.execute(
                "SELECT question FROM turn t JOIN conversation c ON c.id = t.conversation_id"
                " WHERE c.deleted_at IS NULL ORDER BY t.id DESC LIMIT ?",
                (max(limit, 0) * _SEARCH_FACTOR,),
            ):
                if asked := cells.text(question):
                    found.setdefault(asked)
                if len(found) == limit:
                    break
            return tuple(found)

        return self._database.read(look)

    def counts(self) -> Counts:
        """How many conversations, turns and answers there are."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT (SELECT count(*) FROM conversation), (SELECT count(*) FROM turn),"
                " (SELECT count(*) FROM answer)"
            ).fetchone()
        )
        return Counts(*row)

    def _conversations(self, clause: str, *values: int | str) -> tuple[Conversation, ...]:
        found = self._database.read(
            lambda connection: connection.execute(f"{rows.CONVERSATION} {clause}", values).fetchall()
        )
        return tuple(rows.conversation_of(row) for row in found)

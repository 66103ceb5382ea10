"""How a turn is written down, step by step, within a transaction of the writer's."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.messages import AnswerState, Attachment
from core.store import search
from core.store.entries import Ending, NewAnswer, Started, insert, insert_answer, title_of
from core.store.faults import NotStored
from core.store.text import storable

_ENDS_WITH_TEXT = frozenset({AnswerState.COMPLETE, AnswerState.PARTIAL, AnswerState.CANCELLED})


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question about to be kept.

    Attributes:
        conversation: None begins one.
        directory: where a conversation is begun.
    """

    question: str
    attachments: Sequence[Attachment]
    conversation: int | None
    directory: str


def begin_turn(
    connection: sqlite3.Connection, new: NewTurn, answer: NewAnswer, owner: str, now: float
) -> Started:
    """Write a question down, and that an answer to it is on its way."""
    home = new.conversation
    if home is None:
        home = insert_conversation(connection, new.directory, title_of(new.question), now)
    else:
        _touch(connection, home, now)
    turn = insert(
        connection,
        "INSERT INTO turn (conversation_id, position, question, asked_at) VALUES"
        " (:home, (SELECT coalesce(max(position), 0) + 1 FROM turn WHERE conversation_id = :home),"
        " :question, :now)",
        {"home": home, "question": storable(new.question), "now": now},
    )
    connection.executemany(
        "INSERT INTO attachment (turn_id, name, text, sha256, origin, is_followed) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                turn,
                storable(each.name),
                storable(each.text),
                each.sha256,
                storable(each.origin),
                bool(each.origin),
            )
            for each in new.attachments
        ],
    )
    search.add_question(connection, turn, storable(new.question))
    return Started(home, turn, insert_answer(connection, turn, answer, owner, now))


def begin_again(
    connection: sqlite3.Connection, turn: int, answer: NewAnswer, owner: str, now: float
) -> Started:
    """Note that one more answer to a turn is on its way."""
    row = connection.execute("SELECT conversation_id FROM turn WHERE id = ?", (turn,)).fetchone()
    if row is None:
        raise NotStored("turn", turn)
    _touch(connection, row[0], now)
    return Started(row[0], turn, insert_answer(connection, turn, answer, owner, now))


def ended(connection: sqlite3.Connection, started: Started, ending: Ending | None, now: float) -> Started:
    """What was begun; with an ending it is over already, and the turn's current answer."""
    if ending is not None:
        end_answer(connection, started.answer, ending, make_current=True, now=now)
    return started


def end_answer(
    connection: sqlite3.Connection,
    answer: int,
    ending: Ending,
    make_current: bool,
    now: float,
    if_last: bool = False,
) -> None:
    """Write down how an answer ended; from now on its words are found.

    With `if_last` a turn behind its own keeps it from becoming current.
    """
    is_usable = ending.state in _ENDS_WITH_TEXT and bool(ending.text)
    is_open = connection.execute(
        "SELECT 1 FROM answer WHERE id = ? AND state = 'streaming'", (answer,)
    ).fetchone()
    cursor = connection.execute(
        "UPDATE answer SET state = ?, text = ?, thinking = ?, updated_at = ?, reason = ?, error = ?,"
        " model = coalesce(?, model), place = coalesce(?, place), ttft_ms = ?, total_ms = ?,"
        " input_tokens = ?, output_tokens = ?, load_ms = ?, prefill_ms = ?, decode_ms = ?,"
        " server_ms = ?, usd = ?, is_usd_exact = ?, route = coalesce(?, route),"
        " provider = coalesce(?, provider), options_hash = coalesce(?, options_hash), thinking_ms = ?,"
        " itl_ms = ?, starved_ms = ?, cached_tokens = ?, blocked_ms = ? WHERE id = ?",
        (
            ending.state.value,
            storable(ending.text),
            storable(ending.thinking),
            now,
            storable(ending.reason),
            storable(ending.error),
            None if ending.model is None else storable(ending.model),
            None if ending.place is None else storable(ending.place),
            ending.ttft_ms,
            ending.total_ms,
            ending.input_tokens,
            ending.output_tokens,
            ending.load_ms,
            ending.prefill_ms,
            ending.decode_ms,
            ending.server_ms,
            ending.usd,
            ending.is_usd_exact,
            ending.route.value if ending.route else None,
            ending.provider,
            ending.options_hash,
            ending.thinking_ms,
            ending.itl_ms,
            ending.starved_ms,
            ending.cached_tokens,
            ending.blocked_ms,
            answer,
        ),
    )
    if cursor.rowcount == 0:
        raise NotStored("answer", answer)
    if is_open:
        search.add_answer(connection, answer, storable(ending.text))
    if make_current and is_usable:
        _make_current(connection, answer, if_last)


def _make_current(connection: sqlite3.Connection, answer: int, if_last: bool) -> None:
    connection.execute(
        "UPDATE turn SET current_answer_id = :answer"
        " WHERE id = (SELECT turn_id FROM answer WHERE id = :answer)"
        # Decided here, where nobody can ask a question in between.
        " AND NOT (:if_last AND EXISTS (SELECT 1 FROM turn later"
        " WHERE later.conversation_id = turn.conversation_id AND later.position > turn.position))",
        {"answer": answer, "if_last": if_last},
    )


def insert_conversation(connection: sqlite3.Connection, directory: str, title: str, now: float) -> int:
    """Begin a conversation; its number."""
    return insert(
        connection,
        "INSERT INTO conversation (title, directory, created_at, updated_at) VALUES (?, ?, ?, ?)",
        (title_of(title), storable(directory), now, now),
    )


def _touch(connection: sqlite3.Connection, conversation: int, now: float) -> None:
    cursor = connection.execute(
        # To ask on in a conversation that was deleted elsewhere brings it back, so that nothing is lost.
        "UPDATE conversation SET updated_at = ?, deleted_at = NULL WHERE id = ?",
        (now, conversation),
    )
    if cursor.rowcount == 0:
        raise NotStored("conversation", conversation)

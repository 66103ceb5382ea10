"""From rows to the values everyone speaks of, whoever wrote the rows."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from core.messages import Answer, AnswerState, Attachment, Conversation, Route, Turn
from core.store import cells
from core.store.owner import is_gone
from core.store.recovery import INTERRUPTED, state_after_death


class TurnMark(NamedTuple):
    """What tells whether a turn is as it was when it was read.

    Attributes:
        answer: the current one.
        is_open: it has none yet, and somebody may be writing one; then nothing tells.
    """

    turn: int
    answer: int | None
    is_open: bool


CONVERSATION = "SELECT id, title, directory, created_at, updated_at FROM conversation"
_TURN = "SELECT id, conversation_id, position, question, asked_at, current_answer_id FROM turn WHERE id = ?"
_TURNS = """
SELECT id, conversation_id, position, question, asked_at, current_answer_id FROM turn
WHERE conversation_id = :conversation AND position < CASE
    WHEN :before IS NULL THEN 9223372036854775807
    ELSE coalesce((SELECT position FROM turn WHERE id = :before), 0) END
ORDER BY position DESC LIMIT :last"""
_FOLLOWED = """
SELECT name, text, sha256, origin FROM attachment WHERE id IN (
    SELECT max(a.id) FROM attachment a JOIN turn t ON t.id = a.turn_id
    WHERE t.conversation_id = ? AND a.is_followed AND a.origin <> '' GROUP BY a.origin
) ORDER BY id"""
# By place in the conversation, not by a list of ids: SQLite takes only so many of those.
_ATTACHMENTS = """
SELECT turn_id, name, text, sha256, origin FROM attachment a JOIN turn t ON t.id = a.turn_id
WHERE t.conversation_id = ? AND t.position BETWEEN ? AND ? ORDER BY a.id"""
_ANSWERS = """
SELECT a.* FROM answer a JOIN turn t ON t.id = a.turn_id
WHERE t.conversation_id = ? AND t.position BETWEEN ? AND ? ORDER BY a.id"""

# One value, since to make a tuple of each of hundreds of rows takes longer than all the rest.
_STAMP = """
SELECT group_concat(mark, ' ') FROM (
    SELECT id || ':' || coalesce(current_answer_id, CASE WHEN EXISTS (
        SELECT 1 FROM answer a WHERE a.turn_id = turn.id AND a.state = 'streaming'
    ) THEN '?' ELSE '' END) AS mark FROM turn WHERE conversation_id = ? ORDER BY position)"""

# Only answers that were really sent say what shaped them; the pattern leaves the others out.
_OPTIONS = """
SELECT a.options FROM turn t JOIN answer a ON a.turn_id = t.id
WHERE t.conversation_id = ? AND instr(a.options, ?) ORDER BY t.position DESC, a.id DESC LIMIT 1"""


def conversation_of(row: sqlite3.Row) -> Conversation:
    """One conversation, without its turns."""
    return Conversation(
        row["id"],
        cells.line(row["title"]),
        cells.line(row["directory"]),
        cells.moment(row["created_at"]),
        cells.moment(row["updated_at"]),
    )


def turn_by_id(connection: sqlite3.Connection, turn: int, now: float) -> Turn | None:
    """One turn, whole; None when there is none."""
    rows = connection.execute(_TURN, (turn,)).fetchall()
    return next(iter(_with_all(connection, rows, now)), None)


def turns_of(
    connection: sqlite3.Connection, conversation: int, last: int | None, before: int | None, now: float
) -> tuple[Turn, ...]:
    """The turns of a conversation, oldest first; `last` and `before` as in `Conversations.turns`."""
    rows = connection.execute(
        _TURNS,
        {"conversation": conversation, "before": before, "last": -1 if last is None else max(last, 0)},
    ).fetchall()
    return _with_all(connection, rows[::-1], now)


def stamp_of(connection: sqlite3.Connection, conversation: int) -> str:
    """The marks of all turns of a conversation, oldest first, as one text; quick for hundreds."""
    (stamp,) = connection.execute(_STAMP, (conversation,)).fetchone()
    return stamp or ""


def marks_in(stamp: str) -> tuple[TurnMark, ...]:
    """The marks, one by one."""
    pairs = (mark.partition(":") for mark in stamp.split())
    return tuple(
        TurnMark(int(turn), int(answer) if answer.isdigit() else None, answer == "?")
        for turn, _, answer in pairs
    )


def followed_of(connection: sqlite3.Connection, conversation: int) -> tuple[Attachment, ...]:
    """The newest version of each source that a conversation still follows, in the order they were sent."""
    return tuple(_attachment_of(row) for row in connection.execute(_FOLLOWED, (conversation,)))


def last_option_of(connection: sqlite3.Connection, conversation: int, name: str) -> str:
    """One option of the newest answer that has it, as text; empty when there is none."""
    row = connection.execute(_OPTIONS, (conversation, f'"{name}":')).fetchone()
    try:
        options = json.loads(cells.text(row["options"])) if row else None
    except ValueError:  # written by a stranger
        return ""
    value = options.get(name) if isinstance(options, dict) else None
    return value if isinstance(value, str) else ""


def _attachment_of(row: sqlite3.Row) -> Attachment:
    return Attachment(
        cells.line(row["name"]), cells.text(row["text"]), cells.line(row["sha256"]), cells.line(row["origin"])
    )


def _with_all(connection: sqlite3.Connection, rows: list[sqlite3.Row], now: float) -> tuple[Turn, ...]:
    """Turns from neighbouring rows of one conversation, with everything that belongs to them."""
    if not rows:
        return ()
    span = (rows[0]["conversation_id"], rows[0]["position"], rows[-1]["position"])
    attachments: dict[int, list[Attachment]] = defaultdict(list)
    for row in connection.execute(_ATTACHMENTS, span):
        attachments[row["turn_id"]].append(_attachment_of(row))
    answers: dict[int, list[Answer]] = defaultdict(list)
    for row in connection.execute(_ANSWERS, span):
        answers[row["turn_id"]].append(_answer_of(row, now))
    return tuple(
        Turn(
            id=row["id"],
            conversation=row["conversation_id"],
            question=cells.text(row["question"]),
            asked_at=cells.moment(row["asked_at"]),
            attachments=tuple(attachments[row["id"]]),
            answers=tuple(answers[row["id"]]),
            current=_current(answers[row["id"]], row["current_answer_id"]),
        )
        for row in rows
    )


def _answer_of(row: sqlite3.Row, now: float) -> Answer:
    text, reason = cells.text(row["text"]), cells.line(row["reason"])
    state = _state_of(cells.line(row["state"]), text)
    # What the writer is about to mark after a crash is shown so at once.
    if state is AnswerState.STREAMING and is_gone(
        cells.line(row["owner"]), cells.moment(row["updated_at"]), now
    ):
        state, reason = state_after_death(text), INTERRUPTED
    return Answer(
        id=row["id"],
        turn=row["turn_id"],
        route=_route_of(cells.line(row["route"])),
        model=cells.line(row["model"]),
        provider=cells.line(row["provider"]),
        place=cells.line(row["place"]),
        state=state,
        text=text,
        started_at=cells.moment(row["started_at"]),
        ttft_ms=cells.number(row["ttft_ms"]),
        total_ms=cells.number(row["total_ms"]),
        load_ms=cells.number(row["load_ms"]),
        prefill_ms=cells.number(row["prefill_ms"]),
        thinking_ms=cells.number(row["thinking_ms"]),
        server_ms=cells.number(row["server_ms"]),
        input_tokens=cells.count(row["input_tokens"]),
        output_tokens=cells.count(row["output_tokens"]),
        reason=reason,
        source=cells.text(row["source"]),
        source_at=cells.number(row["source_at"]),
        preset=cells.line(row["preset"]),
        usd=cells.number(row["usd"]),
        is_usd_exact=row["is_usd_exact"] == 1,
    )


def _route_of(value: str) -> Route:
    try:
        return Route(value)
    except ValueError:
        return Route.OTHER


def _state_of(value: str, text: str) -> AnswerState:
    """A state that we do not know is nobody's to end, so it is told like one that was broken off."""
    try:
        return AnswerState(value)
    except ValueError:
        return state_after_death(text)


def _current(answers: Iterable[Answer], chosen: int | None) -> Answer | None:
    for answer in answers:
        is_rescued = answer.state is AnswerState.PARTIAL and answer.reason == INTERRUPTED
        if answer.id == chosen or (chosen is None and is_rescued):
            return answer
    return None

"""What is handed to the store when an answer begins and ends, and how it is first written down."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.messages import AnswerState, Door, Route
from core.store.text import storable

_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer about to be made.

    Attributes:
        place: where the model runs, in the words of `core.messages.Answer`.
        options: what shaped the answer (window, temperature), kept for later measurement.
        source, source_at: of an answer that was there before, the question it was first given to, and when.
        preset: of one that was thought through, how much was done; empty for others.
        effort: how much it was asked to think, in the settings' words; empty on the fast path.
        door: where the question came from.
    """

    route: Route
    model: str
    provider: str
    place: str
    options: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    source: str = ""
    source_at: float | None = None
    preset: str = ""
    effort: str = ""
    door: Door = Door.SCREEN


@dataclass(frozen=True, slots=True)
class Started:
    """Where a question and its answer were put."""

    conversation: int
    turn: int
    answer: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended; `text` is all of it.

    Attributes:
        reason: ``stop``, ``length``, or the kind of the error.
        error: the error's sentence; empty when there was none.
        model, place: what really answered, and where; None when that was known from the start.
        route, provider: the same of an answer that had to be made elsewhere.
        usd: what it cost; None when not known.
        is_usd_exact: the provider itself said so.
        options_hash: of the options that shaped it, as they went out; None keeps what was there.
        thinking_ms, itl_ms, starved_ms: as `core.metrics.times.Times`.
        blocked_ms: of a deep run: so long it was looked at and nothing else was done.
    """

    state: AnswerState
    text: str
    thinking: str = ""
    reason: str = ""
    error: str = ""
    model: str | None = None
    place: str | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    load_ms: float | None = None
    prefill_ms: float | None = None
    decode_ms: float | None = None
    server_ms: float | None = None
    usd: float | None = None
    is_usd_exact: bool = False
    route: Route | None = None
    provider: str | None = None
    options_hash: str | None = None
    thinking_ms: float | None = None
    itl_ms: float | None = None
    starved_ms: float | None = None
    cached_tokens: int | None = None
    blocked_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored."""

    conversations: int
    turns: int
    answers: int


def insert_answer(
    connection: sqlite3.Connection, turn: int, answer: NewAnswer, owner: str, now: float
) -> int:
    """Note that an answer is on its way, and whose it is; its number."""
    return insert(
        connection,
        "INSERT INTO answer (turn_id, route, model, provider, place, state, started_at, updated_at,"
        " options, owner, source, source_at, preset, effort, door)"
        " VALUES (?, ?, ?, ?, ?, 'streaming', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            turn,
            answer.route.value,
            storable(answer.model),
            storable(answer.provider),
            storable(answer.place),
            now,
            now,
            json.dumps(dict(answer.options), sort_keys=True),
            storable(owner),
            storable(answer.source),
            answer.source_at,
            storable(answer.preset),
            storable(answer.effort),
            answer.door.value,
        ),
    )


def insert(connection: sqlite3.Connection, sql: str, values: Sequence[object] | Mapping[str, object]) -> int:
    """Insert one row; its number."""
    # Not RETURNING: some supported systems have an SQLite that does not know it.
    number = connection.execute(sql, values).lastrowid
    assert number is not None
    return number


def title_of(question: str) -> str:
    """What a conversation is called after its first question: one line of at most 80 characters."""
    line = next((line.strip() for line in question.splitlines() if line.strip()), "")
    return storable(line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…")

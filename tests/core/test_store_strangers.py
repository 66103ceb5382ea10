"""A database that someone else wrote into: edited by hand, by a browser, or by a later leadline."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.messages import Answer, AnswerState, Attachment, Route, Turn
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.facts import Choice, Facts, ModelFact

FAST = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
EVIL = "a\x1b]52;c;AAAA\x07\u202eb"
HARMLESS = "a\ufffd]52;c;AAAA\ufffd\ufffdb"
HERE = "http://127.0.0.1:11434"


def now() -> float:
    return 1_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one whole turn."""
    path = tmp_path / "leadline.db"
    with opened(path) as database:
        conversations = Conversations(database)
        attached = (Attachment("a.py", "print()", "ab" * 32),)
        started = conversations.ask("why?", attached, None, "/work", FAST).result()
        ending = Ending(AnswerState.COMPLETE, "Because.", reason="stop", ttft_ms=1.5, output_tokens=2)
        conversations.end(started.answer, ending, make_current=True).result()
        facts = Facts(database)
        facts.pin(Choice(HERE, "qwen3:4b", "chosen by you", 1.0)).result()
        facts.remember(ModelFact(HERE, "qwen3:4b", "d", 8192, 32_768, 4.0, "")).result()
    return path


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    database = Database.open(path, now)
    try:
        yield database
    finally:
        database.close()


def edit(path: Path, sql: str, *values: object) -> None:
    """Change the file as anyone with `sqlite3` can."""
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute(sql, values)


def only_turn(path: Path) -> Turn:
    with opened(path) as database:
        (turn,) = Conversations(database).turns(1)
    return turn


def only_answer(path: Path) -> Answer:
    (answer,) = only_turn(path).answers
    return answer


def test_what_was_written_by_others_cannot_play_with_the_terminal(path: Path) -> None:
    """Our own writer stores clean text only; a file that was edited holds whatever its editor liked."""
    for table, columns in {
        "conversation": ("title",),
        "turn": ("question",),
        "attachment": ("name", "text"),
        "answer": ("text", "model", "provider", "place", "reason", "preset"),
    }.items():
        for column in columns:
            edit(path, f"UPDATE {table} SET {column} = ?", EVIL)
    edit(path, "UPDATE choice SET model = ?", EVIL)
    edit(path, "UPDATE model_fact SET remote_host = ?", EVIL)

    with opened(path) as database:
        conversations, facts = Conversations(database), Facts(database)
        (turn,) = conversations.turns(1)
        (answer,), (attachment,) = turn.answers, turn.attachments
        latest = conversations.latest("/work")
        chosen, known = facts.choice(HERE), facts.fact(HERE, "qwen3:4b")
        asked = conversations.questions(10)

    assert latest is not None
    assert chosen is not None
    assert known is not None
    read = {turn.question, attachment.name, attachment.text, answer.text, answer.model, answer.provider}
    read |= {
        answer.place,
        answer.reason,
        answer.preset,
        latest.title,
        chosen.model,
        known.remote_host,
        *asked,
    }
    assert read == {HARMLESS}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("answer", "route", "telepathy"),
        ("answer", "usd", "much"),
        ("answer", "is_usd_exact", b"\x80"),
        ("answer", "state", "queued"),
        ("answer", "state", b"\x00\x01"),
        ("answer", "text", b"\xff\xfe"),
        ("answer", "ttft_ms", "soon"),
        ("answer", "total_ms", float("inf")),
        ("answer", "input_tokens", "many"),
        ("answer", "output_tokens", 1.5),
        ("answer", "started_at", "yesterday"),
        ("answer", "owner", b"\xff:1:1"),
        ("turn", "question", b"\xff\x00"),
        ("turn", "asked_at", "today"),
        ("turn", "current_answer_id", "first"),
        ("attachment", "text", b"\x80"),
        ("conversation", "title", b"\x80"),
        ("conversation", "created_at", "then"),
    ],
)
def test_one_odd_cell_never_closes_a_conversation(path: Path, table: str, column: str, value: object) -> None:
    """The other hundred turns are as readable as before, and the person cannot mend the row."""
    edit(path, f"UPDATE {table} SET {column} = ?", value)

    with opened(path) as database:
        conversations = Conversations(database)
        latest = conversations.latest("/work")
        (turn,) = conversations.turns(1)
        conversations.questions(10)

    assert latest is not None
    assert turn.question in ("why?", "")
    assert turn.answers[0].text in ("Because.", "")


@pytest.mark.parametrize("column", ["text", "model", "route", "state", "owner"])
def test_text_that_is_no_text_is_read_all_the_same(path: Path, column: str) -> None:
    """SQLite believes whoever says that bytes are UTF-8; Python does not, and used to refuse the row."""
    edit(path, f"UPDATE answer SET {column} = CAST(x'41ff' AS TEXT)")

    assert only_answer(path).id == 1


def test_a_later_leadlines_words_are_read_as_the_nearest_of_ours(path: Path) -> None:
    """Who goes back to an older version keeps every answer of the newer one."""
    edit(path, "UPDATE answer SET route = 'telepathy', state = 'queued'")
    answer = only_answer(path)
    assert (answer.route, answer.state, answer.text) == (Route.OTHER, AnswerState.PARTIAL, "Because.")
    assert only_turn(path).current == answer

    edit(path, "UPDATE answer SET text = ''")
    assert only_answer(path).state is AnswerState.FAILED


def test_numbers_that_are_none_are_not_known(path: Path) -> None:
    """What is reckoned with later must be a number or nothing."""
    edit(path, "UPDATE answer SET ttft_ms = 'x', total_ms = 9e999, input_tokens = -1, output_tokens = 'y'")
    answer = only_answer(path)

    assert (answer.ttft_ms, answer.total_ms) == (None, None)
    assert (answer.input_tokens, answer.output_tokens) == (None, None)


@pytest.mark.parametrize("owner", [b"\xff:1:1", "here:" + "9" * 5000 + ":1", "", "a:b:c"])
def test_an_owner_that_cannot_be_read_holds_up_nobody_else(path: Path, owner: object) -> None:
    """Interrupted answers are settled at each start; one odd row must not keep the others streaming."""
    edit(path, "UPDATE answer SET state = 'streaming', updated_at = 0, owner = 'elsewhere:1:2'")
    edit(path, "INSERT INTO answer (id, turn_id, route, model, provider, place, state, text, thinking,"
               " started_at, updated_at, ttft_ms, total_ms, input_tokens, output_tokens, reason, error,"
               " load_ms, prefill_ms, decode_ms, server_ms, options, owner, source, source_at, preset, usd,"
               " is_usd_exact) SELECT 2, turn_id, route, model, provider, place, state, text, thinking,"
               " started_at, updated_at, ttft_ms, total_ms, input_tokens, output_tokens, reason, error,"
               " load_ms, prefill_ms, decode_ms, server_ms, options, owner, source, source_at, preset, usd,"
               " is_usd_exact"
               " FROM answer")  # fmt: skip
    edit(path, "UPDATE answer SET owner = ? WHERE id = 1", owner)

    with opened(path) as database:
        database.submit(lambda connection: connection.execute("SELECT 1")).result()
    with closing(sqlite3.connect(path)) as stranger:
        states = {state for (state,) in stranger.execute("SELECT state FROM answer")}
    assert states == {"partial"}


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("num_ctx", "wide", (0, 32_768)),
        ("num_ctx", 10, (0, 32_768)),
        ("num_ctx", -5, (0, 32_768)),
        ("largest", "huge", (8192, 0)),
        ("largest", b"1", (8192, 0)),
        ("load_ms", "long", (8192, 32_768)),
        ("digest", b"\x00", (8192, 32_768)),
    ],
)
def test_a_fact_that_cannot_be_believed_is_not_known(
    path: Path, column: str, value: object, read: tuple[int, int]
) -> None:
    """A window of text would go into the request; what is not known is asked of the server."""
    edit(path, f"UPDATE model_fact SET {column} = ?", value)

    with opened(path) as database:
        fact = Facts(database).fact(HERE, "qwen3:4b")

    assert fact is not None
    assert (fact.num_ctx, fact.largest) == read
    assert fact.load_ms in (4.0, None)


def test_a_choice_that_names_no_model_is_none(path: Path) -> None:
    """Otherwise "" would be a model that is not installed, and every question would fail with it."""
    edit(path, "UPDATE choice SET model = x'00'")

    with opened(path) as database:
        assert Facts(database).choice(HERE) is None


STRANGERS = {
    "trigger": "CREATE TRIGGER 't\x1b' AFTER INSERT ON turn BEGIN DELETE FROM turn; END",
    "view": "CREATE VIEW spare AS SELECT * FROM turn",
}


@pytest.mark.parametrize("sql", STRANGERS.values(), ids=STRANGERS)
def test_a_database_that_does_things_by_itself_is_refused_and_left_alone(path: Path, sql: str) -> None:
    """A trigger runs inside our own writes; it can change, copy or delete what is asked and answered."""
    edit(path, sql)
    before = path.read_bytes()

    with pytest.raises(StoreUnavailable, match="view or trigger") as caught:
        Database.open(path, now)

    assert str(path) in caught.value.message
    assert "\x1b" not in caught.value.message
    assert caught.value.remedy
    assert path.read_bytes() == before


def test_no_connection_trusts_what_stands_in_the_schema(path: Path) -> None:
    """A default, a check or an index may call functions; those that do more than reckon are out of reach."""
    with opened(path) as database:
        reading = database.read(lambda connection: connection.execute("PRAGMA trusted_schema").fetchone())
        writing = database.submit(
            lambda connection: connection.execute("PRAGMA trusted_schema").fetchone()
        ).result()

    assert (reading[0], writing[0]) == (0, 0)

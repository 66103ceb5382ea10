"""A database of an older leadline is brought up to date with everything in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database as Tables

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.deep_journal import DeepJournal, NewDeepRun
from core.store.deep_ledger import DeepLedger
from core.store.migrations import steps
from core.store.schema import APPLICATION
from core.store.speculation import PreparedRow, SpeculationStore

DEEP = NewAnswer(Route.DEEP, "m", "anthropic", "REMOTE h")


def _older(path: Path, version: int, stop_before: str) -> None:
    """A database as leadline made it before it took a step, with a turn in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        steps.apply(Tables(connection, execute_plugins=False), stop_before=stop_before)
        for sql in (
            f"PRAGMA application_id = {APPLICATION}",
            f"PRAGMA user_version = {version}",
            "INSERT INTO conversation VALUES (1, 'why', '/x', 10.0, 10.0, NULL)",
            "INSERT INTO turn VALUES (1, 1, 1, 'why', 10.0, NULL)",
            "INSERT INTO answer (id, turn_id, route, model, provider, place, state, text, started_at,"
            " updated_at, owner)"
            " VALUES (1, 1, 'fast', 'qwen3:4b', 'ollama', 'local', 'complete', 'because', 10.0, 11.0, '')",
            "UPDATE turn SET current_answer_id = 1",
            "INSERT INTO answer_words(rowid, text) VALUES (1, 'because')",
        ):
            connection.execute(sql)


def test_a_history_from_before_deep_runs_is_kept_and_can_go_deeper(tmp_path: Path) -> None:
    """Whoever upgrades finds every answer as it was, and asks any old question in depth."""
    path = tmp_path / "leadline.db"
    _older(path, 5, "m006_deep_runs")

    database = Database.open(path, lambda: 20.0)
    conversations, journal = Conversations(database), DeepJournal(database)
    (turn,) = conversations.turns(1)
    answer = conversations.ask_again(turn.id, DEEP).result().answer
    run = journal.begin(
        NewDeepRun(answer, "deep", "high", "anthropic", "m", "https://h", "h", (), "{}")
    ).result()
    conversations.end(answer, Ending(AnswerState.COMPLETE, "deep", usd=0.2), True, if_last=True).result()
    current = conversations.turn(turn.id).current
    database.close()

    assert turn.current is not None
    assert (turn.current.text, turn.current.preset, turn.current.usd) == ("because", "", None)
    assert run == 1
    assert current is not None
    assert (current.text, current.preset, current.usd) == ("deep", "deep", 0.2)
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert reader.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_history_from_before_speculation_is_kept_and_can_be_made_ahead(tmp_path: Path) -> None:
    """Whoever upgrades finds every answer and every deep run's cost, and what is made ahead has its place."""
    path = tmp_path / "leadline.db"
    _older(path, 6, "m007_speculation")
    with closing(sqlite3.connect(path)) as reader, reader:
        reader.execute(
            "INSERT INTO deep_call VALUES"
            " (1, 1, 10.0, 'p', 'a', 'm', 'high', 'deep', 'write', 1, 1.0, NULL, NULL, 5, 0, 0, 5, 0.5, 1)"
        )

    database = Database.open(path, lambda: 20.0)
    store = SpeculationStore(database)
    (turn,) = Conversations(database).turns(1)
    store.keep_prepared(PreparedRow(b"k", 1, "m", "why", "because", "full", "yes", 1, 20.0)).result()
    row, spent = store.prepared(b"k"), DeepLedger(database).spent_since(0.0)
    database.close()

    assert turn.current is not None
    assert (turn.current.text, spent.usd) == ("because", 0.5)
    assert row is not None
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert reader.execute("PRAGMA foreign_key_check").fetchall() == []

"""What speculation remembers: never too much, never too long, never more than the conversation it is of."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.messages import Route
from core.store.conversations import Conversations, NewAnswer
from core.store.database import Database
from core.store.speculation import (
    MOST_DELAYS,
    MOST_PREPARED,
    MOST_PREPARED_BYTES,
    PREPARED_LIVES_S,
    KindCount,
    PreparedRow,
    SpeculationStore,
)

ROOT = Path(__file__).parents[2]
HERE = "http://127.0.0.1:11434"
DAY_S = 24 * 3600.0
KEY = b"k" * 32
ROW = PreparedRow(KEY, 1, "qwen3:4b", "write tests", "Sure: ", "head", "tests", 64, 1_000_000.0)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A database with two conversations."""
    database = Database.open(tmp_path / "leadline.db", clock)
    for number in (1, 2):
        fast = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
        assert Conversations(database).ask("why?", (), None, "/x", fast).result().conversation == number
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> SpeculationStore:
    return SpeculationStore(database)


def keep(store: SpeculationStore, *rows: PreparedRow) -> None:
    for row in rows:
        store.keep_prepared(row).result()


def keys(database: Database) -> list[bytes]:
    """Those that are stored, oldest first, whether or not they would be found."""
    return database.read(
        lambda connection: [
            row["key"] for row in connection.execute("SELECT key FROM prepared ORDER BY created_at, rowid")
        ]
    )


def edit(path: Path | None, sql: str, *values: object) -> None:
    """Change the file as anyone with `sqlite3` can."""
    assert path is not None
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute(sql, values)


def test_an_answer_made_ahead_is_found_by_its_whole_request_until_it_is_taken(
    store: SpeculationStore,
) -> None:
    """Nothing near it will do; and once it is an answer of its own it is not there twice."""
    assert store.prepared(KEY) is None
    keep(store, ROW)

    assert store.prepared(KEY) == ROW
    assert store.prepared(KEY[:-1] + b"j") is None

    store.drop_prepared(KEY).result()
    assert store.prepared(KEY) is None


def test_a_longer_answer_takes_the_place_of_a_shorter_one_and_never_the_other_way(
    store: SpeculationStore,
) -> None:
    """Two leadlines make the same one ahead: what is whole must not become a head again."""
    longer, shorter = replace(ROW, text="Sure: do", tokens=80), replace(ROW, text="S", tokens=1)
    full = replace(ROW, text="Sure: do it.", state="full", tokens=90)

    keep(store, ROW, longer, shorter)
    assert store.prepared(KEY) == longer
    keep(store, full, replace(ROW, tokens=500))
    assert store.prepared(KEY) == full


def test_an_answer_made_ahead_is_gone_after_a_day(
    store: SpeculationStore, database: Database, clock: Clock, tmp_path: Path
) -> None:
    """What nobody asked for must not lie around; the next start removes it from the file too."""
    keep(store, replace(ROW, text="canary-of-yesterday"))
    clock.now += PREPARED_LIVES_S
    assert store.prepared(KEY) is not None
    clock.now += 1
    assert store.prepared(KEY) is None

    database.close()
    Database.open(tmp_path / "leadline.db", clock).close()
    assert b"canary-of-yesterday" not in (tmp_path / "leadline.db").read_bytes()


def test_a_clock_that_was_set_back_keeps_nothing_for_ever(store: SpeculationStore, clock: Clock) -> None:
    """A row from the future would otherwise outlive every other."""
    keep(store, replace(ROW, created_at=clock.now + PREPARED_LIVES_S + 1))

    assert store.prepared(KEY) is None


def test_an_old_answer_gives_way_to_a_shorter_new_one(store: SpeculationStore, clock: Clock) -> None:
    """It would never be served again, so its length counts for nothing."""
    keep(store, replace(ROW, tokens=900, state="full"))
    clock.now += PREPARED_LIVES_S + 1
    newer = replace(ROW, created_at=clock.now)
    keep(store, newer)

    assert store.prepared(KEY) == newer


def test_the_oldest_rows_beyond_the_quota_go(store: SpeculationStore, database: Database) -> None:
    """They are guesses: however many are made, they take a corner of the disk and no more."""
    rows = [
        replace(ROW, key=number.to_bytes(32, "big"), created_at=ROW.created_at - 500 + number)
        for number in range(MOST_PREPARED + 5)
    ]
    for row in rows[:-1]:
        store.keep_prepared(row)
    keep(store, rows[-1])

    assert keys(database) == [row.key for row in rows[5:]]


def test_the_oldest_bytes_beyond_the_quota_go(store: SpeculationStore, database: Database) -> None:
    """Counted in bytes as they are stored: a few huge answers are as much as many small ones."""
    third = replace(ROW, text="ü" * (MOST_PREPARED_BYTES // 6 - 100))
    rows = [replace(third, key=bytes([n]) * 32, created_at=ROW.created_at + n) for n in range(4)]
    keep(store, *rows)
    assert keys(database) == [row.key for row in rows[1:]]

    keep(store, replace(ROW, key=b"h" * 32, text="x" * MOST_PREPARED_BYTES, created_at=ROW.created_at + 9))
    assert keys(database) == [row.key for row in rows[1:]], "one that alone is too much drives nothing out"


def test_answers_made_ahead_go_with_their_conversation(
    store: SpeculationStore, database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Deleted is deleted: out of sight at once, and out of the file with the conversation."""
    other = replace(ROW, key=b"o" * 32, conversation=2)
    keep(store, replace(ROW, text="canary-of-the-deleted"), other)
    Conversations(database).delete(1).result()

    assert store.prepared(KEY) is None
    assert store.prepared(other.key) == other
    late = replace(ROW, key=b"l" * 32)
    keep(store, late, replace(late, conversation=99))
    assert keys(database) == [KEY, other.key]

    Conversations(database).undo_delete(1).result()
    assert store.prepared(KEY) is not None
    Conversations(database).delete(1).result()
    database.close()
    clock.now += DAY_S - 10
    Conversations(reopened := Database.open(tmp_path / "leadline.db", clock)).purge().result()
    assert keys(reopened) == [other.key]
    reopened.close()
    assert b"canary-of-the-deleted" not in (tmp_path / "leadline.db").read_bytes()


def test_texts_come_out_harmless_and_halves_of_characters_can_be_stored(
    store: SpeculationStore, database: Database
) -> None:
    """A model's text is a stranger's, and so is whatever somebody wrote into the file."""
    keep(store, replace(ROW, text="a\ud83d", question="b\udc00"))
    found = store.prepared(KEY)
    assert found is not None
    assert (found.text, found.question) == ("a\ufffd", "b\ufffd")

    edit(database.path, "UPDATE prepared SET text = ?, model = ?", "x\x1b]52;c;AA\x07", "m\x1b[2J")
    found = store.prepared(KEY)
    assert found is not None
    assert "\x1b" not in found.text + found.model


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE prepared SET state = 'whole'",
        "UPDATE prepared SET text = x'ff'",
        "UPDATE prepared SET text = ''",
        "UPDATE prepared SET created_at = 'soon'",
        "UPDATE prepared SET conversation_id = 77",
    ],
)
def test_a_row_that_makes_no_sense_is_none(store: SpeculationStore, database: Database, sql: str) -> None:
    """An answer is made anew for it; a wrong one is never served."""
    keep(store, ROW)
    edit(database.path, sql)

    assert store.prepared(KEY) is None


def test_strange_cells_cost_no_figure(store: SpeculationStore, database: Database) -> None:
    """Whatever others wrote into the file, quota, odds and figures go on."""
    keep(store, ROW, replace(ROW, key=b"2" * 32))
    edit(database.path, "UPDATE prepared SET bytes = 9223372036854775807, tokens = 'many'")
    keep(store, replace(ROW, key=b"n" * 32, created_at=ROW.created_at + 1))
    assert keys(database) == [b"n" * 32]

    one, two = store.offer(1, [(1, "yes"), (2, "no")]).result()
    edit(database.path, "UPDATE offer SET place = 'first', saved_s = 'much' WHERE id = ?", one)
    store.taken(two, "ready", 2.0).result()
    store.count("chips", requests=1, tokens=5, busy_s=1.0).result()
    edit(database.path, "INSERT INTO speculated VALUES ('2026-01-01', 'x', 'a', 'b', 'c', 'd', 'e', 'f')")
    store.delayed(HERE, "m", 10.0, was_prefilling=True).result()
    store.delayed(HERE, "m", 20.0, was_prefilling=False).result()
    edit(database.path, "UPDATE delay SET ms = 'long', was_prefilling = 'x' WHERE id = 1")

    assert store.kinds() == (KindCount("no", 2, 1.0, 1.0),)
    assert store.delays(HERE, "m") == ((20.0, False),)
    counts = store.counts(0.0)
    assert (counts.offered, counts.taken, counts.saved_s, counts.busy_s) == (2, 1, 2.0, 1.0)
    assert (counts.requests, counts.tokens, counts.delays_ms) == ({"chips": 1}, {"chips": 5}, (20.0,))


def test_offers_have_numbers_and_an_answers_chips_count_as_one(store: SpeculationStore) -> None:
    """Ten answers whose chips nobody took hide the row; three chips of one answer must not be three."""
    assert store.ignored_in_a_row() == 0
    first = store.offer(1, [(1, "yes"), (2, "no")]).result()
    later = store.offer(1, [(3, "model")]).result()
    assert len({*first, *later}) == 3
    assert store.ignored_in_a_row() == 0, "they still stand there"

    store.ignored((*first, *later)).result()
    assert store.ignored_in_a_row() == 1
    for _ in range(9):
        store.ignored(store.offer(1, [(1, "explain"), (2, "tests")]).result()).result()
    assert store.ignored_in_a_row() == 10


def test_taking_one_begins_the_count_anew(store: SpeculationStore) -> None:
    """Also one that was hidden, by its slash form: somebody who takes chips is shown them."""
    passed = [store.offer(1, [(1, "yes"), (2, "no")]).result() for _ in range(3)]
    for offers in passed:
        store.ignored(offers).result()

    store.taken(passed[0][1], "asked", 0.0).result()
    assert store.ignored_in_a_row() == 0
    both = store.offer(1, [(1, "yes"), (2, "no")]).result()
    store.taken(both[0], "ready", 4.0).result()
    store.ignored(both).result()
    assert store.ignored_in_a_row() == 1, "its neighbour was passed by"
    store.ignored(both).result()
    assert store.ignored_in_a_row() == 1, "and only once"
    assert store.counts(0.0).taken == 2


def test_kinds_are_counted_by_place_and_half_as_much_50_offers_later(store: SpeculationStore) -> None:
    """Odds follow what a person does now, and forget slowly what they did last year."""
    (taken,) = store.offer(1, [(1, "yes")]).result()
    store.taken(taken, "ready", 1.0).result()
    for _ in range(50):
        store.offer(1, [(1, "yes"), (2, "model")])
    store.offer(1, [(2, "yes")]).result()

    counted = {(each.kind, each.place): (each.offered, each.taken) for each in store.kinds()}

    assert set(counted) == {("yes", 1), ("yes", 2), ("model", 2)}
    assert counted["yes", 1][1] == pytest.approx(0.5)
    assert counted["yes", 1][0] == pytest.approx(sum(0.5 ** (n / 50) for n in range(51)))
    assert counted["yes", 2] == (1.0, 0.0)


def test_offers_outlive_their_conversation_without_a_word_of_it(
    store: SpeculationStore, database: Database
) -> None:
    """How often a person takes what is theirs to keep, whatever they delete."""
    (offer,) = store.offer(1, [(1, "yes")]).result()
    store.taken(offer, "ready", 3.0).result()
    Conversations(database).delete(1).result()
    Conversations(database).purge().result()
    assert len(store.offer(1, [(1, "yes")]).result()) == 1, "one that comes late is counted"

    assert store.counts(0.0).saved_s == 3.0
    columns = database.read(
        lambda connection: {row["name"] for row in connection.execute("PRAGMA table_info(offer)")}
    )
    assert not columns & {"question", "text"}


def test_counts_add_up_by_day_and_purpose(store: SpeculationStore, clock: Clock) -> None:
    """What was spent on whose behalf, from a day on; offers and delays to the second."""
    store.count("typing", requests=2, tokens=2, busy_s=0.5).result()
    store.count("submit", requests=1, tokens=30, wasted=30).result()
    store.offer(1, [(1, "yes")]).result()
    store.delayed(HERE, "m", 12.5, was_prefilling=False).result()
    clock.now += 3 * DAY_S
    store.count("submit", requests=1, tokens=40, adopted=1, saved_s=0.8).result()
    store.count("submit", requests=1, wasted=4).result()
    (offer,) = store.offer(1, [(1, "no")]).result()
    store.taken(offer, "ready", 5.0).result()
    store.delayed("http://box:11434", "other", 7.0, was_prefilling=True).result()

    every, newer = store.counts(0.0), store.counts(clock.now)

    assert (every.requests, every.tokens) == ({"typing": 2, "submit": 3}, {"typing": 2, "submit": 70})
    assert (every.wasted_tokens, every.adopted, every.busy_s) == (34, 1, 0.5)
    assert (every.offered, every.taken, every.delays_ms) == (2, 1, (12.5, 7.0))
    assert every.saved_s == pytest.approx(5.8)
    assert (newer.requests, newer.tokens, newer.wasted_tokens) == ({"submit": 2}, {"submit": 40}, 4)
    assert (newer.offered, newer.taken, newer.delays_ms) == (1, 1, (7.0,))
    assert store.counts(clock.now + 1).offered == 0


def test_what_an_offered_question_saved_is_counted_once(store: SpeculationStore) -> None:
    """Its offer tells it; whoever counts its requests may tell it once more."""
    (offer,) = store.offer(1, [(1, "yes")]).result()
    store.taken(offer, "started", 5.0).result()
    for purpose in ("chips", "head", "extend", "submit"):
        store.count(purpose, requests=1, adopted=1, saved_s=5.0).result()

    counts = store.counts(0.0)
    assert (counts.taken, counts.adopted, counts.saved_s) == (1, 1, 10.0)
    assert counts.requests == {"chips": 1, "head": 1, "extend": 1, "submit": 1}


@pytest.mark.parametrize("since", [-1.0, float("inf"), 1e300])
def test_a_moment_that_is_none_breaks_nothing(store: SpeculationStore, since: float) -> None:
    """A person may ask for the last million years."""
    assert store.counts(since).requests == {}


def test_the_last_delays_of_each_model_are_kept_in_order(store: SpeculationStore) -> None:
    """A server that was mended last week is not judged by what it was."""
    for ms in range(MOST_DELAYS + 3):
        store.delayed(HERE, "m", float(ms), was_prefilling=ms % 2 == 1)
    store.delayed(HERE, "other", 1.0, was_prefilling=True).result()

    kept = store.delays(HERE, "m")

    assert kept == tuple((float(ms), ms % 2 == 1) for ms in range(3, MOST_DELAYS + 3))
    assert store.delays(HERE, "other") == ((1.0, True),)
    assert store.delays("http://elsewhere", "m") == ()


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT count(*) FROM offer WHERE shown_at >= 1", "offer_by_time"),
        ("SELECT max(ended) FROM offer WHERE ended IS NOT NULL AND taken_at IS NOT NULL", "offer_taken"),
        ("SELECT max(ended) FROM offer WHERE ended IS NOT NULL", "offer_by_end"),
        ("SELECT ms FROM delay WHERE address = 'a' AND model = 'm' ORDER BY id DESC", "delay_by_model"),
        (
            "SELECT 1 FROM conversation WHERE id IN (SELECT conversation_id FROM prepared WHERE key = x'00')",
            "key",
        ),
    ],
)
def test_no_question_looks_through_all_there_ever_was(database: Database, sql: str, index: str) -> None:
    """They are asked after every answer, on the screen's own thread."""
    plan = database.read(lambda connection: connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
    steps = " | ".join(row[3] for row in plan)

    assert index in steps
    assert "TEMP B-TREE" not in steps


def test_reads_stay_quick_after_years_of_use(store: SpeculationStore, database: Database) -> None:
    """At 100,000 offers a look must still fit between two frames."""

    def years(connection: sqlite3.Connection) -> None:
        rows = (("model", 1 + n % 3, 1_000.0 + n, n + 1) for n in range(100_000))
        connection.executemany("INSERT INTO offer (kind, place, shown_at, ended) VALUES (?, ?, ?, ?)", rows)
        connection.execute("UPDATE offer SET taken_at = shown_at WHERE id % 10 = 0")

    database.submit(years).result()
    for look in (store.ignored_in_a_row, store.kinds, lambda: store.prepared(KEY)):
        took = []
        for _ in range(5):
            began = time.perf_counter()
            look()
            took.append(time.perf_counter() - began)
        assert min(took) < 0.02


def test_a_store_that_refuses_says_so_to_whoever_waits(store: SpeculationStore, database: Database) -> None:
    """Nobody need wait, and whoever does can tell it from a bug."""
    database.close()

    with pytest.raises(StoreUnavailable):
        store.count("chips", requests=1).result()
    with pytest.raises(StoreUnavailable):
        store.kinds()


WRITE_FOR_EVER = """
import sys, time
from pathlib import Path
from core.messages import Route
from core.store.conversations import Conversations, NewAnswer
from core.store.database import Database
from core.store.speculation import PreparedRow, SpeculationStore

database = Database.open(Path(sys.argv[1]), time.time)
Conversations(database).ask("why?", (), None, "/x", NewAnswer(Route.FAST, "m", "ollama", "local")).result()
store, number = SpeculationStore(database), 0
while True:
    key = (number % 300).to_bytes(32, "big")
    store.keep_prepared(PreparedRow(key, 1, "m", "q", "t" * 9000, "full", "model", 9, time.time())).result()
    store.taken(store.offer(1, [(1, "yes")]).result()[0], "ready", 1.0).result()
    store.count("chips", requests=1).result()
    number += 1
    if number == 60:
        print("writing", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX matter")
def test_kill_9_in_the_middle_of_a_write_leaves_whole_rows(tmp_path: Path) -> None:
    """A closed lid, an empty battery: what was written is there, what was not is not there in half."""
    path = tmp_path / "leadline.db"
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writing.stdout is not None
    assert writing.stdout.readline() == "writing\n"
    os.kill(writing.pid, signal.SIGKILL)
    writing.communicate()

    database = Database.open(path, time.time)
    store = SpeculationStore(database)
    counts, row = store.counts(0.0), store.prepared(bytes(32))
    integrity = database.read(lambda connection: connection.execute("PRAGMA integrity_check").fetchone()[0])
    database.close()

    assert integrity == "ok"
    assert counts.requests["chips"] >= 60
    assert counts.taken - counts.requests["chips"] in (0, 1)
    assert counts.offered - counts.taken in (0, 1)
    assert row is not None
    assert len(row.text) == 9000

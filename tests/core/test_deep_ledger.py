"""The ledger of deep calls: what was spent stays spent, and what took how long is known per kind of call."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.store.database import Database
from core.store.deep_ledger import DeepCallRecord, DeepLedger, PastTimes, Spent

CALL = DeepCallRecord(
    run=1,
    provider="anthropic",
    address="https://api.anthropic.com",
    model="claude-opus-5-5",
    effort="high",
    preset="deep",
    stage="write",
    size=13,
    total_ms=38_000.0,
    input_tokens=6_200,
    output_tokens=400,
    usd=0.05,
)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    database = Database.open(tmp_path / "leadline.db", clock)
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> DeepLedger:
    return DeepLedger(database)


def record(ledger: DeepLedger, *calls: DeepCallRecord) -> None:
    for call in calls:
        ledger.record(call).result()


def test_what_was_spent_is_summed_from_a_moment_on(ledger: DeepLedger, clock: Clock) -> None:
    """A cap of the day is about the day, and about every leadline's calls."""
    assert ledger.spent_since(0.0) == Spent(0.0, 0, 0)
    record(ledger, CALL)
    clock.now += 100
    record(ledger, CALL._replace(usd=0.02, stage="plan"), CALL._replace(usd=None, is_whole=False))

    spent = ledger.spent_since(1_000_000.0)
    assert spent == Spent(spent.usd, 19_800, 6_600)
    assert spent.usd == pytest.approx(0.07)
    assert ledger.spent_since(1_000_001.0) == Spent(0.02, 13_200, 6_600)


def test_a_whole_runs_row_is_not_paid_for_twice(ledger: DeepLedger) -> None:
    """It holds the sum of its calls, for how long and how dear such runs are."""
    record(ledger, CALL, CALL._replace(stage="run"))

    assert ledger.spent_since(0.0) == Spent(0.05, 6_600, 0)
    assert ledger.past("claude-opus-5-5", "high", "deep", "run").usd == (0.05,)


def test_times_are_told_per_model_effort_preset_and_stage(ledger: DeepLedger) -> None:
    """A plan is no answer, and one model's time says nothing of another's."""
    record(
        ledger,
        *(CALL._replace(total_ms=1000.0 * n, output_tokens=n) for n in range(1, 11)),
        CALL._replace(model="other"),
        CALL._replace(preset="deeper"),
        CALL._replace(stage="plan"),
        CALL._replace(effort="low"),
        CALL._replace(is_whole=False),
    )

    past = ledger.past("claude-opus-5-5", "high", "deep", "write")

    assert past.seconds == tuple(float(n) for n in range(10, 0, -1))
    assert past.output_tokens == tuple(range(10, 0, -1))
    assert past.usd == (0.05,) * 10
    assert not past.is_pooled
    assert ledger.past("nobody's", "high", "deep", "write") == PastTimes()


def test_with_fewer_than_nine_of_an_effort_all_efforts_are_told_of(ledger: DeepLedger) -> None:
    """A rough figure that says so is better than none; where nothing is mixed, nothing is said."""
    record(ledger, *(CALL._replace(total_ms=1000.0) for _ in range(8)))
    assert ledger.past("claude-opus-5-5", "high", "deep", "write").is_pooled is False

    record(ledger, CALL._replace(total_ms=9000.0, effort="low"))
    pooled = ledger.past("claude-opus-5-5", "high", "deep", "write")
    assert (pooled.is_pooled, len(pooled.seconds), pooled.seconds[0]) == (True, 9, 9.0)

    record(ledger, CALL._replace(total_ms=1000.0))
    enough = ledger.past("claude-opus-5-5", "high", "deep", "write")
    assert (enough.is_pooled, enough.seconds) == (False, (1.0,) * 9)


def test_only_the_newest_are_told_of(ledger: DeepLedger) -> None:
    """A service that has become quicker this month must not be judged by last year's."""
    record(ledger, *(CALL._replace(total_ms=60_000.0) for _ in range(60)))
    record(ledger, *(CALL._replace(total_ms=1_000.0) for _ in range(50)))

    assert set(ledger.past("claude-opus-5-5", "high", "deep", "write").seconds) == {1.0}


def test_odd_cells_cost_no_figure(database: Database, ledger: DeepLedger) -> None:
    """Whatever others wrote into the file, the sum of the rest is still known."""
    record(ledger, CALL, CALL)

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE deep_call SET usd = 'much', input_tokens = 'x', total_ms = 'x' WHERE id = 1"
        )

    database.submit(spoil).result()

    assert ledger.spent_since(0.0) == Spent(0.05, 7_000, 400)
    assert ledger.past("claude-opus-5-5", "high", "deep", "write").seconds == (38.0,)


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("ended_at >= 1 AND stage <> 'run'", "deep_call_by_time"),
        ("model = 'm' AND preset = 'deep' AND stage = 'write' AND effort = 'high'", "deep_call_alike"),
        ("model = 'm' AND preset = 'deep' AND stage = 'write'", "deep_call_of_any_effort"),
    ],
)
def test_no_question_looks_through_all_calls_that_ever_were(database: Database, sql: str, index: str) -> None:
    """They are asked before every call, on the screen's own thread."""
    plan = database.read(
        lambda connection: connection.execute(
            f"EXPLAIN QUERY PLAN SELECT usd FROM deep_call WHERE {sql} AND is_whole ORDER BY id DESC LIMIT 50"
            if "model" in sql
            else f"EXPLAIN QUERY PLAN SELECT usd FROM deep_call WHERE {sql}"
        ).fetchall()
    )
    assert len(plan) == 1, "it is sorted"
    assert f"USING INDEX {index} " in plan[0][3]


def test_a_store_that_refuses_says_so_to_whoever_waits(database: Database, ledger: DeepLedger) -> None:
    """The run goes on and shows that it is not saved; that takes an error it can tell apart."""
    database.close()

    with pytest.raises(StoreUnavailable):
        ledger.record(CALL).result()

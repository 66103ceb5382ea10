"""What people waited, summed up: a figure that is wrong is worse than none."""

from collections.abc import Iterator

import pytest

from core.engine.figures import gather
from core.metrics.moments import DAY_S, HOUR_S, MOST_DAYS, division
from core.metrics.spreads import Spread, in_order, ranked
from core.metrics.summary import Times, Waits
from core.store import timings
from core.store.database import Database
from tests.answers import MOMENT, answered

NOW = MOMENT + 1000.0


@pytest.fixture
def database() -> Iterator[Database]:
    """One in memory, a while after what was answered."""
    opened = Database.open(None, lambda: NOW)
    yield opened
    opened.close()


def by_hand(database: Database) -> None:
    """A dozen answers, of which each figure can be counted on one's fingers."""
    for ttft in (100.0, 200.0, 201.0, 2500.0, 9000.0):
        answered(database, ttft_ms=ttft, total_ms=ttft + 1000.0, decode_ms=1000.0, output_tokens=30)
    # Painted a little later than it came: over the limit with that alone.
    answered(database, ttft_ms=1990.0, paint_ms=2010.0, total_ms=2990.0, output_tokens=50, door="ask")
    answered(database, route="exact-hit", ttft_ms=1.0, paint_ms=12.0, total_ms=2.0, output_tokens=40)
    answered(database, state="cancelled", ttft_ms=400.0, total_ms=500.0)
    answered(database, state="cancelled", total_ms=12_000.0)
    answered(database, state="failed", total_ms=50.0)
    answered(database, route="deep", model="big", place="REMOTE h", ttft_ms=40_000.0, total_ms=60_000.0)
    answered(database, state="streaming")


def test_the_figures_are_those_that_are_counted_by_hand(database: Database) -> None:
    """Every kind of answer, and what it counts for."""
    by_hand(database)
    figures = gather(database, 0.0)

    assert figures.counted == (11, 1, 0, 1, 2)
    assert figures.counted.complete == 8
    waits = figures.summary.all.waits
    # Painted or come: 12 100 200 | 201 400 | 2010 2500 | 9000; one gave up after 12 s, one failed at once.
    assert waits == (10, (3, 5, 7, 8), 1, 1)
    assert figures.summary.all.ttft == (8, 201.0, 9000.0)
    assert figures.summary.all.paint == (2, 12.0, 2010.0)
    assert figures.summary.all.total == (7, 1201.0, 10_000.0)
    # 30 in a second by the server's word; 50 in the second behind the first; a stored one nobody wrote.
    assert figures.summary.all.tokens_per_s == (6, 30.0, 50.0)


def test_what_was_made_in_another_way_or_place_stands_apart(database: Database) -> None:
    """A model is quick in one way and slow in another; a deep run would spoil every other figure."""
    by_hand(database)
    made = gather(database, 0.0).summary.made

    assert [(each.model, each.route, each.place, each.times.waits.answers) for each in made] == [
        ("qwen3:4b", "fast", "local", 9),
        ("big", "deep", "REMOTE h", 1),
        ("qwen3:4b", "exact-hit", "local", 1),
    ]
    assert made[1].times.total == (1, 60_000.0, 60_000.0)
    assert made[1].times.waits == (1, (0, 0, 0, 0), 1, 0)


def test_only_what_began_since_then_counts(database: Database) -> None:
    """The bound itself is inside; what a clock ahead of ours wrote is too, but not what is of next year."""
    for at in (MOMENT - 1, MOMENT, MOMENT + 1, NOW + 3600, NOW + 400 * DAY_S):
        answered(database, at=at, ttft_ms=1.0)

    assert gather(database, MOMENT).summary.all.waits.answers == 3
    assert gather(database, NOW).summary.all.waits.answers == 1
    assert gather(database, -1e300).summary.all.waits.answers == 4


def test_as_time_went_by_each_part_has_its_own(database: Database) -> None:
    """The chart: parts in which nothing was asked, or only deeply, are left out."""
    start = MOMENT - MOMENT % HOUR_S
    for hour, ttft in ((0, 10.0), (0, 30.0), (0, 20.0), (5, 7.0)):
        answered(database, at=start + hour * HOUR_S, ttft_ms=ttft, total_ms=100.0)
    answered(database, at=start + 7 * HOUR_S, route="deep", ttft_ms=9.0, total_ms=9.0)
    summary = gather(database, 0.0).summary

    assert summary.division.step_s == HOUR_S
    assert [(moment.start - start, moment.ttft) for moment in summary.moments] == [
        (0.0, (3, 20.0, 30.0)),
        (5 * HOUR_S, (1, 7.0, 7.0)),
    ]


def test_a_strangers_values_are_left_out_and_break_nothing(database: Database) -> None:
    """SQLite keeps any type in any column, and anyone may have written the file."""
    for odd in ("fast", b"\xff", -5.0, 9e999, "12"):
        answered(database, ttft_ms=odd, total_ms=odd, paint_ms=odd, decode_ms=odd, output_tokens=odd)
    answered(database, model=b"\xff\xfe", route="\x1b[2J", place=7, state="what", ttft_ms=5.0)
    answered(database, model="a\x1b]0;x\x07b\nc", ttft_ms=5.0, total_ms=6.0)
    summary = gather(database, 0.0).summary

    # "12" is a number to SQLite, which keeps it as one.
    assert summary.all.ttft == (3, 5.0, 12.0)
    names = "".join(f"{made.model}{made.route}{made.place}" for made in summary.made)
    assert names.isprintable()


def test_without_any_answer_there_is_no_figure(database: Database) -> None:
    """The first look comes before the first question."""
    figures = gather(database, 0.0)

    assert figures.summary.all == Times(Waits(0, (0, 0, 0, 0), 0, 0), None, None, None, None)
    assert (figures.summary.made, figures.summary.moments, figures.counted.answers) == ([], [], 0)


def test_of_very_many_some_are_drawn_evenly_and_all_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look back takes no longer the longer it goes; answers that come in turns are drawn alike."""
    monkeypatch.setattr(timings, "MOST_ROWS", 200)

    def work(connection):  # type: ignore[no-untyped-def]  # a job of the writer's
        connection.execute("INSERT INTO conversation VALUES (1, 't', '/x', 0, 0, NULL)")
        connection.execute("INSERT INTO turn VALUES (1, 1, 0, '?', 0, NULL)")
        connection.executemany(
            "INSERT INTO answer (turn_id, route, model, provider, place, state, started_at, updated_at,"
            " ttft_ms, owner) VALUES (1, ?, 'm', 'p', 'local', 'complete', ?, 0, ?, 'o')",
            (
                ("fast" if place % 4 else "exact-hit", MOMENT + place / 10, float(place))
                for place in range(2000)
            ),
        )

    database.submit(work).result()
    figures = gather(database, 0.0)

    assert (figures.counted.answers, figures.counted.every) == (2000, 10)
    made = {each.route: each.times.waits.answers for each in figures.summary.made}
    assert 120 <= made["fast"] <= 180
    assert 30 <= made["exact-hit"] <= 70
    assert figures.summary.all.ttft is not None
    assert figures.summary.all.ttft.p50 == pytest.approx(1000, rel=0.15)


def test_the_index_alone_is_read(database: Database) -> None:
    """A hundred thousand texts of a kilobyte each would take seconds to pass by."""
    for sql in (f"{timings._TIMINGS}{timings._DRAWN} ORDER BY started_at", timings._COUNTS, timings._OLDEST):
        values = (0,) * sql.count("?")
        plan = database.read(
            lambda connection, sql=sql, values=values: connection.execute(  # type: ignore[misc]  # bound
                f"EXPLAIN QUERY PLAN {sql}", values
            ).fetchall()
        )
        assert [row["detail"] for row in plan] == [
            "SEARCH answer USING COVERING INDEX answer_measured (started_at>? AND started_at<?)"
        ]


def test_ranks_are_the_nearest() -> None:
    """No value is made up: half, and nineteen of twenty, are no larger than what is told."""
    twenty = [float(value) for value in range(1, 21)]

    assert (ranked(twenty, 0.5), ranked(twenty, 0.95), ranked([7.0], 0.5)) == (10.0, 19.0, 7.0)
    assert Spread(20, 10.0, 19.0) == (20, 10.0, 19.0)
    assert in_order([3, None, "x", 1.5, b"y", -1, float("inf")]) == [1.5, 3.0]


@pytest.mark.parametrize(
    ("days", "step_s"),
    [
        (0.0, HOUR_S),
        (1.0, HOUR_S),
        (7.0, 6 * HOUR_S),
        (30.0, DAY_S),
        (90.0, 3 * DAY_S),
        (20_000.0, 500 * DAY_S),
    ],
)
def test_a_time_is_divided_so_that_a_chart_can_show_it(days: float, step_s: float) -> None:
    """Hours of a day, parts of a week, days of a month; never more points than columns."""
    divided = division(NOW - days * DAY_S, NOW)

    assert divided.step_s == step_s
    assert divided.start <= NOW - days * DAY_S < divided.start + DAY_S + HOUR_S
    assert (NOW - divided.start) / divided.step_s <= MOST_DAYS + 2

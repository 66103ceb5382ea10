"""The times of an answer, what a wait was made of, and how both are kept and read."""

import sqlite3
from pathlib import Path

import pytest

from core.events import WaitReason
from core.messages import AnswerState, Door, Message, Role, Route
from core.metrics.times import READING_CHARACTERS_PER_S, Stopwatch
from core.metrics.waits import Wait, wait_of
from core.providers.base import Profile, Request, options_hash
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.measured import _SINCE, MeasuredStore


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def test_each_time_is_of_what_it_says() -> None:
    """First text is not first thought, the end not the last text."""
    clock = Hand()
    watch = Stopwatch(clock)
    clock.after(0.5)
    watch.thought()
    clock.after(1.0)
    watch.thought()
    clock.after(0.5)
    watch.text(10)
    for _ in range(4):
        clock.after(0.1)
        watch.text(10)
    clock.after(1.0)
    times = watch.times()
    assert times.ttft_ms == pytest.approx(2000)
    assert times.thinking_ms == pytest.approx(1500)
    assert times.itl_ms == pytest.approx(100)
    assert times.total_ms == pytest.approx(3400)
    assert times.starved_ms == 0


def test_a_reader_starves_only_while_there_is_nothing_left_to_read() -> None:
    """A pause behind a page of text costs nobody anything; the same pause behind a word does."""
    clock = Hand()
    watch = Stopwatch(clock)
    watch.text(int(READING_CHARACTERS_PER_S * 2))
    clock.after(1.5)
    watch.text(int(READING_CHARACTERS_PER_S))
    assert watch.times().starved_ms == 0
    clock.after(4.0)
    watch.text(1)
    assert watch.times().starved_ms == pytest.approx(2500)


def test_an_answer_without_text_has_no_first_token() -> None:
    """It is no answer that came at once."""
    clock = Hand()
    watch = Stopwatch(clock)
    watch.thought()
    clock.after(3.0)
    times = watch.times()
    assert (times.ttft_ms, times.itl_ms) == (None, None)
    assert times.thinking_ms == pytest.approx(3000)


@pytest.mark.parametrize(
    ("ttft", "load", "prompt", "thinking", "reason", "queue"),
    [
        (4200.0, 3100.0, 900.0, 0.0, WaitReason.LOADING, 200.0),
        (4000.0, 0.0, 3900.0, 0.0, WaitReason.PROMPT, 100.0),
        (4000.0, 100.0, 300.0, 3500.0, WaitReason.THINKING, 100.0),
        (4000.0, 0.0, 100.0, 0.0, WaitReason.QUEUE, 3900.0),
        (100.0, 5000.0, 5000.0, 0.0, WaitReason.LOADING, 0.0),
        (400.0, 100.0, 100.0, 100.0, WaitReason.UNKNOWN, 100.0),
    ],
)
def test_a_wait_is_named_by_its_largest_part(
    ttft: float, load: float, prompt: float, thinking: float, reason: WaitReason, queue: float
) -> None:
    """No part is more than there is, and what nothing explains is the queue."""
    wait = wait_of(ttft, load, prompt, thinking, has_durations=True)
    assert wait is not None
    assert sum(wait) == pytest.approx(ttft)
    assert wait.reason is reason
    assert wait.queue_ms == pytest.approx(queue)


def test_without_the_servers_word_nothing_is_made_up() -> None:
    """A server that gives no durations is not said to have queued."""
    assert wait_of(4000.0, 0.0, 0.0, 0.0, has_durations=False) is None
    assert wait_of(None, 1.0, 1.0, 0.0, has_durations=True) is None
    assert Wait(0.0, 0.0, 0.0, 0.0).reason is WaitReason.UNKNOWN


def test_options_are_equal_exactly_when_their_hashes_are() -> None:
    """Neither the question nor how long the model stays loaded shapes an answer's speed."""
    first = Request("m", (Message(Role.USER, "a"),), Profile(4096), 512)
    same = Request("m", (Message(Role.USER, "b"),), Profile(4096, 9), 512, keep_alive="-1")
    others = [
        Request("m", (), Profile(8192), 512),
        Request("m", (), Profile(4096), 511),
        Request("m", (), Profile(4096), 512, think="low"),
        Request("m", (), Profile(4096), 512, temperature=0.0),
        Request("m", (), Profile(4096), 512, schema="{}"),
    ]
    assert options_hash(first) == options_hash(same)
    assert len({options_hash(each) for each in (first, *others)}) == 6
    assert len(options_hash(first)) == 12


def ended(store: Conversations, started_model: str, ending: Ending, door: Door = Door.SCREEN) -> int:
    """One turn with one answer that has ended; the answer's number."""
    answer = NewAnswer(Route.FAST, started_model, "ollama", "local", door=door)
    started = store.ask("q", (), None, "/x", answer).result()
    store.end(started.answer, ending, make_current=True).result()
    return started.answer


def test_what_was_measured_is_read_as_it_was_kept(tmp_path: Path) -> None:
    """Each time in its own column, painting added behind, a deep run's looking at added up."""
    now = [1000.0]
    database = Database.open(tmp_path / "leadline.db", lambda: now[0])
    store, measured = Conversations(database), MeasuredStore(database)
    ending = Ending(
        AnswerState.COMPLETE,
        "text",
        ttft_ms=1.0,
        total_ms=2.0,
        thinking_ms=3.0,
        itl_ms=4.0,
        starved_ms=5.0,
        load_ms=6.0,
        prefill_ms=7.0,
        decode_ms=8.0,
        server_ms=9.0,
        output_tokens=10,
        options_hash="0123456789ab",
    )
    answer = ended(store, "m", ending, Door.ASK)
    measured.painted(answer, 11.0).result()
    measured.blocked(answer, 12.0).result()
    measured.blocked(answer, 13.0).result()
    now[0] = 2000.0
    later = ended(store, "n", Ending(AnswerState.FAILED, ""))
    one = measured.one(answer)
    assert one is not None
    assert one == measured.since(0.0)[0]
    assert (one.door, one.model, one.state) == ("ask", "m", "complete")
    assert (one.ttft_ms, one.total_ms, one.thinking_ms, one.itl_ms, one.starved_ms) == (1, 2, 3, 4, 5)
    assert (one.load_ms, one.prefill_ms, one.decode_ms, one.server_ms, one.output_tokens) == (6, 7, 8, 9, 10)
    assert (one.paint_ms, one.blocked_ms) == (11.0, 25.0)
    assert [row.answer for row in measured.since(1500.0)] == [later]
    assert measured.one(99) is None
    database.close()


def test_figures_are_read_out_of_the_index_alone(tmp_path: Path) -> None:
    """A hundred thousand answers are read without their texts; a stranger's cell is left out."""
    database = Database.open(tmp_path / "leadline.db", lambda: 1000.0)
    store, measured = Conversations(database), MeasuredStore(database)
    numbers = [ended(store, "m", Ending(AnswerState.COMPLETE, "t", ttft_ms=1.0)) for _ in range(3)]

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE answer SET ttft_ms = 'soon' WHERE id = ?", (numbers[0],))
        connection.execute("UPDATE answer SET model = x'ff00' WHERE id = ?", (numbers[1],))

    database.submit(spoil).result()
    assert [row.answer for row in measured.since(0.0)] == [numbers[2]]
    odd = measured.one(numbers[0])
    assert odd is not None
    assert odd.ttft_ms is None
    plan = database.read(
        lambda connection: [
            row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {_SINCE}", (0.0,))
        ]
    )
    assert len(plan) == 1
    assert "USING COVERING INDEX answer_measured" in plan[0]
    database.close()

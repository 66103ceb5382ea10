"""The journal of deep runs: what was finished is read back as it was, and each run is one leadline's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.messages import AnswerState, Route
from core.store import deep_rows
from core.store.conversations import Conversations, Ending, NewAnswer, NotStored
from core.store.database import Database
from core.store.deep_journal import DeepJournal, NewDeepRun, StageRecord
from core.store.deep_ledger import DeepCallRecord, DeepLedger
from core.store.removal import KEPT_S

FAST = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
DEEP = NewAnswer(Route.DEEP, "claude-opus-5-5", "anthropic", "REMOTE api.anthropic.com")
RUN = NewDeepRun(
    answer=0,
    preset="deeper",
    effort="high",
    provider="anthropic",
    model="claude-opus-5-5",
    address="https://api.anthropic.com",
    host="api.anthropic.com",
    kinds=("turn", "source:file"),
    pack='{"question": "why \\u001b[2J"}',
)
PLAN = StageRecord("plan", 1, "plan", "Plan", "finished", text="1. a\n2. b", request_sha256="ab" * 32)
PART = StageRecord(
    "part-1",
    2,
    "part",
    "where is it opened?",
    "finished",
    text="in worker.py",
    thinking="hm",
    note="2 cites",
    request_sha256="cd" * 32,
    elapsed_ms=4200.0,
    usage={"input_tokens": 6200, "output_tokens": 310},
    usd=0.008,
)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """A store with its doors, and short ways to what the tests need."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.database = Database.open(path, clock)
        self.conversations = Conversations(self.database)
        self.journal = DeepJournal(self.database)

    def asked(self, question: str = "why", home: int | None = None, where: str = "/x") -> tuple[int, int]:
        """A question with its fast answer; conversation and turn."""
        started = self.conversations.ask(question, (), home, where, FAST).result()
        ending = Ending(AnswerState.COMPLETE, f"fast answer to {question}")
        self.conversations.end(started.answer, ending, make_current=True).result()
        return started.conversation, started.turn

    def run(self, turn: int, **more: str) -> tuple[int, int]:
        """A deep run on a turn; its number and its answer's."""
        answer = self.conversations.ask_again(turn, DEEP).result().answer
        return self.journal.begin(RUN._replace(answer=answer, **more)).result(), answer

    def die(self) -> None:
        """As if this leadline had been killed: what it owned is of a process that is no more."""
        for table in ("answer", "deep_run"):
            self.execute(f"UPDATE {table} SET owner = 'elsewhere:1:2', updated_at = 0")
        self.database.close()

    def execute(self, sql: str) -> None:
        """Change a row behind the doors' backs."""
        self.database.submit(lambda connection: connection.execute(sql)).result()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leadline.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Stage]:
    stage = Stage(path, clock)
    yield stage
    stage.database.close()


def test_a_run_is_read_back_as_it_was_kept(store: Stage, clock: Clock) -> None:
    """What a resumed run goes on from must be to the byte what was sent and what came."""
    home, turn = store.asked()
    number, answer = store.run(turn)
    store.journal.save_stage(number, PART._replace(text="in w", state="started"))
    clock.now += 5
    store.journal.save_stage(number, PART)
    store.journal.save_stage(number, PLAN)
    store.journal.set_hints(number, ["look at pool.py", "and, too"]).result()

    run = store.journal.run(number)

    assert run is not None
    assert (run.conversation, run.turn, run.answer, run.question) == (home, turn, answer, "why")
    assert (run.preset, run.effort, run.provider, run.model) == (
        RUN.preset,
        RUN.effort,
        RUN.provider,
        RUN.model,
    )
    assert (run.address, run.host, run.pack, run.state) == (RUN.address, RUN.host, RUN.pack, "running")
    assert run.stages == (PLAN, PART)
    assert run.hints == ("look at pool.py", "and, too")
    assert (run.created_at, run.updated_at) == (1_000_000.0, 1_000_005.0)
    assert store.journal.run(number + 1) is None


def test_a_run_that_runs_here_or_is_over_is_left_by_nobody(store: Stage) -> None:
    """Offering to resume what still runs would pay for it twice."""
    _, turn = store.asked()
    number, _ = store.run(turn)

    assert store.journal.left("/x") == ()
    assert store.journal.claim(number).result() is False
    for state in ("complete", "partial", "failed", "dropped"):
        store.journal.set_state(number, state).result()
        assert store.journal.left("/x") == ()
        assert store.journal.claim(number).result() is False
    store.journal.set_state(number, "interrupted").result()
    assert [run.id for run in store.journal.left("/x")] == [number]


@pytest.mark.parametrize("state", ["running", "planned", "yielding", "queued"])
def test_what_a_crash_left_is_offered_in_its_project_and_can_be_taken_once(
    store: Stage, path: Path, clock: Clock, state: str
) -> None:
    """The person is told of it where it was asked; taken over, it is nobody else's."""
    _, turn = store.asked()
    _, other = store.asked("elsewhere", where="/y")
    number, answer = store.run(turn, state=state)
    store.run(other)
    store.conversations.save_progress(answer, "half of it, zeppelin", "").result()
    store.journal.save_stage(number, PLAN).result()
    store.die()

    after = Stage(path, clock)
    (left,) = after.journal.left("/x")
    assert (left.id, left.state, left.stages) == (number, state, (PLAN,))
    after.database.submit(lambda connection: None).result()  # behind recovery, which nobody waits for
    assert [found.turn for found in after.conversations.search("zeppelin", 5)] == [turn]

    assert after.journal.claim(number).result() is True
    assert after.journal.claim(number).result() is False
    assert after.journal.left("/x") == ()
    deep = after.conversations.turn(turn).answers[-1]
    assert (deep.id, deep.state, deep.text, deep.reason) == (
        answer,
        AnswerState.STREAMING,
        "half of it, zeppelin",
        "",
    )
    after.database.close()


def test_how_long_a_run_has_been_going_leaves_out_the_time_in_which_nobody_ran_it(
    store: Stage, clock: Clock
) -> None:
    """A night between two leadlines is no part of a run of a minute, however often it is taken over."""
    _, turn = store.asked()
    number, _ = store.run(turn)

    def elapsed_s() -> float:
        run = store.journal.run(number)
        assert run is not None
        return run.elapsed_s

    for minutes in range(1, 4):
        clock.now += 50
        store.journal.save_stage(number, PLAN)
        clock.now += 10
        store.journal.alive(number)
        store.journal.set_state(number, "interrupted").result()
        assert elapsed_s() == minutes * 60
        clock.now += 30_000
        assert elapsed_s() == minutes * 60
        assert store.journal.claim(number).result()
        assert elapsed_s() == minutes * 60


def test_a_run_that_was_resumed_is_found_by_its_new_words_only(
    store: Stage, path: Path, clock: Clock
) -> None:
    """The index cannot be corrected later: what recovery put in must go before the answer streams again."""
    _, turn = store.asked()
    number, answer = store.run(turn)
    store.conversations.save_progress(answer, "zeppelin", "").result()
    store.die()

    after = Stage(path, clock)
    assert after.journal.claim(number).result()
    ending = Ending(AnswerState.COMPLETE, "airship", usd=0.11)
    after.conversations.end(answer, ending, make_current=True, if_last=True).result()
    after.journal.set_state(number, "complete").result()

    assert after.conversations.search("zeppelin", 5) == ()
    assert [found.turn for found in after.conversations.search("airship", 5)] == [turn]
    current = after.conversations.turn(turn).current
    assert current is not None
    assert (current.id, current.text) == (answer, "airship")
    after.database.close()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO answer_words(answer_words) VALUES ('integrity-check')")


def test_a_deep_answer_is_read_with_what_its_label_says(store: Stage) -> None:
    """`deep · claude-… · REMOTE · 0:41 · ≈$0.11` must be the same tomorrow."""
    _, turn = store.asked()
    _, answer = store.run(turn)
    ending = Ending(AnswerState.COMPLETE, "because", total_ms=41_000.0, usd=0.11)
    store.conversations.end(answer, ending, make_current=False).result()

    fast, deep = store.conversations.turn(turn).answers

    assert (fast.route, fast.preset, fast.usd, fast.is_usd_exact) == (Route.FAST, "", None, False)
    assert (deep.route, deep.model, deep.place) == (Route.DEEP, DEEP.model, DEEP.place)
    assert (deep.preset, deep.total_ms, deep.usd, deep.is_usd_exact) == ("deeper", 41_000.0, 0.11, False)
    store.conversations.end(answer, replace(ending, is_usd_exact=True), make_current=False).result()
    assert store.conversations.turn(turn).answers[1].is_usd_exact


def test_a_deep_answer_becomes_current_only_while_nothing_was_asked_after_it(store: Stage) -> None:
    """What the next question is answered after never changes behind the person's back."""
    home, turn = store.asked()
    _, early = store.run(turn)
    _, late = store.run(turn)

    store.conversations.end(early, Ending(AnswerState.COMPLETE, "early"), True, if_last=True).result()
    first = store.conversations.turn(turn).current
    store.asked("and then?", home)
    store.conversations.end(late, Ending(AnswerState.COMPLETE, "late"), True, if_last=True).result()
    second = store.conversations.turn(turn).current

    assert first is not None
    assert second is not None
    assert (first.text, second.text) == ("early", "early")


def test_a_question_asked_elsewhere_stands_in_no_answers_way(store: Stage) -> None:
    """Only a later turn of the same conversation is one that was answered after this one."""
    _, turn = store.asked()
    _, answer = store.run(turn)
    elsewhere, _ = store.asked("another conversation")
    store.asked("its second turn", elsewhere)

    store.conversations.end(answer, Ending(AnswerState.COMPLETE, "deep"), True, if_last=True).result()

    current = store.conversations.turn(turn).current
    assert current is not None
    assert current.text == "deep"


def test_a_removed_run_takes_its_answer_along_and_leaves_the_best_of_the_others(
    store: Stage, path: Path
) -> None:
    """Dropping what a run wrote must not drop what was there before, nor leave the turn without an answer."""
    _, turn = store.asked()
    number, answer = store.run(turn)
    store.journal.save_stage(number, PART._replace(text="the marzipan finding")).result()
    store.conversations.end(answer, Ending(AnswerState.COMPLETE, "marzipan zeppelin"), True).result()

    store.journal.remove(number).result()
    store.journal.remove(number).result()

    kept = store.conversations.turn(turn)
    assert [each.text for each in kept.answers] == ["fast answer to why"]
    assert kept.current == kept.answers[0]
    assert store.journal.run(number) is None
    assert store.conversations.search("zeppelin", 5) == ()
    store.database.close()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO answer_words(answer_words) VALUES ('integrity-check')")
        assert writer.execute("SELECT count(*) FROM deep_stage").fetchone() == (0,)
    assert b"marzipan" not in path.read_bytes()


def test_of_the_others_the_newest_whole_one_takes_a_removed_answers_place(store: Stage) -> None:
    """A later answer was asked for because the earlier one was not enough; but half a one is less."""
    _, turn = store.asked()
    for state, text in (
        (AnswerState.COMPLETE, "the second"),
        (AnswerState.PARTIAL, "half of the third"),
        (AnswerState.FAILED, "what a failed one said"),
    ):
        answer = store.conversations.ask_again(turn, FAST).result().answer
        store.conversations.end(answer, Ending(state, text), make_current=False).result()
    number, answer = store.run(turn)
    store.conversations.end(answer, Ending(AnswerState.COMPLETE, "deep"), make_current=True).result()

    store.journal.remove(number).result()

    current = store.conversations.turn(turn).current
    assert current is not None
    assert current.text == "the second"


def test_where_a_process_cannot_be_asked_for_an_answer_that_grows_is_a_sign_of_life(
    store: Stage, clock: Clock
) -> None:
    """On another machine's file, or without /proc, only silence tells; a long stage is not silent."""
    _, turn = store.asked()
    number, answer = store.run(turn)
    sql = "UPDATE {} SET owner = 'another-host:1:2' WHERE id = {}"
    for table, row in (("deep_run", number), ("answer", answer)):
        store.execute(sql.format(table, row))
    clock.now += 900
    store.conversations.save_progress(answer, "still writing", "").result()
    assert store.journal.left("/x") == ()
    assert store.journal.claim(number).result() is False

    clock.now += 900
    assert [run.id for run in store.journal.left("/x")] == [number]


def test_a_removed_run_changes_no_choice_of_the_persons(store: Stage) -> None:
    """Which answer is current is only decided anew when the current one goes."""
    _, turn = store.asked()
    first = store.conversations.turn(turn).answers[0]
    second = store.conversations.ask_again(turn, FAST, Ending(AnswerState.COMPLETE, "again")).result()
    store.conversations.choose_current(turn, first.id).result()
    number, _ = store.run(turn)

    store.journal.remove(number).result()

    assert store.conversations.turn(turn).current == first
    assert second.answer in [each.id for each in store.conversations.turn(turn).answers]


def test_a_deleted_conversation_takes_its_runs_out_of_sight_and_brings_them_back(
    store: Stage, path: Path, clock: Clock
) -> None:
    """A run of a conversation that was deleted is not offered; an undone deletion undoes that too."""
    home, turn = store.asked()
    number, _ = store.run(turn)
    store.die()
    after = Stage(path, clock)

    after.conversations.delete(home).result()
    assert after.journal.left("/x") == ()
    assert after.journal.claim(number).result() is False

    after.conversations.undo_delete(home).result()
    assert [run.id for run in after.journal.left("/x")] == [number]
    after.database.close()


def test_a_purged_conversation_leaves_nothing_of_its_runs(store: Stage, path: Path, clock: Clock) -> None:
    """What a run found is as private as what was asked; and whoever still writes to it is told."""
    home, turn = store.asked()
    number, _ = store.run(turn)
    store.journal.save_stage(number, PART._replace(text="the marzipan finding")).result()
    store.conversations.delete(home).result()
    clock.now += KEPT_S + 1
    store.conversations.purge().result()

    with pytest.raises(NotStored):
        store.journal.save_stage(number, PLAN).result()
    with pytest.raises(NotStored):
        store.journal.set_state(number, "complete").result()
    store.database.close()
    with closing(sqlite3.connect(path)) as reader:
        for table in ("deep_run", "deep_stage"):
            assert reader.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert b"marzipan" not in path.read_bytes()


def test_what_a_run_cost_outlives_it_and_its_conversation(store: Stage, clock: Clock) -> None:
    """Deleting a conversation gives back no money, and must not give the day's cap back either."""
    home, turn = store.asked()
    number, _ = store.run(turn)
    ledger = DeepLedger(store.database)
    ledger.record(DeepCallRecord(number, "a", "h", "m", "high", "deep", "write", 1, 1.0, usd=0.5)).result()

    store.journal.remove(number).result()
    store.conversations.delete(home).result()
    clock.now += KEPT_S + 1
    store.conversations.purge().result()

    assert ledger.spent_since(0.0).usd == 0.5


def test_a_number_is_never_given_out_again(store: Stage) -> None:
    """What a run cost is kept under its number when it is gone; another run must not be charged with it."""
    _, turn = store.asked()
    first, _ = store.run(turn)
    store.journal.remove(first).result()

    assert store.run(turn)[0] > first


def test_what_was_sent_where_is_known_for_each_conversation(store: Stage) -> None:
    """The person is asked about what is new, and only about that; what still waits has sent nothing."""
    home, turn = store.asked()
    other, another = store.asked("elsewhere")
    assert store.journal.sent_before(home) == frozenset()

    store.run(turn)
    queued, _ = store.run(turn, state="queued", host="late.example")
    assert store.journal.sent_before(home) == {
        ("api.anthropic.com", "turn"),
        ("api.anthropic.com", "source:file"),
    }
    assert store.journal.sent_before(other) == frozenset()

    store.journal.set_state(queued, "running").result()
    assert ("late.example", "turn") in store.journal.sent_before(home)
    store.run(another, host="other.example")
    assert {host for host, _ in store.journal.sent_before(other)} == {"other.example"}


def test_a_run_for_an_answer_that_is_not_there_is_refused(store: Stage) -> None:
    """It could be seen nowhere, and would never go."""
    with pytest.raises(NotStored):
        store.journal.begin(RUN._replace(answer=99)).result()


@pytest.mark.parametrize("odd", ["", "{", "[" * 5000, "7", '{"a": 1}', '[1, {"a": 2}]', "null"])
def test_what_others_wrote_into_a_run_never_stops_it_from_being_read(store: Stage, odd: str) -> None:
    """One odd cell must not hide a run whose stages were paid for."""
    home, turn = store.asked()
    number, _ = store.run(turn)
    store.journal.save_stage(number, PART).result()

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE deep_run SET kinds = ?, hints = ?", (odd, odd))
        connection.execute(
            "UPDATE deep_stage SET usage = ?, elapsed_ms = 'x', text = ?, position = -1", (odd, "a\x1b[2Jb")
        )

    store.database.submit(spoil).result()

    run = store.journal.run(number)
    assert run is not None
    assert run.hints == ()
    assert (run.stages[0].elapsed_ms, run.stages[0].position) == (None, 0)
    assert "\x1b" not in run.stages[0].text
    assert store.journal.sent_before(home) == frozenset()


def test_half_a_character_costs_no_run(store: Stage) -> None:
    """A model may be cut in the middle of an emoji; what no file can hold is replaced."""
    _, turn = store.asked()
    number, _ = store.run(turn, pack='"\ud83d"')
    store.journal.save_stage(number, PART._replace(text="a\ud83d", note="\udc00", title="\ud800")).result()
    store.journal.set_hints(number, ["\ud83d"]).result()

    run = store.journal.run(number)

    assert run is not None
    assert (run.pack, run.stages[0].text, run.stages[0].note) == ('"\ufffd"', "a\ufffd", "\ufffd")


def test_finding_what_was_left_does_not_look_through_every_run(store: Stage) -> None:
    """It is asked at every start, of a history that only grows."""
    _, turn = store.asked()
    store.run(turn)

    def plan(connection: sqlite3.Connection) -> str:
        rows = connection.execute(
            f"EXPLAIN QUERY PLAN {deep_rows.RUN} WHERE {deep_rows.IS_OPEN} AND c.directory = ?", ("/x",)
        )
        return " ".join(row[3] for row in rows)

    found = store.database.read(plan)
    assert found.startswith("SCAN r USING INDEX deep_run_open SEARCH a USING INTEGER PRIMARY KEY"), found
    assert "SCAN" not in found.removeprefix("SCAN r")

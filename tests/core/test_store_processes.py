"""Two leadlines at once, and one that dies: nothing that was asked is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Counts, Ending, NewAnswer
from core.store.database import Database
from core.store.owner import is_gone, this_process

ROOT = Path(__file__).parents[2]
FAST = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")

HEAD = """
import sys, time
from pathlib import Path
from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database

database = Database.open(Path(sys.argv[1]), time.time)
conversations = Conversations(database)
fast = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
"""

WRITE_200 = (
    HEAD
    + """
for number in range(200):
    home = int(sys.argv[2]) if number % 2 else None
    started = conversations.ask(f"{sys.argv[3]} {number}", (), home, "/x", fast).result()
    conversations.save_progress(started.answer, "half", "").result()
    conversations.end(started.answer, Ending(AnswerState.COMPLETE, "whole"), True).result()
    assert conversations.turns(started.conversation, last=3)
database.close()
print("done")
"""
)

# Ten have no text yet; the others grow until the process is killed.
STREAM_50 = (
    HEAD
    + """
answers = [conversations.ask(f"question {n}", (), None, "/x", fast).result().answer for n in range(50)]
for answer in answers[10:]:
    conversations.save_progress(answer, "first words", "").result()
print("streaming", flush=True)
length = 0
while True:
    length += 1
    for answer in answers[10:]:
        conversations.save_progress(answer, "first words" + " more" * length, "")
    conversations.save_progress(0, "", "").result()
"""
)


def child(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def marked(path: Path) -> list[tuple[str, str, bool]]:
    """State, reason and whether it is current, of every answer as it stands in the file."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT state, reason, turn.current_answer_id IS answer.id FROM answer"
        " JOIN turn ON turn.id = turn_id ORDER BY answer.id"
    ).fetchall()
    connection.close()
    return rows


def test_two_leadlines_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    """Two terminals on one history are the ordinary case, also in the same conversation."""
    path = tmp_path / "leadline.db"
    database = Database.open(path, lambda: 0.0)
    conversations = Conversations(database)
    home = conversations.ask("first", (), None, "/x", FAST).result().conversation
    both = [child(WRITE_200, str(path), str(home), name) for name in ("left", "right")]

    assert [each.communicate()[0].strip() for each in both] == ["done", "done"]

    assert conversations.counts() == Counts(201, 401, 401)
    asked = {turn.question for turn in conversations.turns(home)}
    assert asked == {"first"} | {f"{name} {n}" for name in ("left", "right") for n in range(1, 200, 2)}
    assert all(turn.current for turn in conversations.turns(home)[1:])
    database.close()


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX matter")
def test_kill_9_in_the_middle_of_50_streams_loses_no_question(tmp_path: Path) -> None:
    """A closed lid, an empty battery, the OOM killer: after it everything asked is there, and marked."""
    path = tmp_path / "leadline.db"
    writing = child(STREAM_50, str(path))
    assert heard(writing) == "streaming"
    os.kill(writing.pid, signal.SIGKILL)
    # Not waited for yet: a process that is dead and not buried must not count as alive either.
    os.waitid(os.P_PID, writing.pid, os.WEXITED | os.WNOWAIT)

    database = Database.open(path, lambda: 0.0)
    conversations = Conversations(database)
    shown = [conversations.turns(home)[0] for home in range(1, 51)]
    database.close()
    writing.communicate()

    assert [turn.question for turn in shown] == [f"question {number}" for number in range(50)]
    answers = [turn.answers[0] for turn in shown]
    assert [answer.state for answer in answers] == [AnswerState.FAILED] * 10 + [AnswerState.PARTIAL] * 40
    assert {answer.reason for answer in answers} == {"interrupted"}
    assert all(answer.text.startswith("first words") for answer in answers[10:])
    assert [turn.current for turn in shown] == [None] * 10 + answers[10:]
    # And the file says the same as the screen.
    expected = [("failed", "interrupted", 0)] * 10 + [("partial", "interrupted", 1)] * 40
    assert marked(path) == expected
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_an_answer_that_streams_in_another_leadline_is_left_alone(tmp_path: Path) -> None:
    """Opening a second terminal must not cut what the first one is still saying."""
    path = tmp_path / "leadline.db"
    writing = child(STREAM_50, str(path))
    assert heard(writing) == "streaming"
    database = Database.open(path, lambda: 0.0)
    try:
        database.submit(lambda connection: None).result()
        (turn,) = Conversations(database).turns(50)
        assert turn.answers[0].state is AnswerState.STREAMING
        assert {state for state, _, _ in marked(path)} == {"streaming"}
    finally:
        database.close()
        writing.kill()
        writing.communicate()


def test_an_interrupted_answer_does_not_displace_a_better_one(tmp_path: Path) -> None:
    """Asked afresh and died: the history goes on with the answer that was whole."""
    path = tmp_path / "leadline.db"
    database = Database.open(path, lambda: 0.0)
    conversations = Conversations(database)
    started = conversations.ask("why?", (), None, "/x", FAST).result()
    conversations.end(started.answer, Ending(AnswerState.COMPLETE, "whole"), make_current=True).result()
    again = conversations.ask_again(started.turn, FAST).result()
    conversations.save_progress(again.answer, "half", "").result()
    stranger = this_process().rsplit(":", 2)[0] + ":0:1"
    disown = "UPDATE answer SET owner = ? WHERE state = 'streaming'"
    database.submit(lambda connection: connection.execute(disown, (stranger,)).rowcount).result()
    database.close()

    # The stranger cannot be asked for, so its silence decides.
    for now, state in ((599.0, AnswerState.STREAMING), (601.0, AnswerState.PARTIAL)):
        database = Database.open(path, partial(float, now))
        turn = Conversations(database).turn(started.turn)
        database.close()
        assert [answer.state for answer in turn.answers] == [AnswerState.COMPLETE, state]
        assert turn.current == turn.answers[0]
    assert marked(path) == [("complete", "", 1), ("partial", "interrupted", 0)]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the start of a process is told by /proc")
def test_a_pid_that_was_given_out_again_is_not_the_one_that_died() -> None:
    """Pids come round within a day on busy machines, and within minutes in containers."""
    host, pid, marker = this_process().rsplit(":", 2)

    assert not is_gone(this_process(), heard_at=0.0, now=1e9)
    assert is_gone(f"{host}:{pid}:{int(marker) - 1}", heard_at=0.0, now=0.0)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process cannot be asked for")
def test_without_a_start_time_a_living_process_is_believed_while_it_writes() -> None:
    """On macOS only the pid is known, and a stranger may have inherited it."""
    host = this_process().rsplit(":", 2)[0]
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = f"{host}:{other.pid}:"

    assert not is_gone(owner, heard_at=0.0, now=599.0)
    assert is_gone(owner, heard_at=0.0, now=601.0)
    other.communicate(b"\n")
    assert is_gone(owner, heard_at=0.0, now=1.0)


def test_on_windows_no_process_is_ever_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """There `os.kill(pid, 0)` ends the other leadline instead of asking for it."""
    host = this_process().rsplit(":", 2)[0]

    def kill(pid: int, number: int) -> None:
        raise AssertionError("asked for a process")

    with monkeypatch.context() as windows:
        windows.setattr(os, "kill", kill)
        windows.setattr(os, "name", "nt")
        found = [is_gone(f"{host}:1:", heard_at=0.0, now=now) for now in (599.0, 601.0)]

    assert found == [False, True]


def test_a_process_that_cannot_be_asked_for_is_judged_by_its_silence() -> None:
    """Another machine's pid says nothing here, and an owner that is unreadable must not crash the start."""
    for owner in ("elsewhere:1:77", "", "no-pid", "a:b:c", f"elsewhere:{'9' * 40}:"):
        assert not is_gone(owner, heard_at=0.0, now=599.0)
        assert is_gone(owner, heard_at=0.0, now=601.0)

"""Deep runs and real processes: one that is killed leaves its runs, and of two that take one, one gets it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.messages import AnswerState
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.deep_journal import DeepJournal

ROOT = Path(__file__).parents[2]

HEAD = """
import sys, time
from pathlib import Path
from core.messages import Route
from core.store.conversations import Conversations, NewAnswer
from core.store.database import Database
from core.store.deep_journal import DeepJournal, NewDeepRun, StageRecord

database = Database.open(Path(sys.argv[1]), time.time)
conversations, journal = Conversations(database), DeepJournal(database)
"""

RUN = (
    HEAD
    + """
deep = NewAnswer(Route.DEEP, "m", "anthropic", "REMOTE h")
for number in range(int(sys.argv[2])):
    started = conversations.ask(f"question {number}", (), None, "/x", deep).result()
    new = NewDeepRun(started.answer, "deeper", "high", "anthropic", "m", "https://h", "h", ["turn"], "{}")
    run = journal.begin(new).result()
    journal.save_stage(run, StageRecord("plan", 1, "plan", "Plan", "finished", text="1. a", usd=0.01))
    conversations.save_progress(started.answer, "first words", "")
    journal.save_stage(run, StageRecord("write", 2, "write", "Write", "started", text="first words")).result()
print("running", flush=True)
sys.stdin.read()
"""
)

CLAIM = (
    HEAD
    + """
print("ready", flush=True)
sys.stdin.readline()
print(*[number for number in range(1, int(sys.argv[2]) + 1) if journal.claim(number).result()], flush=True)
sys.stdin.read()
"""
)


def child(program: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def say(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def end(*processes: "subprocess.Popen[str]") -> None:
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX matter")
def test_a_run_is_left_once_its_leadline_is_killed_and_not_before(tmp_path: Path) -> None:
    """A run that goes on in another terminal must not be offered here; one that cannot go on must be."""
    path = tmp_path / "leadline.db"
    running = child(RUN, str(path), "1")
    assert heard(running) == "running"
    database = Database.open(path, time.time)
    journal = DeepJournal(database)

    alive = journal.left("/x")
    stolen = journal.claim(1).result()
    os.kill(running.pid, signal.SIGKILL)
    # Dead and not buried yet: that must not count as alive either.
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
    (left,) = journal.left("/x")
    running.communicate()
    database.close()

    assert (alive, stolen) == ((), False)
    assert [(stage.id, stage.state, stage.text) for stage in left.stages] == [
        ("plan", "finished", "1. a"),
        ("write", "started", "first words"),
    ]


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX matter")
def test_of_two_leadlines_that_take_over_the_same_runs_each_gets_those_the_other_does_not(
    tmp_path: Path,
) -> None:
    """Two terminals are opened after a crash, and both say yes: a run resumed twice is paid for twice."""
    path, count = tmp_path / "leadline.db", 40
    running = child(RUN, str(path), str(count))
    assert heard(running) == "running"
    end(running)
    both = [child(CLAIM, str(path), str(count)) for _ in range(2)]
    assert [heard(each) for each in both] == ["ready", "ready"]

    for each in both:
        say(each)
    taken = [[int(number) for number in heard(each).split()] for each in both]

    assert sorted(taken[0] + taken[1]) == list(range(1, count + 1))
    database = Database.open(path, time.time)
    assert DeepJournal(database).left("/x") == ()
    # What they took streams again, and recovery in a third leadline leaves it alone.
    database.submit(lambda connection: None).result()
    conversations = Conversations(database)
    states = {conversations.turns(home)[0].answers[0].state for home in range(1, count + 1)}
    assert states == {AnswerState.STREAMING}
    end(*both)
    assert len(DeepJournal(database).left("/x")) == count
    database.close()

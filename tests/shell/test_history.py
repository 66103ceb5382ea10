"""``leadline history``: what was said is found, shown and put in order, by people and by programs."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from core.messages import AnswerState, Route
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.entries import Ending, NewAnswer
from tests.server import Loaded, OllamaServer, Script
from tests.shell.running import COMMAND, Shell

FAST = NewAnswer(Route.FAST, "m", "ollama", "local")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with two conversations, and no server to talk to."""
    database = Database.open(tmp_path / "leadline.db", lambda: 1_700_000_000.0)
    store = Conversations(database)
    for question, answer in (
        ("how do I undo a commit", "Use `git reset`.\n"),
        ("what is\n\x1b[31m a pod", "small \x1b]52;c;aGk=\x07 unit"),
    ):
        started = store.ask(question, (), None, "/elsewhere", FAST).result()
        store.end(started.answer, Ending(AnswerState.COMPLETE, answer), make_current=True).result()
    database.close()
    return Shell(tmp_path, "127.0.0.1:1")


def test_without_words_the_last_conversations_are_listed_and_with_words_what_has_them(shell: Shell) -> None:
    """One looks for what one remembers, or for what was there last."""
    done = shell.run("history")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == ["2", "1"]

    found = shell.run("history", "undo", "reset")
    assert "how do I undo a commit" in found.out
    assert "pod" not in found.out
    assert shell.run("history", "--here").err == "leadline: nothing was asked yet here\n"
    assert "nothing has all of: zeppelin" in shell.run("history", "zeppelin").err
    assert "nothing has all of: -x" in shell.run("history", "--", "-x").err


def test_programs_get_one_object_a_line(shell: Shell) -> None:
    """A program reads fields, and no columns."""
    (found,) = shell.run("history", "--json", "undo").events()
    assert (found["conversation"], found["question"]) == (1, "how do I undo a commit")
    (turn,) = shell.run("history", "--json", "--show", "1").events()
    assert turn["answer"] == "Use `git reset`.\n"


def test_a_conversation_is_shown_renamed_deleted_and_brought_back(shell: Shell) -> None:
    """Each act says what it did, and how to undo it."""
    assert shell.run("history", "--show", "1").out == (
        "# how do I undo a commit\n\n> how do I undo a commit\n\nUse `git reset`.\n"
    )
    assert "called Undoing things" in shell.run("history", "--rename", "1", "Undoing", "things").out
    assert "Undoing things" in shell.run("history").out
    assert "history --undo 1" in shell.run("history", "--delete", "1").out
    assert "Undoing things" not in shell.run("history").out
    shown = shell.run("history", "--show", "1")
    assert shown.out.startswith("# Undoing things\n")
    assert shown.err == "leadline: 1 is deleted; `leadline history --undo 1` brings it back\n"
    assert shell.run("history", "--undo", "1").code == 0
    assert shell.run("history", "--show", "1").err == ""
    assert "Undoing things" in shell.run("history").out
    shell.run("history", "--delete", "1")
    assert shell.run("history", "--purge").out == "1 removed for good\n"
    assert shell.run("history", "--undo", "1").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--show", "99"), 1, "there is no conversation 99"),
        (("--delete", "x"), 2, "a number from 1 on is wanted"),
        (("--rename", "1"), 2, "there is no title"),
        (("--delete", "1", "words"), 2, "exclude each other"),
        (("--delete", "1", "--undo", "1"), 2, "not allowed with"),
        (("-n", "0"), 2, "a number from 1 on is wanted"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    shell: Shell, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """And changes nothing."""
    done = shell.run("history", *arguments)
    assert done.code == code
    assert said in done.err
    assert len(shell.run("history").out.splitlines()) == 2


def test_nothing_that_was_stored_commands_the_terminal(shell: Shell) -> None:
    """On a terminal the found words are bold, and that is the only escape sequence there is."""
    leader, follower = pty.openpty()
    environ = os.environ | {"LEADLINE_HOME": str(shell.home), "TERM": "xterm-256color"}
    environ.pop("NO_COLOR", None)
    process = subprocess.Popen([*COMMAND, "history", "pod"], stdout=follower, stderr=follower, env=environ)
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    process.wait(20)
    os.close(leader)

    assert b"\x1b[1mpod\x1b[0m" in shown
    assert b"\x1b" not in shown.replace(b"\x1b[1m", b"").replace(b"\x1b[0m", b"")
    assert b"\x07" not in shown


def test_what_is_deleted_serves_no_question_any_more_and_does_again_once_it_is_back(tmp_path: Path) -> None:
    """Out of sight means everywhere, also where nobody looks."""
    with OllamaServer(Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply="secret plans")) as server:
        shell = Shell(tmp_path, server.url)
        shell.run("ask", "how do I open the pod bay doors?")
        assert "cached" in shell.run("ask", "how do I open the pod bay doors?").err
        shell.run("history", "--delete", "1")
        shell.run("history", "--undo", "1")
        assert "cached" in shell.run("ask", "how do I open the pod bay doors?").err
        shell.run("history", "--delete", "1")
        assert "cached" not in shell.run("ask", "how do I open the pod bay doors?").err


def test_what_is_removed_for_good_leaves_no_word_behind(tmp_path: Path) -> None:
    """Also not in the index by which stored answers are found."""
    with OllamaServer(Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply="an answer")) as server:
        shell = Shell(tmp_path, server.url)
        shell.run("ask", "how do I calibrate the zeppelin compass?")
        shell.run("history", "--delete", "1")
        shell.run("history", "--purge")

    held = b"".join(path.read_bytes() for path in tmp_path.glob("leadline.db*"))
    assert b"zeppelin" not in held

"""``leadline cache``: what is stored is looked at and put in order, by people and by programs."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.core.cache_stage import Stage
from tests.shell.running import COMMAND, PATIENCE_S, Done, Shell

UNDO = "how do I undo the last commit?"
QUESTIONS = (UNDO, "what does \x1b[31mgit\nfetch do?", "how do I delete a branch?")
ANSWERS = ("Use `git reset --soft HEAD~1`.", "It fetches.", "Use `git branch -D name`.")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with three stored answers, and no server to talk to."""
    _fill(tmp_path / "leadline.db")
    return Shell(tmp_path, "127.0.0.1:1")


def _fill(path: Path) -> None:
    stage = Stage(path)
    for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
        stage.clock.now += 1
        stage.keep(question, answer)
    stage.database.close()


def test_the_list_names_what_is_there_newest_first(shell: Shell) -> None:
    """The numbers are what every other command takes; a text from outside stays one harmless line."""
    done = shell.run("cache", "list")

    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert "git fetch do?" in lines[1]
    assert "same question only" in lines[0]
    assert "\x1b" not in done.out
    assert shell.run("cache").out == done.out
    assert len(shell.run("cache", "list", "-n", "1").out.splitlines()) == 1


def test_programs_get_one_object_a_line(shell: Shell) -> None:
    """A list that a program reads has no columns."""
    newest, _, oldest = shell.run("cache", "list", "--json").events()

    assert (newest["id"], newest["is_exact_only"], newest["is_pinned"]) == (3, True, False)
    assert (oldest["question"], oldest["kind"], oldest["is_alone"]) == (UNDO, "how-to", True)
    (shown,) = shell.run("cache", "show", "1", "--json").events()
    assert shown["text"] == ANSWERS[0]


def test_one_is_shown_whole(shell: Shell) -> None:
    """Before something is pinned or forgotten one wants to read it."""
    done = shell.run("cache", "show", "1")

    assert (done.code, done.err) == (0, "")
    assert f"question  {UNDO}" in done.out
    assert "qwen3:4b (local) in 4.0 s" in done.out
    assert "other wordings too" in done.out
    assert done.out.endswith(f"\n\n{ANSWERS[0]}\n")
    assert "the same question only" in shell.run("cache", "show", "3").out


def test_every_word_is_searched_for_in_question_and_answer(shell: Shell) -> None:
    """One remembers a piece of the question and a piece of the answer; `%` means itself."""
    assert [row["id"] for row in shell.run("cache", "search", "undo", "soft", "--json").events()] == [1]
    assert [row["id"] for row in shell.run("cache", "search", "git", "--json").events()] == [3, 2, 1]
    nothing = shell.run("cache", "search", "100%")
    assert (nothing.code, nothing.out) == (0, "")
    assert "no stored answer" in nothing.err


def test_what_is_forgotten_is_gone_and_a_typo_forgets_nothing(shell: Shell) -> None:
    """Half a command carried out is worse than none."""
    refused = shell.run("cache", "forget", "1", "99")
    assert (refused.code, refused.out) == (1, "")
    assert "there is no stored answer 99" in refused.err

    assert shell.run("cache", "forget", "1", "3", "1").out == "2 answers forgotten\n"
    assert [row["id"] for row in shell.run("cache", "list", "--json").events()] == [2]
    assert shell.run("cache", "forget", "--conversation", "2", "--json").events() == [{"forgotten": 1}]
    assert shell.run("cache", "list").err == "leadline: nothing is stored yet\n"


def test_a_pinned_answer_is_marked_and_can_be_let_go(shell: Shell) -> None:
    """A pin that one cannot see or undo is a leak."""
    assert shell.run("cache", "pin", "1").out == "1 answer pinned\n"
    assert [row["id"] for row in shell.run("cache", "list", "--pinned", "--json").events()] == [1]
    assert "until it is let go" in shell.run("cache", "show", "1").out
    assert shell.run("cache", "pin", "1", "--off").out == "1 answer let go\n"
    assert shell.run("cache", "list", "--pinned").err == "leadline: no answer is pinned\n"


def test_pruning_takes_what_is_out_of_date_and_what_is_too_much(shell: Shell) -> None:
    """All of these are from long ago, but a pinned one stays; and the bound is the setting's."""
    shell.run("cache", "pin", "2")
    assert shell.run("cache", "prune").out == "2 answers pruned\n"
    assert shell.run("cache", "prune", "--json").events() == [{"pruned": 0}]
    bad = shell.run("cache", "prune", env={"LEADLINE_CACHE__MAX_ANSWERS": "0"})
    assert (bad.code, bad.out) == (1, "")
    assert "cache.max_answers" in bad.err


def test_clear_asks_first_and_in_a_pipe_wants_a_word(shell: Shell) -> None:
    """Everything at once is asked for twice; a script says so once."""
    refused = shell.run("cache", "clear", stdin=b"y\n")
    assert (refused.code, refused.out) == (2, "")
    assert "3 answers" in refused.err
    assert "--yes" in refused.err

    assert _answered(shell, b"\n").code == 1
    assert _answered(shell, b"y\n").out.endswith("3 answers forgotten\n")
    assert shell.run("cache", "clear", "--yes").out == "0 answers forgotten\n"


def _answered(shell: Shell, answer: bytes) -> Done:
    """`leadline cache clear` on a terminal, with an answer to its question; one before it is not heard."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"y\n")
        with subprocess.Popen(
            [*COMMAND, "cache", "clear"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=shell.environ,
        ) as running:
            told = b""
            while b"[y/N]" not in told:
                told += os.read(ours, 1024)
            os.write(ours, answer)
            out, _ = running.communicate(timeout=PATIENCE_S)
        return Done(running.returncode, out.decode(), "")
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_figures_are_words_for_people_and_numbers_for_programs(shell: Shell) -> None:
    """Whether the cache is of use is a question people ask it."""
    done = shell.run("cache", "stats")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("stored     3 answers, ")

    (figures,) = shell.run("cache", "stats", "--json").events()
    assert (figures["entries"], figures["expired"], figures["vetoes"]) == (3, 3, 0)
    assert figures["hits"] == {"exact": 0, "sure": 0, "maybe": 0}


def test_the_demo_has_a_cache_of_its_own(shell: Shell) -> None:
    """Prepared texts among real answers would be a lie in both directions."""
    for arguments in (("--demo", "cache", "list"), ("cache", "list", "--demo"), ("cache", "--demo", "list")):
        done = shell.run(*arguments)
        assert (done.code, done.out) == (0, "")
    assert (shell.home / "leadline-demo.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show",), "ID"),
        (("show", "one"), "a number from 1 on is wanted"),
        (("show", "-1"), "-1"),
        (("show", "0"), "a number from 1 on is wanted"),
        (("show", "9" * 30), "a number from 1 on is wanted"),
        (("forget",), "nothing to forget was named"),
        (("search",), "WORD"),
        (("search", "x " * 300), "a few words"),
        (("lost",), "'list'"),
        (("list", "-n", "many"), "a number from 1 on is wanted"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    """Nobody should have to read a page of usage to find a typo."""
    done = shell.run("cache", *arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err


def test_the_cache_is_looked_at_without_a_screen_or_a_network(shell: Shell) -> None:
    """It is a look into a file, and takes no longer than that."""
    code = (
        "import sys; from tui.cli import run; run(['cache', 'list']);"
        "print(sorted({'textual', 'rich', 'httpx', 'ollama', 'asyncio', 'sqlite_utils', 'rapidfuzz'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [*COMMAND[:1], "-c", code],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=shell.environ,
        cwd=shell.home,
        timeout=100,
        check=True,
    )

    assert done.stdout.decode().endswith("\n[]\n")

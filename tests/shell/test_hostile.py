"""The command, when what it reads was written by somebody who means no good."""

import json
import os
import sqlite3
import subprocess
from dataclasses import replace

import pytest

from core.messages import AnswerState
from tests.server import Fault, OllamaServer
from tests.shell.running import COMMAND, PATIENCE_S, Shell

EVIL = "\x1b]52;c;AAAA\x07\u202e"


def str_of(number: int) -> str:
    """A test's name for a number of any length."""
    return f"{number:.0e}" if abs(number) < 10**300 else "vast"


def edit(shell: Shell, sql: str, *values: object) -> None:
    """Change the person's database from outside."""
    stranger = sqlite3.connect(shell.home / "leadline.db")
    with stranger:
        stranger.execute(sql, values)
    stranger.close()


def test_an_edited_database_neither_steers_the_terminal_nor_stops_an_answer(
    shell: Shell, server: OllamaServer
) -> None:
    """One row of another version, and one of another hand: the conversation goes on."""
    assert shell.run("ask", "one").code == 0
    edit(shell, "UPDATE answer SET route = 'deep', ttft_ms = 'x', model = ?, place = ?", EVIL, EVIL)
    edit(shell, "UPDATE choice SET reason = ?", EVIL)
    edit(shell, "UPDATE model_fact SET num_ctx = 'wide', largest = x'00'")

    done = shell.run("ask", "-c", "two")

    assert (done.code, "Traceback" in done.err) == (0, False)
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out + done.err)
    sent = server.requests("/api/chat")[-1].body["messages"]
    assert isinstance(sent, list)
    assert len(sent) == 4


def test_a_database_with_a_trigger_is_not_written(shell: Shell) -> None:
    """The answer comes all the same, with the reason why it is not kept."""
    assert shell.run("ask", "one").code == 0
    edit(shell, "CREATE TRIGGER spy AFTER INSERT ON turn BEGIN DELETE FROM turn; END")
    before = (shell.home / "leadline.db").read_bytes()

    done = shell.run("ask", "two")

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "nothing will be saved" in done.err
    assert "view or trigger" in done.err
    assert (shell.home / "leadline.db").read_bytes() == before


def test_a_count_beyond_all_counting_ends_the_answer_well(shell: Shell, server: OllamaServer) -> None:
    """2^63-1 tokens are no reason to lose what was read."""
    last = {
        "message": {"content": "hi"},
        "done": True,
        "eval_count": 2**63 - 1,
        "prompt_eval_count": 2**63 - 1,
    }
    body = json.dumps(last).encode() + b"\n"
    server.script = replace(server.script, fault=Fault.RAW, raw_body=body)

    done = shell.run("ask", "one")

    assert (done.code, done.out, "not saved" in done.err) == (0, "hi\n", False)
    (answer,) = shell.turns()[-1].answers
    assert (answer.state, answer.text) == (AnswerState.COMPLETE, "hi")


@pytest.mark.skipif(os.name != "posix", reason="there is no pty elsewhere")
@pytest.mark.parametrize(("total", "completed"), [(10**400, 10**400), (1, 10**12), (-1, 5)], ids=str_of)
def test_a_download_of_any_size_fits_its_bar(
    shell: Shell, server: OllamaServer, total: int, completed: int
) -> None:
    """A bar of a million million signs was asked of the memory."""
    layer = {"status": "pulling", "digest": "a", "total": total, "completed": completed}
    body = b"".join(json.dumps(step).encode() + b"\n" for step in (layer, {"status": "success"}))
    server.script = replace(server.script, fault=Fault.RAW, fault_paths=("/api/pull",), raw_body=body)

    main, side = os.openpty()
    done = subprocess.run(
        [*COMMAND, "pull", "a:1b"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=side,
        timeout=PATIENCE_S,
        env=shell.environ,
        cwd=shell.home,
        check=False,
    )
    os.close(side)
    told = os.read(main, 65536).decode()
    os.close(main)

    assert (done.returncode, done.stdout) == (0, b"a:1b is there\n")
    assert "Traceback" not in told
    assert all(line.count("━") <= 24 for line in told.split("\r"))


@pytest.mark.parametrize("arguments", [("ask", "hi"), ("models",), ("doctor",)])
def test_an_address_with_a_slash_in_its_password_is_refused_everywhere(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    """The half before the slash would be the host that is asked."""
    done = shell.run(*arguments, env={"OLLAMA_HOST": "http://me:hun/ter2@127.0.0.1:1"})

    assert done.code == 1
    assert "which host is meant" in done.out + done.err
    assert "%2F" in done.out + done.err
    assert "hun" not in done.out + done.err
    assert "ter2" not in done.out + done.err
    assert "Traceback" not in done.err


def test_the_demo_asked_for_another_model_says_what_helps(shell: Shell) -> None:
    """It can fetch none."""
    done = shell.run("--demo", "ask", "-m", "other", "hi")

    assert done.code == 1
    assert "The demo has one model only; leave -m away." in done.err

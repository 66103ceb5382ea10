"""``leadline ask`` when all is well: what it reads, what it sends, what it prints."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from core.messages import AnswerState
from tests.server import Loaded, Model, OllamaServer
from tests.shell.running import COMMAND, Shell


def sent(server: OllamaServer, number: int = -1) -> list[Mapping[str, str]]:
    """The messages of a chat request, without the system prompt."""
    messages = server.requests("/api/chat")[number].body["messages"]
    assert isinstance(messages, list)
    return messages[1:]


def test_stdout_is_the_answer_and_nothing_else(shell: Shell) -> None:
    """It goes into pipes, files and commit messages."""
    done = shell.run("ask", "how", "do I", "go back?")

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert done.err.startswith("leadline: qwen3.5:4b answers from now on")
    assert shell.run("ask", "and now?").err == ""
    assert shell.turns()[0].question == "and now?"


def test_a_warm_start_sends_the_question_before_anything_else(shell: Shell, server: OllamaServer) -> None:
    """Each look at the server first would be paid by every question."""
    shell.run("ask", "one")
    known = len(server.log)
    assert shell.run("ask", "two").code == 0
    paths = [record.path for record in server.log[known:]]

    assert paths[0] == "/api/chat"
    assert "/api/tags" in paths[1:]
    answered_at = server.requests("/api/chat")[-1].last_byte_at
    assert answered_at is not None
    assert server.requests("/api/tags")[-1].at >= answered_at


def test_stdin_alone_is_the_question(shell: Shell, server: OllamaServer) -> None:
    """`echo "how …" | leadline ask` is what people try first."""
    assert shell.run("ask", stdin=b"why is the sky blue?\n").code == 0
    assert [message["content"] for message in sent(server)] == ["why is the sky blue?"]


def test_stdin_and_files_go_along_before_the_question(
    shell: Shell, server: OllamaServer, tmp_path: Path
) -> None:
    """A model reads the text first, and then what is asked of it."""
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("y = 2\n")
    assert shell.run("ask", "-f", "a.py", "why?", "--file", "b.py", stdin=b"boom\n").code == 0

    content = sent(server)[0]["content"]
    assert content.index("x = 1") < content.index("y = 2") < content.index("boom") < content.index("why?")
    assert [file.name for file in shell.turns()[0].attachments] == ["a.py", "b.py", "stdin"]


def test_an_empty_stdin_is_no_attachment(shell: Shell, server: OllamaServer) -> None:
    """cron, CI and `ssh` give every command a stdin without anything in it."""
    assert shell.run("ask", "hi", stdin=b"").code == 0
    assert sent(server)[0]["content"] == "hi"


def test_model_and_system_prompt_are_for_this_question_only(shell: Shell, server: OllamaServer) -> None:
    """A flag is no setting: the next question is answered as ever."""
    server.script = replace(server.script, models=(*server.script.models, Model("gemma3:1b", size=10)))
    shell.run("ask", "hi", "-m", "gemma3:1b", "-s", "Answer in French.")
    shell.run("ask", "hi")
    first, second = server.requests("/api/chat")

    assert first.body["model"] == "gemma3:1b"
    assert first.body["messages"][0]["content"] == "Answer in French."  # type: ignore[index]  # JSON
    assert second.body["model"] == "qwen3.5:4b"
    assert "leadline" in second.body["messages"][0]["content"]  # type: ignore[index]  # JSON


def test_c_goes_on_with_the_last_conversation_of_this_directory(
    shell: Shell, server: OllamaServer, tmp_path: Path
) -> None:
    """Two projects in two terminals must not mix what they talk about."""
    (tmp_path / "elsewhere").mkdir()
    shell.run("ask", "one")
    shell.run("ask", "another project", cwd=tmp_path / "elsewhere")
    assert shell.run("ask", "-c", "two").code == 0

    assert [message["content"] for message in sent(server)] == ["one", "Use `git switch`.", "two"]
    assert len(shell.turns()) == 2


def test_c_without_a_conversation_begins_one_and_says_so(shell: Shell) -> None:
    """It is no reason to fail, and no reason to be silent either."""
    done = shell.run("ask", "-c", "hi")

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "no conversation here yet" in done.err


def test_x_prints_the_first_code_block_alone(shell: Shell, server: OllamaServer) -> None:
    """`leadline ask -x … | sh` must get code, whole, and not a word around it."""
    reply = "Do this:\n\n```sh\ngit add -A\ngit commit\n```\n\nor\n\n```sh\nrm -rf /\n```\n"
    server.script = replace(server.script, reply=reply)

    assert shell.run("ask", "-x", "commit").out == "git add -A\ngit commit\n"


@pytest.mark.parametrize(
    "reply",
    [
        "Sure! Here it is:\n\n```\nAdd a file\n```\n\nOr:\n\n```\nother\n```\nHave fun.",
        "1. This:\n\n   ```text\n   Add a file\n   ```\n2. no",
        "\nAdd a file\n\n",
    ],
    ids=["several", "indented", "no-block"],
)
def test_a_staged_diff_through_a_pipe_gives_the_block_and_nothing_else(
    shell: Shell, server: OllamaServer, reply: str
) -> None:
    """`git diff --staged | leadline ask -x "commit message" | git commit -F -` is what people write."""
    server.script = replace(server.script, reply=reply)
    (shell.home / "a.txt").write_text("hello\n")
    line = 'git init -q && git add a.txt && git diff --staged | $leadline ask -x "commit message" | cat'
    done = shell.sh(line)

    assert (done.out, done.code) == ("Add a file\n", 0)
    assert "+hello" in shell.turns()[0].attachments[0].text


def test_x_does_not_print_half_a_code_block(shell: Shell, server: OllamaServer) -> None:
    """Half a command can be a worse one: `rm -rf /tmp/x` begins with `rm -rf /`."""
    server.script = replace(server.script, reply="```sh\nrm -rf /tmp/x" + " y" * 9000)
    done = shell.run("ask", "-x", "tidy up", env={"LEADLINE_FAST__NUM_CTX": "2048"})

    assert (done.code, done.out) == (1, "")
    assert "the code block is not whole" in done.err


def test_x_does_not_print_an_answer_that_was_cut(shell: Shell, server: OllamaServer) -> None:
    """Its code may have been still to come."""
    server.script = replace(server.script, reply="word " * 9000)
    done = shell.run("ask", "-x", "tidy up", env={"LEADLINE_FAST__NUM_CTX": "2048"})

    assert (done.code, done.out) == (1, "")
    assert "the answer is not whole" in done.err


def test_an_answer_that_fills_the_window_says_that_it_was_cut(shell: Shell, server: OllamaServer) -> None:
    """A text that just stops looks like a model that has nothing more to say."""
    server.script = replace(server.script, reply="word " * 9000)
    done = shell.run("ask", "tell me all", env={"LEADLINE_FAST__NUM_CTX": "2048"})

    assert done.code == 0
    assert "the answer was cut: the window is full" in done.err


def test_a_conversation_that_is_too_long_fails_with_its_sizes_and_fit_drops(
    shell: Shell, server: OllamaServer
) -> None:
    """Nothing is cut in silence, and nobody is left without a way on."""
    small = {"LEADLINE_FAST__NUM_CTX": "2048"}
    server.script = replace(server.script, reply="word " * 800)
    shell.run("ask", "one", env=small)
    asked = len(server.requests("/api/chat"))
    full = shell.run("ask", "-c", "x" * 3000, env=small)
    assert (full.code, full.out) == (1, "")
    assert "2,048" in full.err
    assert "ask --fit" in full.err
    assert len(server.requests("/api/chat")) == asked

    fitted = shell.run("ask", "-c", "--fit", "x" * 3000, env=small)
    assert fitted.code == 0
    assert "the oldest turn is no longer sent" in fitted.err
    assert len(sent(server)) == 1


def test_no_cache_is_taken(shell: Shell) -> None:
    """Scripts that say it today must not break when there is a cache."""
    assert shell.run("ask", "--no-cache", "hi").code == 0


def test_text_is_not_held_back(shell: Shell, server: OllamaServer) -> None:
    """What is streamed must be read as it comes, in a pipe too."""
    shell.run("ask", "warm up")
    server.script = replace(server.script, reply=[f"{n:03} " for n in range(40)], tokens_per_s=40.0)
    process = shell.start("ask", "hi")
    assert process.stdout is not None
    arrived: list[tuple[float, int]] = []
    size = 0
    while data := os.read(process.stdout.fileno(), 65536):
        size += len(data)
        arrived.append((time.monotonic(), size))
    process.communicate()
    begun = server.requests("/api/chat")[-1].first_token_at
    assert begun is not None

    late = sorted(at - (begun + (size // 4 - 1) / 40.0) for at, size in arrived[:-1])
    assert len(arrived) > 20
    assert late[len(late) // 2] < 0.1  # 33 ms is the promise; the rest is for a busy machine


def test_control_characters_of_the_model_never_reach_the_terminal(shell: Shell, server: OllamaServer) -> None:
    """An answer that quotes a hostile file must not write the clipboard or clear the screen."""
    pieces = ["a\x1b", "]52;c;AAAA\x07", "b\x9b2J", "\u202ec", "\r", "d\x00\n"]
    server.script = replace(server.script, reply=pieces, thinking="\x1b[2J")
    for form in ((), ("--json",)):
        done = shell.run("ask", "hi", *form)
        assert done.code == 0
        assert not set(done.out) & set("\x1b\x07\x9b\u202e\r\x00")


@pytest.mark.parametrize(
    ("env", "form"),
    [
        ({"LANG": "C", "LC_ALL": "C"}, ()),
        ({"PYTHONIOENCODING": "ascii"}, ("--json",)),
        ({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ()),
        ({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ("--json",)),
    ],
)
def test_a_terminal_without_unicode_gets_what_it_can_show(
    shell: Shell, server: OllamaServer, env: dict[str, str], form: tuple[str, ...]
) -> None:
    """An emoji in the last word must not turn an answer into a traceback."""
    server.script = replace(server.script, reply="done 🎉 – größer")
    done = shell.run("ask", "hi", *form, env=env)

    assert done.code == 0
    assert "Traceback" not in done.err
    if form:
        said = "".join(event["text"] for event in done.events() if event["event"] == "text")
        assert said == "done 🎉 – größer"
    else:
        assert done.out.startswith("done ")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1", "TERM": "xterm-256color"}, {"FORCE_COLOR": "1"}])
def test_no_escape_byte_is_written_in_a_pipe(shell: Shell, server: OllamaServer, env: dict[str, str]) -> None:
    """Logs and editors show them as rubbish."""
    server.script = replace(server.script, ttft_s=1.2)
    done = shell.run("ask", "hi", env=env)

    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.err


def test_a_session_never_makes_the_model_load_again(shell: Shell, server: OllamaServer) -> None:
    """A reload costs seconds, for us and for everyone else who uses the model."""
    server.load(Loaded("qwen3.5:4b", 16_384))
    for arguments in (("one",), ("-c", "two"), ("-s", "Be brief.", "three"), ("-c", "--fit", "four")):
        assert shell.run("ask", *arguments).code == 0

    assert server.reloads == 0
    windows = {record.body["options"]["num_ctx"] for record in server.requests("/api/chat")}  # type: ignore[index]
    assert windows == {16_384}


def test_two_processes_that_take_turns_do_not_fight_for_the_window(
    shell: Shell, server: OllamaServer
) -> None:
    """Screen and shell side by side is how leadline is used."""
    server.unload("qwen3.5:4b")
    server.script = replace(server.script, reply="word " * 30, tokens_per_s=60.0, slots=2)
    both = [shell.start("ask", f"question {number}") for number in range(2)]
    for process in both:
        process.communicate(timeout=100)
    for number in range(2):
        assert shell.run("ask", "-c", f"again {number}").code == 0

    assert (server.loads, server.reloads) == (1, 0)
    assert {turn.answers[0].state for turn in shell.turns()} == {AnswerState.COMPLETE}


def test_a_terminal_sees_why_it_waits_and_the_line_is_wiped(shell: Shell, server: OllamaServer) -> None:
    """Past a second of silence people wonder; what told them so must not stay in the answer's way."""
    server.unload("qwen3.5:4b")
    server.script = replace(server.script, load_s=1.5)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "ask", "hi"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=shell.environ | {"NO_COLOR": "1"},
        cwd=shell.home,
    )
    os.close(theirs)
    assert process.stdout is not None
    out = process.stdout.read()
    process.wait(20)
    seen = b""
    with suppress(OSError):  # how a terminal says that its last program has left
        while data := os.read(ours, 65536):
            seen += data
    os.close(ours)

    shown = seen.decode()
    assert "loading the model …" in shown
    assert shown.endswith("\r" + " " * len("loading the model …") + "\r")
    assert "\x1b" not in shown
    assert out == b"Use `git switch`.\n"


def test_a_bug_of_ours_is_told_in_words_and_keeps_what_came(shell: Shell) -> None:
    """A traceback is for whoever mends it; the person needs to know that nothing of theirs is lost."""
    code = (
        "import sys, tui.cli, core.sanitise\n"
        "def broken(self, delta):\n"
        "    if 'switch' in delta: raise KeyError('a bug')\n"
        "    return delta\n"
        "core.sanitise.Cleaner.feed = broken\n"
        "sys.exit(tui.cli.run(['ask', 'hi', *sys.argv[1:]]))\n"
    )
    for form in ((), ("--json",)):
        done = subprocess.run(
            [sys.executable, "-c", code, *form],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=shell.environ,
            cwd=shell.home,
            timeout=100,
            check=False,
        )
        err = done.stderr.decode()
        assert done.returncode == 1
        assert "leadline: leadline itself failed: KeyError: 'a bug'" in err
        assert "Please report it" in err
        assert err.count("Traceback") == 1
        if form:
            last = json.loads(done.stdout.decode().splitlines()[-1])
            assert (last["event"], last["kind"], last["is_partial"]) == ("failed", "bug", True)
        else:
            assert done.stdout == b"Use `git\n"
        answer = shell.turns()[0].current
        assert answer is not None
        assert (answer.state, answer.text, answer.reason) == (AnswerState.PARTIAL, "Use `git", "bug")

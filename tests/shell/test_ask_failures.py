"""``leadline ask`` when something is wrong: a sentence, a remedy, a code, and what came is kept."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from fcntl import ioctl
from pathlib import Path
from termios import FIONREAD

import pytest

from core.messages import AnswerState
from core.store.database import Database
from tests.server import Fault, Model, OllamaServer, Script
from tests.shell.running import Done, Shell

SAVED = "SELECT 1 FROM answer WHERE text <> ''"
SLOW = Script(reply=[f"word{n} " for n in range(200)], tokens_per_s=20.0)


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that never answers a handshake, once its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        try:
            yield address[1]
        finally:
            for each in waiting:
                each.close()


def assert_told(done: Done) -> None:
    """A sentence and a remedy, and never our own insides."""
    assert "Traceback" not in done.err
    first, remedy = done.err.rstrip().split("\n")[-2:]
    assert first.startswith("leadline: ")
    assert remedy


def seconds_of_help(shell: Shell) -> float:
    """What a command takes that asks nobody, on this machine in this moment."""
    began = time.monotonic()
    assert shell.run("help").code == 0
    return time.monotonic() - began


def test_nobody_at_the_address_is_said_within_three_seconds(shell: Shell) -> None:
    """The most usual failure of all: Ollama does not run."""
    usual_s = seconds_of_help(shell)
    began = time.monotonic()
    done = replace(shell, url=f"http://127.0.0.1:{closed_port()}").run("ask", "hi")

    assert time.monotonic() - began < 3.0 + 10 * usual_s
    assert (done.code, done.out) == (1, "")
    assert "Ollama is not running at" in done.err
    assert "ollama serve" in done.err
    assert_told(done)
    assert shell.turns()[0].question == "hi"


@pytest.mark.parametrize("is_warm", [False, True], ids=["first start", "warm"])
def test_an_address_that_swallows_everything_is_said_within_three_seconds(
    shell: Shell, server: OllamaServer, is_warm: bool
) -> None:
    """A machine that is switched off answers nothing at all; nobody waits for its time-out."""
    with black_hole() as port:
        dark = replace(shell, url=f"http://127.0.0.1:{port}")
        if is_warm:
            server.close()
            server.port = 0
            with OllamaServer(server.script) as lit:
                replace(shell, url=lit.url).run("ask", "hi")
        usual_s = seconds_of_help(shell)
        began = time.monotonic()
        done = dark.run("ask", "hi")

    assert 0.9 < time.monotonic() - began < 3.0 + 10 * usual_s
    assert (done.code, done.out) == (1, "")
    assert_told(done)


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_LINE, Fault.NO_END, Fault.CUT_LINE, Fault.RESET], ids=lambda fault: str(fault)
)
def test_an_answer_that_breaks_off_is_printed_as_far_as_it_came(
    shell: Shell, server: OllamaServer, fault: Fault
) -> None:
    """Half an answer with exit code 0 would be taken for a whole one by every script."""
    server.script = replace(server.script, fault=fault)
    done = shell.run("ask", "hi")

    assert (done.code, done.out) == (1, "Use `git\n")
    assert_told(done)
    answer = shell.turns()[0].current
    assert answer is not None
    assert (answer.state, answer.text) == (AnswerState.PARTIAL, "Use `git")


def test_where_nothing_came_nothing_is_said_to_be_kept(shell: Shell, server: OllamaServer) -> None:
    """A remedy that speaks of a text makes people look for it."""
    server.script = replace(server.script, fault=Fault.HANG_UP)
    done = shell.run("ask", "hi")

    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("leadline: the connection broke\nAsk again.\n")


def test_a_broken_answer_prints_no_code(shell: Shell, server: OllamaServer) -> None:
    """`-x` feeds shells; the second half of the command may be what makes it harmless."""
    server.script = replace(server.script, reply=["```sh\nls\n```\n", "a", "b"], fault=Fault.NO_END)
    done = shell.run("ask", "-x", "hi")

    assert (done.code, done.out) == (1, "")
    assert "the answer so far:\n```sh\nls" in done.err


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.BUSY, "queue is full"),
        (Fault.LOAD_FAILED, "could not be loaded"),
        (Fault.CONTEXT_TOO_LONG, "the window holds"),
        (Fault.FORBIDDEN_HOST, "refuses"),
        (Fault.OLD_SERVER, "does not know"),
        (Fault.PROXY_200, "else than Ollama"),
        (Fault.HANG_UP, "connection broke"),
        (Fault.GARBAGE, "not Ollama's protocol"),
    ],
    ids=lambda value: str(value) if isinstance(value, Fault) else "",
)
def test_every_refusal_is_a_sentence_with_a_remedy(
    shell: Shell, server: OllamaServer, fault: Fault, words: str
) -> None:
    """Whatever the server does, the person learns what it was and what to do."""
    server.script = replace(server.script, fault=fault, fault_after=0)
    done = shell.run("ask", "hi")

    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert_told(done)


def test_a_model_that_is_gone_is_chosen_again_and_the_question_answered(
    shell: Shell, server: OllamaServer
) -> None:
    """After an `ollama rm` the next question should just work, and say what changed."""
    shell.run("ask", "one")
    server.script = replace(server.script, models=(Model("llama3.2:3b"),), loaded=())
    done = shell.run("ask", "two")

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "qwen3.5:4b is not there any more; llama3.2:3b answers from now on" in done.err


def test_a_model_that_is_listed_and_not_found_is_not_said_to_be_replaced_by_itself(
    shell: Shell, server: OllamaServer
) -> None:
    """That X is not there any more and X answers from now on helps nobody; how to fetch it does."""
    server.script = replace(server.script, fault=Fault.MODEL_MISSING)
    done = shell.run("ask", "hi")

    assert done.code == 1
    assert "not there any more" not in done.err
    assert done.err.count("answers from now on") == 1
    assert "leadline pull qwen3.5:4b" in done.err


def test_a_model_that_is_named_and_missing_is_not_replaced(shell: Shell, server: OllamaServer) -> None:
    """Who names a model gets that one or a sentence."""
    done = shell.run("ask", "-m", "llama9:1t", "hi")

    assert done.code == 1
    assert "llama9:1t is not installed" in done.err
    assert "leadline pull llama9:1t" in done.err
    assert server.requests("/api/chat") == ()


def test_cloud_models_alone_are_no_model(shell: Shell, server: OllamaServer) -> None:
    """Nothing leaves this machine because nothing else was there."""
    cloud = Model("big:cloud", remote_host="https://ollama.example:443", remote_model="big")
    server.script = replace(server.script, models=(cloud,), loaded=())
    done = shell.run("ask", "hi")

    assert done.code == 1
    assert "no local model is installed yet" in done.err
    assert "big:cloud runs REMOTE" in done.err
    assert server.requests("/api/chat") == ()


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("ask",), b"", "there is no question"),
        (("ask", "  "), None, "there is no question"),
        (("ask", "--frobnicate", "hi"), None, "--frobnicate"),
        (("ask", "--no", "hi"), None, "--no"),
        (("ask", "-f"), None, "-f"),
        (("ask", "--deep=deepest", "hi"), None, "invalid choice"),
        (("ask", "--deep", "  "), None, "there is no question"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_a_sentence(
    shell: Shell, server: OllamaServer, arguments: tuple[str, ...], stdin: bytes | None, words: str
) -> None:
    """A script must be able to tell its own mistake from a server's."""
    done = shell.run(*arguments, stdin=stdin)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert_told(done)
    assert server.log == ()


def test_words_behind_two_dashes_are_the_question(shell: Shell, server: OllamaServer) -> None:
    """To ask about `--deep` one must be able to write it."""
    assert shell.run("ask", "--", "--deep", "-x", "what?").code == 0
    assert shell.turns()[0].question == "--deep -x what?"


@pytest.mark.parametrize(
    ("stdin", "words"),
    [(b"\x7fELF\x00\x01\x02" * 1000, "stdin is binary"), (b"x" * (3 * 1024 * 1024), "stdin is over 2 MiB")],
    ids=["binary", "huge"],
)
def test_a_stdin_that_is_no_text_or_too_much_is_refused(shell: Shell, stdin: bytes, words: str) -> None:
    """`cat a.out | leadline ask` must not fill a model with noise."""
    done = shell.run("ask", "what is this?", stdin=stdin)

    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert_told(done)


def test_a_stdin_without_end_is_not_read_for_ever(shell: Shell) -> None:
    """`yes | leadline ask …` must end, and not eat the machine's memory before it does."""
    done = shell.sh("yes | $leadline ask 'what is this?'")

    assert done.code == 1
    assert "stdin is over 2 MiB" in done.err


def test_a_file_that_is_not_there_is_said(shell: Shell) -> None:
    """A typo in a file's name is the usual mistake with -f."""
    done = shell.run("ask", "-f", "nope.py", "hi")

    assert done.code == 1
    assert "nope.py: there is no such file" in done.err
    assert_told(done)


def test_a_setting_that_cannot_be_used_is_said(shell: Shell) -> None:
    """Nothing is guessed in the place of what was set."""
    done = shell.run("ask", "hi", env={"LEADLINE_FAST__NUM_CTX": "lots"})

    assert done.code == 1
    assert "LEADLINE_FAST__NUM_CTX" in done.err
    assert_told(done)


def test_a_database_that_cannot_be_used_is_said_and_the_answer_comes(shell: Shell, tmp_path: Path) -> None:
    """A damaged file is no reason to withhold an answer, and none to be silent."""
    (tmp_path / "leadline.db").write_bytes(b"this is no database at all" * 100)
    done = shell.run("ask", "hi")

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "nothing will be saved" in done.err


def first_bytes(process: "subprocess.Popen[bytes]") -> bytes:
    """What comes first on stdout."""
    assert process.stdout is not None
    return os.read(process.stdout.fileno(), 65536)


def until(is_so: Callable[[], object]) -> None:
    """Wait for what another process does, which tells nobody."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # another process: nothing here could wake us


def keeps_something(shell: Shell) -> bool:
    """Whether some of the answer that is being made is in the store."""
    with closing(Database.open(shell.home / "leadline.db", lambda: 2e9)) as store:
        return bool(store.read(lambda connection: connection.execute(SAVED).fetchone()))


@pytest.mark.parametrize("form", [(), ("--json",), ("-x",)], ids=["text", "json", "extract"])
def test_ctrl_c_stops_at_once_and_keeps_what_came(
    shell: Shell, server: OllamaServer, form: tuple[str, ...]
) -> None:
    """Who has read enough wants the prompt back, and what they read to be there tomorrow."""
    server.script = replace(SLOW, loaded=server.script.loaded)
    process = shell.start("ask", "hi", *form)
    begun = b"" if form == ("-x",) else first_bytes(process)
    server.wait_for(lambda record: record.first_token_at is not None)
    until(lambda: keeps_something(shell))
    interrupted_at = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    gone = server.wait_for(lambda record: record.client_gone_at is not None)

    assert process.returncode == 130
    assert gone.client_gone_at is not None
    assert gone.client_gone_at - interrupted_at < 5.0, "the answer would have taken ten seconds"
    assert b"Traceback" not in err
    (turn,) = shell.turns()
    assert turn.current is not None
    assert turn.current.state is AnswerState.CANCELLED
    stdout = (begun + out).decode()
    if form == ():
        assert stdout == turn.current.text + "\n"
    elif form == ("--json",):
        assert Done(130, stdout, "").events()[-1] == {"event": "cancelled", "is_partial": True}
    else:
        assert stdout == ""
        assert "the answer so far:\nword0 " in err.decode()


def test_ctrl_c_before_the_first_word_leaves_the_question(shell: Shell, server: OllamaServer) -> None:
    """A model that loads for a minute is when people give up; their question must not be gone."""
    server.script = replace(server.script, ttft_s=30.0)
    process = shell.start("ask", "hi", "--json")
    server.wait_for(lambda record: record.path == "/api/chat")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=100)

    assert process.returncode == 130
    assert Done(130, out.decode(), "").events()[-1] == {"event": "cancelled", "is_partial": False}
    (turn,) = shell.turns()
    assert (turn.question, turn.answers[0].state) == ("hi", AnswerState.CANCELLED)


def test_ctrl_c_while_stdin_is_read_is_quiet(shell: Shell) -> None:
    """Nothing was asked yet; there is nothing to say."""
    process = shell.start("ask", "hi", "--json", stdin=subprocess.PIPE)
    assert process.stdin is not None
    pipe = process.stdin.fileno()
    os.write(pipe, b"so far")
    until(lambda: ioctl(pipe, FIONREAD, b"\0\0\0\0") == b"\0\0\0\0")  # it reads: nothing is left in the pipe
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)

    assert process.returncode == 130
    assert Done(130, out.decode(), "").events() == [{"event": "cancelled", "is_partial": False}]
    assert err == b""


def test_a_reader_that_goes_away_is_no_error(shell: Shell, server: OllamaServer) -> None:
    """`leadline ask … | head -1` is everyday, and the server must not go on for nobody."""
    server.script = replace(SLOW, reply=[f"line {n}\n" for n in range(200)], loaded=server.script.loaded)
    done = shell.sh("$leadline ask hi | head -1; echo ${PIPESTATUS[0]}")

    assert done.out == "line 0\n0\n"
    assert "Traceback" not in done.err
    assert "Broken" not in done.err
    server.wait_for(lambda record: record.client_gone_at is not None)


def test_the_answer_to_nobody_is_no_error_either(shell: Shell) -> None:
    """A quick answer is over before its reader's going is seen; the last flush must not complain."""
    done = shell.sh("$leadline ask hi | true; echo ${PIPESTATUS[0]}")

    assert done.out == "0\n"
    assert "Traceback" not in done.err
    assert "Broken" not in done.err


@pytest.mark.parametrize("closed", [">&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_does_not_trace_back(shell: Shell, closed: str) -> None:
    """Daemons and odd launchers start programs so."""
    done = shell.sh(f"$leadline ask hi {closed}; echo code $?")

    assert done.out.endswith("code 0\n")
    assert "Traceback" not in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where the system has /dev/full")
def test_a_full_disk_under_stdout_is_said(shell: Shell) -> None:
    """`leadline ask … > notes.md` on a full disk must not end in a traceback, nor in silence."""
    done = shell.sh("$leadline ask hi > /dev/full; echo code $?")

    assert done.out == "code 1\n"
    assert "stdout cannot be written: no space left on device" in done.err
    assert "Traceback" not in done.err

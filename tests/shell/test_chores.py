"""``leadline models`` and ``pull``: what is there, what answers, and fetching more."""

import signal
from dataclasses import replace

import pytest

from tests.server import Fault, Model, OllamaServer, Pull
from tests.shell.running import Shell

CLOUD = Model("big:cloud", size=384, remote_host="https://ollama.example:443", remote_model="big")
SMALL = Model("gemma3:1b", size=815_000_000, parameter_size="999.89M", family="gemma3")


def test_models_are_listed_with_size_place_and_what_is_loaded(shell: Shell, server: OllamaServer) -> None:
    """Which are here, which leave this machine, and which answers at once."""
    server.script = replace(server.script, models=(*server.script.models, SMALL, CLOUD))
    done = shell.run("models")

    assert done.code == 0
    qwen, gemma, cloud = done.out.splitlines()
    assert qwen == "  qwen3.5:4b    3.4 GB  4.7B  local  loaded, window 8,192"
    assert gemma == "  gemma3:1b     815 MB  1B  local"
    assert cloud.split() == ["big:cloud", "4.7B", "REMOTE", "ollama.example"]
    assert "none is chosen yet" in done.err
    assert server.loads == 0


def test_the_model_in_use_is_marked(shell: Shell, server: OllamaServer) -> None:
    """It is what the next question goes to."""
    server.script = replace(server.script, models=(SMALL, *server.script.models))
    shell.run("ask", "hi")
    done = shell.run("models")

    assert [line[0] for line in done.out.splitlines()] == [" ", "*"]
    assert done.err == ""


def test_use_chooses_a_model_for_every_later_question(shell: Shell, server: OllamaServer) -> None:
    """The person's choice is above ours, and is never replaced."""
    server.script = replace(server.script, models=(*server.script.models, SMALL))
    done = shell.run("models", "--use", "gemma3:1b")
    assert done.out == "gemma3:1b answers from now on (local)\n"
    shell.run("ask", "hi")
    assert server.requests("/api/chat")[-1].body["model"] == "gemma3:1b"

    server.script = replace(server.script, models=server.script.models[:1])
    gone = shell.run("ask", "--no-cache", "hi")
    assert gone.code == 1
    assert "gemma3:1b is not installed" in gone.err


def test_use_says_when_a_model_runs_elsewhere(shell: Shell, server: OllamaServer) -> None:
    """It is the moment at which the person decides what leaves."""
    server.script = replace(server.script, models=(*server.script.models, CLOUD))

    assert shell.run("models", "--use", "big:cloud").out == (
        "big:cloud answers from now on (REMOTE ollama.example)\n"
    )


def test_use_of_what_is_not_there_is_refused(shell: Shell) -> None:
    """A pinned typo would make every later question fail."""
    done = shell.run("models", "--use", "gema3")

    assert (done.code, done.out) == (1, "")
    assert "gema3 is not installed" in done.err
    assert shell.run("ask", "hi").code == 0


def test_use_does_not_promise_what_a_setting_overrules(shell: Shell) -> None:
    """`answers from now on` would be a lie."""
    done = shell.run("models", "--use", "qwen3.5:4b", env={"LEADLINE_FAST__MODEL": "gemma3:1b"})

    assert (done.code, done.out) == (1, "")
    assert "LEADLINE_FAST__MODEL" in done.err


def test_no_model_at_all_says_what_to_fetch(shell: Shell, server: OllamaServer) -> None:
    """The state after a fresh install of Ollama."""
    server.script = replace(server.script, models=(), loaded=())
    done = shell.run("models")

    assert (done.code, done.out) == (1, "")
    assert "no local model is installed yet" in done.err
    assert "leadline pull" in done.err


@pytest.mark.parametrize("arguments", [("models",), ("models", "--use", "x"), ("pull", "x")])
def test_without_a_server_each_says_so(shell: Shell, arguments: tuple[str, ...]) -> None:
    """The same sentence everywhere, and never a traceback."""
    done = shell.run(*arguments, env={"OLLAMA_HOST": "127.0.0.1:1"})

    assert (done.code, done.out) == (1, "")
    assert "leadline: Ollama" in done.err
    assert "ollama serve" in done.err
    assert "Traceback" not in done.err


def test_a_pull_tells_its_steps_in_plain_lines(shell: Shell, server: OllamaServer) -> None:
    """In a pipe or a log, a bar that moves is a page of rubbish."""
    server.script = replace(server.script, pull=Pull(seconds=0.3))
    done = shell.run("pull", "llama3.2:3b")

    assert (done.code, done.out) == (0, "llama3.2:3b is there\n")
    lines = done.err.splitlines()
    assert lines[0] == "pulling manifest"
    assert lines[-1] == "success"
    assert len(lines) == len(set(lines))
    assert not set(done.err) & set("\x1b\r")
    assert "llama3.2:3b" in shell.run("models").out


def test_a_stopped_pull_says_how_to_go_on_and_goes_on(shell: Shell, server: OllamaServer) -> None:
    """Two gigabytes on a train: what is there must stay there."""
    server.script = replace(server.script, pull=Pull(seconds=4.0))
    process = shell.start("pull", "llama3.2:3b")
    assert process.stderr is not None
    while b"pulling" not in process.stderr.readline():
        pass
    process.stderr.readline()  # the first layer: some of it has come
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (130, b"")
    assert "`leadline pull llama3.2:3b` goes on" in err.decode()
    assert b"Traceback" not in err
    server.wait_for(lambda record: record.path == "/api/pull" and record.client_gone_at is not None)

    server.script = replace(server.script, pull=Pull(seconds=0.2))
    assert shell.run("pull", "llama3.2:3b").code == 0


def test_a_model_that_does_not_exist_is_said(shell: Shell, server: OllamaServer) -> None:
    """The most usual mistake: a name that is nearly right."""
    server.script = replace(server.script, pull=Pull(error="pull model manifest: file does not exist\x1b[2J"))
    done = shell.run("pull", "lama3")

    assert (done.code, done.out) == (1, "")
    assert "there is no model lama3 to fetch" in done.err
    assert "ollama.com/library" in done.err
    assert "\x1b" not in done.err


def test_a_pull_that_breaks_off_says_that_it_can_go_on(shell: Shell, server: OllamaServer) -> None:
    """`is there` must be said only of what is whole."""
    server.script = replace(
        server.script, pull=Pull(seconds=0.5), fault=Fault.NO_END, fault_paths=("/api/pull",)
    )
    done = shell.run("pull", "llama3.2:3b")

    assert (done.code, done.out) == (1, "")
    assert "goes on where it stopped" in done.err

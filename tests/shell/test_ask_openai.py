"""``leadline`` with an OpenAI-compatible server, from the shell: ask, models, pull, a stop, a dead server."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from core.messages import AnswerState
from tests.server import Fault, Model, OllamaServer, Script
from tests.shell.running import Done, Shell

CHAT = "/v1/chat/completions"


@pytest.fixture
def shell(tmp_path: Path, server: OllamaServer) -> Shell:
    """A shell whose leadline is set to the protocol; Ollama's address leads nowhere."""
    config = f'[fast]\nprovider = "openai"\nbase_url = "{server.url}/v1"\n'
    (tmp_path / "config.toml").write_text(config, "utf-8")
    return Shell(tmp_path, "http://127.0.0.1:9")


def test_an_answer_comes_on_stdout_and_the_choice_is_said(shell: Shell, server: OllamaServer) -> None:
    """The same command as for Ollama."""
    done = shell.run("ask", "how?")
    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "the only model that is served there" in done.err
    assert len(server.requests(CHAT)) == 1
    assert not server.requests("/api/chat")


def test_json_says_provider_place_and_counts(shell: Shell, server: OllamaServer) -> None:
    """Scripts see the same events."""
    server.script = replace(server.script, thinking="Hm. ")
    events = shell.run("ask", "--json", "how?").events()
    routed = next(event for event in events if event["event"] == "routed")
    usage = next(event for event in events if event["event"] == "usage")
    assert (routed["provider"], routed["place"]) == ("openai", "local")
    assert usage["output_tokens"] == 4 + 2  # thoughts are paid for as well
    assert usage["cached_tokens"] > 0
    assert "".join(event["text"] for event in events if event["event"] == "thinking") == "Hm. "
    assert events[-1]["event"] == "finished"


def assert_told(done: Done, *words: str) -> None:
    """A sentence and a remedy for this server, and no insides."""
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "ollama" not in done.err.lower()
    for word in words:
        assert word in done.err


def test_failures_are_told_in_words_that_fit(shell: Shell, server: OllamaServer) -> None:
    """Nobody there, a refused key, a wrong name, half an answer: each with its remedy."""
    assert_told(shell.run("ask", "-m", "other:1b", "hi"), "other:1b is not served", "leadline models")
    assert_told(shell.run("pull", "other:1b"), "cannot fetch models")
    server.script = replace(server.script, fault=Fault.SIGN_IN)
    assert_told(shell.run("ask", "hi"), "API key", "LEADLINE_FAST__API_KEY")
    server.script = replace(server.script, fault=Fault.NO_END)
    done = shell.run("ask", "hi")
    assert_told(done, "stopped before it was finished")
    assert done.out.startswith("Use `git")
    assert shell.turns()[0].current is not None
    server.close()
    assert_told(shell.run("ask", "hi"), "is not running at", "llama-server")


def test_models_lists_what_is_served_and_use_chooses(shell: Shell, server: OllamaServer) -> None:
    """One list for every provider."""
    server.script = replace(server.script, models=(Model("a:1b"), Model("b:1b")))
    assert shell.run("models").out.splitlines() == ["  a:1b            local", "  b:1b            local"]
    assert shell.run("models", "--use", "b:1b").code == 0
    assert shell.run("models").out.splitlines()[1].startswith("* b:1b")
    shell.run("ask", "hi")
    assert server.requests(CHAT)[-1].body["model"] == "b:1b"
    states = {finding["check"]: finding["state"] for finding in json.loads(shell.run("doctor", "--json").out)}
    assert states["openai"] == "ok"


def test_interrupting_closes_the_request_and_keeps_the_text(shell: Shell, server: OllamaServer) -> None:
    """What nobody reads is not computed any more."""
    server.script = Script(reply=[f"word{n} " for n in range(200)], tokens_per_s=20.0)
    process = shell.start("ask", "hi")
    assert process.stdout is not None
    assert process.stdout.read(5) == b"word0"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    process.communicate()
    server.wait_for(lambda record: record.path == CHAT and record.client_gone_at is not None)
    (turn,) = shell.turns()
    assert turn.answers[-1].state is AnswerState.CANCELLED


def test_a_provider_without_an_address_is_refused_in_words(tmp_path: Path) -> None:
    """Before anything is asked."""
    (tmp_path / "config.toml").write_text('[fast]\nprovider = "openai"\n', "utf-8")
    done = Shell(tmp_path, "http://127.0.0.1:9").run("ask", "hi")
    assert_told(done, "fast.base_url does not say where", "http://127.0.0.1:8080/v1")

"""``leadline ask --deep`` as a process of its own: over each protocol, in pipes, offline, and stopped."""

import signal
import socket
from dataclasses import replace

import pytest

from core.context.project import find_project
from core.messages import AnswerState, Route
from core.store.database import Database
from core.store.deep_journal import DeepJournal, StoredDeepRun
from tests.server import Model, OllamaServer
from tests.shell.conftest import MODEL
from tests.shell.running import Shell

TOKEN = "gh" + "p_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def place(provider: str, url: str, **more: str) -> dict[str, str]:
    """The settings of a deep place."""
    own = {"provider": provider, "model": MODEL, "base_url": url} | more
    return {f"LEADLINE_DEEP__{name.upper()}": value for name, value in own.items()}


@pytest.fixture
def thinking(server: OllamaServer) -> OllamaServer:
    """A server whose model thinks first."""
    server.script = replace(server.script, thinking="hm hm", reply="Because:\n\n```sh\nls\n```\n")
    return server


def test_without_a_remote_model_it_is_thought_through_here(shell: Shell, thinking: OllamaServer) -> None:
    """Stdout is the answer's; that it did not leave this machine is said, and what leaves is not."""
    done = shell.run("ask", "--deep", "why?")

    assert (done.code, done.out) == (0, "Because:\n\n```sh\nls\n```\n")
    assert "no remote model is set" in done.err
    assert "sends" not in done.err
    assert thinking.requests("/api/chat")[-1].body["think"] not in (False, None)
    (turn,) = shell.turns()
    assert [(each.route, each.state) for each in turn.answers] == [(Route.DEEP_LOCAL, AnswerState.COMPLETE)]
    assert turn.current == turn.answers[0]


@pytest.mark.parametrize(
    ("provider", "path", "asked"),
    [
        ("anthropic", "", "/v1/messages"),
        ("openai", "/v1", "/v1/chat/completions"),
        ("ollama", "", "/api/chat"),
    ],
)
def test_it_speaks_each_protocol_and_tells_it_in_events(
    shell: Shell, thinking: OllamaServer, provider: str, path: str, asked: str
) -> None:
    """One stream of events, whoever answers; files, stdin and a system prompt go along."""
    (shell.home / "a.py").write_text("a = 1\n")
    arguments = ("ask", "--deep=deep", "--json", "-f", "a.py", "-s", "Speak like a sailor.", "why?")
    done = shell.run(*arguments, stdin=b"piped", env=place(provider, thinking.url + path))
    events = done.events()
    names = [event["event"] for event in events]

    assert done.code == 0, done.err
    assert names[0] == "routed"
    assert names[-2:] == ["usage", "finished"]
    stages = [(event["id"], event["state"]) for event in events if event["event"] == "stage"]
    assert stages == [
        (name, state) for name in ("context", "write", "check") for state in ("started", "finished")
    ]
    assert "".join(event["text"] for event in events if event["event"] == "thinking").split() == ["hm", "hm"]
    assert "".join(event["text"] for event in events if event["event"] == "text").startswith("Because:")
    body = str(thinking.requests(asked)[-1].body)
    assert all(part in body for part in ("a = 1", "piped", "Speak like a sailor.", "why?"))


def test_x_prints_the_code_alone_and_c_goes_on(shell: Shell, thinking: OllamaServer) -> None:
    """In the same conversation, and what was said before goes along."""
    assert shell.run("ask", "first question").code == 0
    done = shell.run("ask", "--deep", "-c", "-x", "and second?", env=place("anthropic", thinking.url))

    assert (done.code, done.out) == (0, "ls\n")
    assert "first question" in str(thinking.requests("/v1/messages")[-1].body)
    first, second = shell.turns()
    assert second.conversation == first.conversation


def test_a_deep_answer_that_is_there_is_served_and_a_quick_or_a_shallower_one_is_not(
    shell: Shell, thinking: OllamaServer
) -> None:
    """What was thought through once is not paid for twice, unless the person asks for it."""
    env = place("anthropic", thinking.url)
    assert shell.run("ask", "why?").code == 0

    def calls(*arguments: str, **more: str) -> int:
        before = len(thinking.requests("/v1/messages"))
        done = shell.run("ask", *arguments, "why?", env=env | more)
        assert (done.code, done.out) == (0, "Because:\n\n```sh\nls\n```\n"), done.err
        return len(thinking.requests("/v1/messages")) - before

    assert calls("--deep") == 1, "a quick answer is none"
    assert calls("--deep") == 0
    assert calls("--deep=deeper") > 0, "one call is less than parts"
    assert calls("--deep", "--no-cache") == 1
    assert calls("--deep", LEADLINE_CACHE__ASK="false") == 1
    thinking.script = replace(thinking.script, models=(Model(MODEL), Model("qwen3.5:9b")))
    assert calls("--deep", "-m", "qwen3.5:9b") == 1, "another model's answer is another"
    routed = shell.run("ask", "--deep", "--json", "why?", env=env).events()[0]
    assert (routed["route"], routed["source"]["question"]) == ("exact-hit", "why?")
    (answer,) = shell.turns()[-1].answers
    assert (answer.route, answer.preset) == (Route.EXACT_HIT, "deeper")  # the deepest there is
    assert f"cached · just now · deep · {MODEL}" in shell.run("ask", "--deep", "why?", env=env).err


def test_the_demo_goes_deeper_in_parts(shell: Shell) -> None:
    """Without a model or a key one sees what it is like."""
    done = shell.run("--demo", "ask", "--deep=deeper", "--json", "how do I undo the last commit?")
    finished = {
        event["id"] for event in done.events() if event["event"] == "stage" and event["state"] == "finished"
    }

    assert done.code == 0
    assert {"context", "plan", "part-1", "part-2", "part-3", "write", "check"} <= finished
    assert done.events()[-1]["event"] == "finished"


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_secret_is_refused_with_kind_and_line_and_nothing_is_sent(
    shell: Shell, server: OllamaServer, way: str
) -> None:
    """In a pipe nobody is asked; whoever means it says so."""
    (shell.home / "conf.py").write_text(f"x = 1\ntoken = '{TOKEN}'\n")
    arguments, stdin = {
        "file": (["-f", "conf.py", "why?"], None),
        "stdin": (["why?"], f"x\n{TOKEN}\n".encode()),
    }[way]
    env = place("anthropic", server.url)
    done = shell.run("ask", "--deep", *arguments, stdin=stdin, env=env)

    assert (done.code, done.out) == (1, "")
    assert f"{'conf.py' if way == 'file' else 'stdin'} line 2: GitHub token" in done.err
    assert "nothing was sent" in done.err
    assert TOKEN not in done.err
    assert not server.requests("/v1/messages")
    assert shell.run("ask", "--deep", "--allow-secrets", *arguments, stdin=stdin, env=env).code == 0
    assert TOKEN in str(server.requests("/v1/messages")[-1].body)


def test_a_secret_that_was_said_before_does_not_leave_either(shell: Shell, server: OllamaServer) -> None:
    """What the model here was told is not for one far away; nobody is called, and no name looked up."""
    (shell.home / "conf.py").write_text(f"token = '{TOKEN}'\n")
    assert shell.run("ask", "--allow-secrets", "-f", "conf.py", "what is that?").code == 0
    away = place("openai", "https://nobody.invalid/v1")
    done = shell.run("ask", "--deep", "--json", "-c", "why?", env=away)

    assert done.code == 1
    assert done.events()[-1]["kind"] == "secrets"
    assert "GitHub token" in done.err
    assert TOKEN not in done.err + done.out


@pytest.mark.parametrize("when_offline", ["ask", "local"])
def test_offline_it_is_thought_through_here(shell: Shell, server: OllamaServer, when_offline: str) -> None:
    """Nobody can be asked, and an answer is better than none; it is said whose it is."""
    away = place("openai", f"http://127.0.0.1:{closed_port()}/v1", when_offline=when_offline)
    done = shell.run("ask", "--deep", "why?", env=away)

    assert (done.code, done.out) == (0, "Use `git switch`.\n")
    assert "no way to" in done.err
    assert MODEL in done.err


def test_where_neither_can_answer_both_reasons_are_said(shell: Shell) -> None:
    """Whoever hears only of this machine mends the wrong thing."""
    here, there = closed_port(), closed_port()
    away = place("openai", f"http://127.0.0.1:{there}/v1", when_offline="local")
    done = shell.run("ask", "--deep", "why?", env={**away, "OLLAMA_HOST": f"http://127.0.0.1:{here}"})

    assert (done.code, done.out) == (1, "")
    assert f"no way to 127.0.0.1:{there}" in done.err
    assert f"Ollama is not running at http://127.0.0.1:{here}" in done.err


def test_offline_it_is_queued_and_not_waited_for(shell: Shell, server: OllamaServer) -> None:
    """The person wants that model and no other; the script goes on at once, and knows."""
    away = place("openai", f"http://127.0.0.1:{closed_port()}/v1", when_offline="queue")
    done = shell.run("ask", "--deep", "--json", "why?", env=away)

    assert done.code == 1
    assert done.events()[-1]["kind"] == "queued"
    assert "queued" in done.err
    assert not server.requests("/api/chat")
    assert [each.question for each in left_runs(shell)] == ["why?"]


def test_ctrl_c_keeps_what_came_and_the_run_can_go_on(shell: Shell, server: OllamaServer) -> None:
    """What was paid for is not lost."""
    words = [f"word{n} " for n in range(400)]
    server.script = replace(server.script, reply=words, tokens_per_s=40.0)
    process = shell.start("ask", "--deep", "why?")
    assert process.stdout is not None
    first = process.stdout.read(5)
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=100)

    assert (process.returncode, first) == (130, b"word0")
    assert b"on the screen the run can go on" in err
    assert b"Traceback" not in err
    (run,) = left_runs(shell)
    assert run.question == "why?"
    (turn,) = shell.turns()
    assert turn.answers[0].text.startswith("word0 word1" if b"word1" in rest else "word0")


def left_runs(shell: Shell) -> list[StoredDeepRun]:
    """Runs that can go on."""
    store = Database.open(shell.home / "leadline.db", lambda: 2e9)
    try:
        return list(DeepJournal(store).left(find_project(str(shell.home)).root))
    finally:
        store.close()


@pytest.mark.parametrize(
    ("arguments", "env", "code", "words"),
    [
        (("--deep=depeer", "why?"), {}, 2, "invalid choice"),
        (("--deep",), {}, 2, "there is no question"),
        (("--deep", "why?"), {"LEADLINE_DEEP__PROVIDER": "anthropic"}, 1, "deep.model"),
        (
            ("--deep", "why?"),
            {"LEADLINE_DEEP__PROVIDER": "anthropic", "LEADLINE_DEEP__MODEL": "m"},
            1,
            "leadline keys set anthropic",
        ),
    ],
)
def test_a_mistake_is_told(
    shell: Shell, arguments: tuple[str, ...], env: dict[str, str], code: int, words: str
) -> None:
    """A sentence and a way on; a word behind --deep is the question's, and not a preset."""
    done = shell.run("ask", *arguments, env=env)

    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err

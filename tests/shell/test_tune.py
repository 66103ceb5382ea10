"""``leadline tune``: the models here measured over a real socket, a proposal, and what becomes of it."""

from tests.server import Fault, Loaded, Model, OllamaServer, Script
from tests.server.quiz import pupil_scene
from tests.shell.running import Shell

SMALL, LARGE = "small:1b", "large:8b"


def script() -> Script:
    """A small model that is quick, and a larger one that knows more and takes its time."""
    return Script(
        models=(Model(SMALL, size=1_000_000_000), Model(LARGE, size=2_000_000_000)),
        loaded=(Loaded(SMALL, 8192),),
        scenes=(pupil_scene(SMALL, 0.6, 0.0), pupil_scene(LARGE, 0.9, 0.02)),
    )


def test_models_are_measured_and_the_better_one_is_taken(shell: Shell) -> None:
    """From nothing to a setting; the second time all of it is known."""
    with OllamaServer(script()) as server:
        at = Shell(shell.home, server.url)
        done = at.run("tune", "--quick", "--yes")
        asked = len(server.requests("/api/chat"))
        again = at.run("tune", "--quick", "--json")
        assert len(server.requests("/api/chat")) == asked
        assert not server.reloads

    assert done.code == 0, done.err
    head, first, second, *_ = done.out.splitlines()
    assert head.split() == ["model", "right", "e/n/h", "warm", "cold", "read", "write", "memory", "IPS"]
    assert first.startswith(f"* {LARGE}")
    assert second.startswith(f"  {SMALL}")
    assert all(len(line) <= 80 for line in done.out.splitlines()[:6])
    assert f"\n{LARGE}: " in done.out
    assert f"fast.model = {LARGE}" in done.err
    assert f'model = "{LARGE}"' in (shell.home / "config.toml").read_text("utf-8")
    events = again.events()
    assert [event["event"] for event in events] == ["measured", "measured", "result", "result", "proposed"]
    assert [event["is_from_before"] for event in events[:2]] == [True, True]
    assert events[-1]["model"] == LARGE
    assert events[2]["ips"] > events[3]["ips"]


def test_a_pipe_is_asked_nothing_and_told_how(shell: Shell) -> None:
    """What nobody has said yes to is not written."""
    with OllamaServer(script()) as server:
        done = Shell(shell.home, server.url).run("tune", "--quick", SMALL)
    assert done.code == 0
    assert "the only model that was measured" in done.out
    assert f"leadline config set fast.model {SMALL}" in done.err
    assert not (shell.home / "config.toml").exists()


def test_a_server_that_breaks_is_said_and_the_rest_is_kept(shell: Shell) -> None:
    """The first one's result is not lost, and is nothing to choose by: the second never had its turn."""
    with OllamaServer(script()) as server:
        at = Shell(shell.home, server.url)
        assert at.run("tune", "--quick", SMALL).code == 0
        server.script = Script(models=script().models, fault=Fault.RESET)
        done = at.run("tune", "--quick", "--yes")
    assert done.code == 1
    assert "what was measured is kept" in done.err
    assert "ask again" not in done.err
    assert f"* {SMALL}" not in done.out
    assert f"  {SMALL}" in done.out
    assert not (shell.home / "config.toml").exists()


def test_a_model_that_is_here_and_not_measured_is_named_with_the_reason(shell: Shell) -> None:
    """Who has three models and sees two measured asks why."""
    thinker = Model("deepseek-r1:1.5b", size=1_000_000_000)
    with OllamaServer(Script(models=(script().models[0], thinker), fault=Fault.RESET)) as server:
        done = Shell(shell.home, server.url).run("tune", "--quick")
    assert "left out: deepseek-r1:1.5b (it thinks before every answer)" in done.err


def test_what_cannot_be_measured_is_refused_with_a_remedy(shell: Shell) -> None:
    """No server, a model that is not there, the demo."""
    with OllamaServer(script()) as server:
        missing = Shell(shell.home, server.url).run("tune", "nine:9b")
    assert missing.code == 1
    assert "nine:9b" in missing.err
    nobody = Shell(shell.home, "http://127.0.0.1:9").run("tune")
    assert nobody.code == 1
    assert "ollama serve" in nobody.err
    demo = shell.run("tune", "--demo")
    assert demo.code == 1
    assert "prepared" in demo.err


def test_a_name_is_quoted_where_it_is_to_be_copied_into_a_shell(shell: Shell) -> None:
    """A server names its models as it likes, and what we print as a command is run as it stands."""
    odd = "x; touch y:1b"
    models = (Model(odd, size=1_000_000_000),)
    with OllamaServer(Script(models=models, scenes=(pupil_scene(odd, 0.6, 0.0),))) as server:
        done = Shell(shell.home, server.url).run("tune", "--quick")
    assert f"fast.model '{odd}' (or" in done.err

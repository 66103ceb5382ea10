"""``leadline keys`` as a person uses it, and that a key shows up nowhere: not on a screen, not in a file."""

import os
import select
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.server import Fault, OllamaServer
from tests.server.faults import Refusal
from tests.shell.running import COMMAND, Shell

CANARY = "sk-canary-7f3b9d21e0a4c5d6"
ANTHROPIC = "https://api.anthropic.com"


def everything_written(home: Path) -> bytes:
    """All that the command has left behind, but the one file that is for keys."""
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "keys.toml"]
    return b"\n".join(path.read_bytes() for path in files)


def test_a_key_is_set_from_stdin_listed_by_its_last_four_and_removed(shell: Shell) -> None:
    """The whole life of a key; the list says where each one is from."""
    done = shell.run("keys", "set", "anthropic", stdin=f"{CANARY}\n".encode())
    assert (done.code, done.err) == (0, "")
    assert "…c5d6 is kept for https://api.anthropic.com" in done.out
    listed = shell.run("keys", "list", env={"OPENAI_API_KEY": "sk-other-0123456789abcd"})
    assert [line.split() for line in listed.out.splitlines()] == [
        [ANTHROPIC, "…c5d6", "keys.toml"],
        ["https://api.openai.com", "…abcd", "OPENAI_API_KEY"],
    ]
    shadowed = shell.run(
        "keys", "set", "anthropic", stdin=b"sk-x-0123456789ab\n", env={"ANTHROPIC_API_KEY": "y"}
    )
    assert "ANTHROPIC_API_KEY is set, and goes before it" in shadowed.err
    assert shell.run("keys", "remove", "anthropic").code == 0
    assert shell.run("keys", "remove", "anthropic").code == 1
    empty = shell.run("keys", "list")
    assert (empty.code, empty.out) == (0, "")
    assert "no keys" in empty.err
    assert CANARY not in "".join((done.out, listed.out, listed.err, shadowed.err))


def test_without_a_name_the_key_is_the_deep_models(shell: Shell) -> None:
    """The address is in the settings already; a command is named there and not run for a list."""
    deep = (
        'provider = "openai"',
        'base_url = "http://box.lan:8080/v1"',
        'model = "m"',
        'api_key_cmd = "false"',
    )
    (shell.home / "config.toml").write_text("\n".join(("[deep]", *deep)))
    done = shell.run("keys", "set", stdin=f"{CANARY}\n".encode())
    assert "for http://box.lan:8080 in" in done.out
    assert "api_key_cmd of [deep], run when it is needed" in shell.run("keys", "list").out
    ours = shell.run("keys", "list", env={"LEADLINE_DEEP__API_KEY": CANARY})
    assert ours.out.split() == ["http://box.lan:8080", "…c5d6", "LEADLINE_DEEP__API_KEY"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (("keys", "set"), b"x\n", 2, "for whom is the key?"),
        (("keys", "set", "anthropik"), b"x\n", 2, "no address"),
        (("keys", "set", CANARY), b"x\n", 2, "no address"),
        (("keys", "set", "anthropic"), b"", 1, "no API key"),
        (("keys", "set", "anthropic"), f"two {CANARY}\n".encode(), 1, "no API key"),
        (("keys", "set", "anthropic", CANARY), b"", 2, "unrecognized arguments"),
        (("keys",), b"", 2, "required"),
        (("keys", "show"), b"", 2, "invalid choice"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_kept(
    shell: Shell, arguments: tuple[str, ...], stdin: bytes, code: int, words: str
) -> None:
    """Nothing is guessed about whose key it is; and no mistake shows one."""
    done = shell.run(*arguments, stdin=stdin)
    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err
    assert CANARY not in done.err + done.out
    assert not (shell.home / "keys.toml").exists()


@pytest.mark.skipif(os.name != "posix", reason="there is no pty elsewhere")
def test_a_terminal_does_not_show_what_is_typed(shell: Shell) -> None:
    """Someone may look over the shoulder, and the scrollback stays."""
    main, side = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "keys", "set", "anthropic"],
        stdin=side,
        stdout=side,
        stderr=side,
        env=shell.environ,
        cwd=shell.home,
        start_new_session=True,
    )
    os.close(side)
    shown, typed, limit = b"", False, time.monotonic() + 30
    while process.poll() is None and time.monotonic() < limit:
        if select.select([main], [], [], 0.1)[0]:
            try:
                shown += os.read(main, 4096)
            except OSError:
                break
        if not typed and b"is not shown" in shown:
            os.write(main, f"{CANARY}\n".encode())
            typed = True
    assert process.wait(100) == 0
    while select.select([main], [], [], 0.1)[0]:
        try:
            shown += os.read(main, 4096)
        except OSError:
            break
    os.close(main)
    assert CANARY.encode() not in shown
    assert CANARY in (shell.home / "keys.toml").read_text()


def test_a_kept_key_serves_the_fast_model_at_that_address_only(shell: Shell, server: OllamaServer) -> None:
    """One place for keys, whoever asks; another port on the same machine is another address."""
    (shell.home / "config.toml").write_text(f'[fast]\nprovider = "openai"\nbase_url = "{server.url}/v1"\n')
    shell.run("keys", "set", "http://127.0.0.1:9", stdin=f"{CANARY}\n".encode())
    assert shell.run("ask", "--no-cache", "hi").code == 0
    assert "authorization" not in server.log[-1].headers
    shell.run("keys", "set", server.url, stdin=f"{CANARY}\n".encode())
    assert shell.run("ask", "--no-cache", "hi").code == 0
    assert server.log[-1].headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("provider", ["ollama", "openai"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_key_that_a_server_repeats_is_shown_and_stored_nowhere(
    shell: Shell, server: OllamaServer, provider: str, status: int
) -> None:
    """An error is what people paste into an issue; the database and logs are what they back up."""
    path = "/v1" if provider == "openai" else ""
    config = f'[fast]\nprovider = "{provider}"\nbase_url = "{server.url}{path}"\n'
    (shell.home / "config.toml").write_text(config)
    key = "hunter2-with-no-shape"  # not even one that looks like a key
    refused = Refusal(status, {"error": f"no: {key}, Authorization: Bearer {key}"})
    server.script = replace(server.script, fault=Fault.REFUSED, refused=refused)
    for arguments in (("ask", "hi"), ("ask", "--json", "hi")):
        done = shell.run(*arguments, env={"LEADLINE_FAST__API_KEY": key})
        assert done.code == 1
        assert key not in done.out + done.err
    assert server.log[-1].headers["authorization"] == f"Bearer {key}"
    assert key.encode() not in everything_written(shell.home)

"""Keys that only their own server may know, through the real command: nothing that is left tells them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Fault, OllamaServer, Script
from tests.server.faults import Refusal
from tests.shell.conftest import MODEL
from tests.shell.running import Done, Shell

KEY = "Canary.7f3b9d21+e0a4/c5d6"
"""Without any shape by which it could be known."""
PASSWORD = "Fledgling-5d6e0a4c"
BASIC = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
WIRES = ("openai", "anthropic", "ollama")
HOLDERS = ("env", "file", "address")
HOWS = ("401", "400", "midway", "cut")
TEXTS = {
    "openai": '{{"model":{0},"choices":[{{"delta":{{"content":{1}}}}}]}}',
    "anthropic": '{{"type":"content_block_delta","delta":{{"type":"text_delta","text":{1}}}}}',
    "ollama": '{{"model":{0},"remote_host":{0},"message":{{"thinking":{0},"content":{1}}}}}',
}
ERRORS = {
    "openai": '{{"error":{{"message":{0}}}}}',
    "anthropic": '{{"type":"error","error":{{"type":"api_error","message":{0}}}}}',
    "ollama": '{{"error":{0}}}',
}


def lines(protocol: str, *events: str) -> bytes:
    """A stream of a protocol."""
    frame = "{}\n" if protocol == "ollama" else "data: {}\n\n"
    return "".join(frame.format(event) for event in events).encode()


def echo(protocol: str, how: str, secret: str) -> Script:
    """A server that says again what it was told."""
    said = f"no good: {secret} (authorization: Basic {secret}, Basic {secret}) {secret}"
    if how.isdigit():
        headers = {"x-request-id": secret, "retry-after": "0"}
        return Script(fault=Fault.REFUSED, refused=Refusal(int(how), {"error": {"message": said}}, headers))
    text = TEXTS[protocol]
    half = len(secret) // 2
    events = [
        text.format(json.dumps(secret), json.dumps(f"I was told {secret[:half]}")),
        text.format(json.dumps(secret), json.dumps(f"{secret[half:]}, and {secret}.")),
    ]
    if how == "midway":
        events.append(ERRORS[protocol].format(json.dumps(said)))
    return Script(fault=Fault.RAW if how == "midway" else Fault.RAW_CUT, raw_body=lines(protocol, *events))


@pytest.fixture
def away() -> Iterator[OllamaServer]:
    """The server of the deep model."""
    with OllamaServer() as server:
        yield server


def settled(shell: Shell, away: OllamaServer, protocol: str, holder: str) -> dict[str, str]:
    """The environment of a command that has the key from somewhere."""
    path = "/v1" if protocol == "openai" else ""
    url = f"{away.url}{path}"
    env = {"LEADLINE_DEEP__PROVIDER": protocol, "LEADLINE_DEEP__MODEL": MODEL}
    if holder == "env":
        env["LEADLINE_DEEP__API_KEY"] = KEY
    elif holder == "file":
        assert shell.run("keys", "set", away.url, stdin=f"{KEY}\n".encode()).code == 0
    else:
        url = url.replace("://", f"://me:{PASSWORD}@")
    return env | {"LEADLINE_DEEP__BASE_URL": url}


def left_behind(home: Path, done: Done) -> dict[str, bytes]:
    """All that a command has said and written but the file that is for keys."""
    files = {
        str(path): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name != "keys.toml"
    }
    assert any(name.endswith(".db") for name in files)
    return {"stdout": done.out.encode(), "stderr": done.err.encode(), **files}


@pytest.mark.parametrize(
    ("protocol", "holder", "how"),
    # Each way in each protocol, each time with the key from somewhere else.
    [(protocol, HOLDERS[(w + h) % 3], how) for w, protocol in enumerate(WIRES) for h, how in enumerate(HOWS)],
)
def test_what_a_server_says_of_a_key_is_told_and_kept_without_it(
    shell: Shell, away: OllamaServer, protocol: str, holder: str, how: str
) -> None:
    """A gateway that answers with the request's own headers must not put a key into a database or a log."""
    env = settled(shell, away, protocol, holder)
    secrets = [PASSWORD, BASIC] if holder == "address" else [KEY]
    for secret in secrets:
        away.script = echo(protocol, how, secret)
        more = ("--json",) if secret != PASSWORD else ()

        done = shell.run("ask", "--deep", *more, "why?", env=env)

        assert done.code == 1
        assert secrets[-1] in repr([dict(record.headers) for record in away.log])
        for name, data in left_behind(shell.home, done).items():
            assert secret.encode() not in data, name
            assert json.dumps(secret).strip('"').encode() not in data, name

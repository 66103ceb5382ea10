"""Runs leadline where there is no network but loopback and no name service; prints what happened as JSON.

For a network namespace of its own: ``unshare -rn python -m tests.shell.without_network HOME``.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.terminal import Terminal
from tests.server import Model, OllamaServer, Script

COMMAND = [sys.executable, "-m", "tui"]
PROXY = "http://10.255.255.1:3128"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def may_unshare() -> bool:
    """Whether this machine lets us have a network namespace of our own."""
    unshare = shutil.which("unshare")
    return (
        unshare is not None and subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode == 0
    )


def raise_loopback() -> None:
    """A new namespace has its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(door, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(door, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def run(environ: dict[str, str], *arguments: str) -> dict[str, object]:
    """One command: exit code, seconds, and what it said."""
    begun = time.monotonic()
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=100,
    )
    seconds = time.monotonic() - begun
    return {"code": done.returncode, "seconds": seconds, "out": done.stdout, "err": done.stderr}


def ask_on_the_screen(environ: dict[str, str]) -> dict[str, object]:
    """A question in the app; seconds from enter to the answer's first word."""
    with Terminal(COMMAND, environ, columns=80, rows=24) as terminal:
        terminal.wait_until(lambda lines: any("Ask anything" in line for line in lines))
        terminal.type("is there a way?")
        begun = terminal.press("enter")
        terminal.wait_until(lambda lines: any("Certainly" in line for line in lines))
        seconds = time.monotonic() - begun
        return {"code": 0, "seconds": seconds, "out": "\n".join(terminal.lines()), "err": ""}


def main(home: str) -> None:
    """Everything, against a server on loopback and a name that nobody can look up."""
    raise_loopback()
    script = Script(models=(Model("qwen3:4b"),), reply="Certainly there is.")
    with OllamaServer(script) as server:
        plain = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        environ = plain | {
            "LEADLINE_HOME": home,
            "OLLAMA_HOST": server.url,
            "HTTP_PROXY": PROXY,
            "HTTPS_PROXY": PROXY,
            "TERM": "xterm-256color",
        }
        named = environ | {"OLLAMA_HOST": "http://gpu-box.invalid:11434", "NO_PROXY": "*"}
        deep = environ | {
            "LEADLINE_DEEP__PROVIDER": "anthropic",
            "LEADLINE_DEEP__MODEL": "claude-opus-5-5",
            "ANTHROPIC_API_KEY": "sk-of-nobody-at-all",
            "NO_PROXY": "*",
        }
        results = {
            "help": run(environ, "help"),
            "ask": run(environ, "ask", "hello"),
            "models": run(environ, "models"),
            "doctor": run(environ, "doctor"),
            "demo": run(environ, "--demo", "ask", "how do I undo the last commit?"),
            "named": run(named, "ask", "hello"),
            "deep": run(environ, "ask", "--deep", "hello"),
            "deep-away": run(deep, "ask", "--deep", "--no-cache", "hello"),
            "deep-doctor": run(deep, "doctor"),
            "screen": ask_on_the_screen(environ),
        }
    print(json.dumps(results))


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    main(sys.argv[1])

"""What every test of a command needs: a server on loopback, and a shell that knows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Loaded, OllamaServer, Script
from tests.shell.running import Shell

MODEL = "qwen3.5:4b"


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A server with its model in memory."""
    with OllamaServer(Script(loaded=(Loaded(MODEL, 8192),))) as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, server: OllamaServer) -> Shell:
    """A shell whose leadline talks to the server."""
    return Shell(tmp_path, server.url)

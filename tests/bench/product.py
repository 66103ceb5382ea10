"""The program under test: how it is started, and the home it is given."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.server import Loaded, OllamaServer, Script

ROOT = Path(__file__).resolve().parents[2]
FLOOR = Path(__file__).resolve().parent / "floor"
MODEL = "qwen3.5:4b"


class CannotRun(Exception):
    """The program does not do what must be measured; says how it ended."""


@dataclass(frozen=True, slots=True)
class Product:
    """A command, a home of its own and a server it talks to.

    Attributes:
        directory: where it is started: empty, and nobody's project.
    """

    command: tuple[str, ...]
    home: Path
    directory: Path
    server: OllamaServer

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of the person's own: no settings, no proxy, no `PYTHONPATH`.

        Nothing is made ahead either: a request at the server is then the one that was asked for.
        """
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.directory),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LEADLINE_HOME": str(self.home),
            "OLLAMA_HOST": self.server.url,
            "LEADLINE_SPECULATION__ENABLED": "false",
        }

    @property
    def database(self) -> Path:
        """Where it keeps its questions."""
        return self.home / "leadline.db"


def usual_command() -> tuple[str, ...]:
    """The console script beside this interpreter, or the module where there is none."""
    script = Path(sys.executable).parent / "leadline"
    return (str(script),) if script.exists() else (sys.executable, "-m", "tui")


def add_options(parser: argparse.ArgumentParser, runs: int) -> None:
    """The options that every benchmark has."""
    parser.add_argument("-n", "--runs", type=int, default=runs, help="runs of each (default %(default)s)")
    parser.add_argument(
        "--command",
        type=_command,
        default=usual_command(),
        metavar="COMMAND",
        help="what starts leadline, as one shell word (default: %(default)s)",
    )


def _command(text: str) -> tuple[str, ...]:
    """Split as a shell does; a path is made absolute, since the program is started elsewhere."""
    name, *arguments = shlex.split(text)
    return (os.path.abspath(name) if os.sep in name else name, *arguments)


@contextmanager
def product(command: tuple[str, ...], script: Script | None = None) -> Iterator[Product]:
    """A fresh home and a server with the model in memory, for the time of the block."""
    loaded = script or Script(loaded=(Loaded(MODEL, 8192),))
    with TemporaryDirectory(prefix="leadline-bench-") as folder, OllamaServer(loaded) as server:
        home, directory = Path(folder) / "home", Path(folder) / "elsewhere"
        home.mkdir(mode=0o700)
        directory.mkdir()
        yield Product(command, home, directory, server)

"""Who is measured: leadline, the two bare Textual apps, and other chat clients where they are installed."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.product import MODEL, ROOT, Product, product
from tests.bench.screen.stored import as_messages, fill
from tests.server import Loaded, Model, Script

OURS = "leadline"
LINES = "lines"
MARKDOWN = "markdown"

WINDOW = 16_000_000
"""Tokens; nothing that is measured here is about a window that is full."""

TTFT_S = 0.12
"""A quick model's; the first token then never falls into the frame in which the question is painted."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program with a prompt and a transcript.

    Attributes:
        command: how it is started, with so many turns before; None when it cannot be given any.
        environ: what it needs beside the product's.
    """

    name: str
    command: Callable[[Product, int], tuple[str, ...] | None]
    environ: Callable[[Product], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Seat:
    """A contestant ready to be started: a fresh home, a server, what was said before."""

    where: Product
    command: tuple[str, ...]
    environ: dict[str, str]


def _ours(where: Product, turns: int) -> tuple[str, ...]:
    if turns:
        fill(where, turns)
    return (*where.command, "-c") if turns else where.command


def _floor(module: str) -> Callable[[Product, int], tuple[str, ...]]:
    def command(where: Product, turns: int) -> tuple[str, ...]:
        before = ("--before", str(as_messages(where, turns))) if turns else ()
        return (sys.executable, "-m", f"tests.bench.floor.{module}", where.server.url, *before)

    return command


def _peer(name: str) -> Contestant | None:
    path = shutil.which(name)
    if path is None:
        return None
    return Contestant(
        name,
        lambda where, turns: None if turns else (path, *PEERS[name]),
        lambda where: {
            "OLLAMA_URL": where.server.url,
            "OTERM_DATA_DIR": str(where.home),
            "XDG_DATA_HOME": str(where.home),
            "XDG_CONFIG_HOME": str(where.home),
            "OLLAMA_API_BASE": where.server.url,
        },
    )


PEERS: dict[str, tuple[str, ...]] = {
    "oterm": (),
    "elia": ("chat", "--model", f"ollama_chat/{MODEL}"),
}


def contestants(names: frozenset[str] | None = None) -> tuple[Contestant, ...]:
    """Those that are here, ours first and the floor of all ratios second.

    Args:
        names: only these; None is all.
    """
    there = [
        Contestant(OURS, _ours, lambda where: {}),
        Contestant(LINES, _floor("textual_lines"), lambda where: {"PYTHONPATH": str(ROOT)}),
        Contestant(MARKDOWN, _floor("textual_min"), lambda where: {"PYTHONPATH": str(ROOT)}),
        *filter(None, map(_peer, PEERS)),
    ]
    return tuple(each for each in there if names is None or each.name in names)


def absent() -> tuple[str, ...]:
    """Peers that are not installed."""
    return tuple(name for name in PEERS if shutil.which(name) is None)


@contextmanager
def seat(contestant: Contestant, command: tuple[str, ...], turns: int = 0) -> Iterator[Seat | None]:
    """A home and a server for one contestant; None when it cannot be given turns before.

    Args:
        command: what starts leadline.
    """
    script = Script(
        models=(Model(MODEL, context_length=WINDOW),),
        loaded=(Loaded(MODEL, WINDOW),),
        ttft_s=TTFT_S,
        slots=2,
    )
    with product(command, script) as where:
        started = contestant.command(where, turns)
        if started is None:
            yield None
            return
        environ = {**where.environ, **contestant.environ(where)}
        yield Seat(where, started, environ)

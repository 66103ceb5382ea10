"""Real shells with the real command on their path, in a terminal or without one."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.shell.running import Shell

NAMES = ("bash", "zsh", "fish")
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PROMPT = "ready> "


def need(shell: str) -> None:
    """Skip where a shell is not installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")


def environ_of(shell: Shell) -> dict[str, str]:
    """The shell's surroundings, with `leadline` as a command on the path."""
    folder = shell.home / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "leadline"
    if not command.exists():  # a shell may be starting it just now
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
        command.chmod(0o755)
    own = shell.environ
    return own | {"PATH": f"{folder}:{own['PATH']}", "TERM": "xterm-256color", "PS1": PROMPT}


def run_in(name: str, shell: Shell, script: str) -> str:
    """Run a script in a shell; its stdout."""
    need(name)
    plain = {"bash": ["bash", "--norc", "-c"], "zsh": ["zsh", "-f", "-c"], "fish": ["fish", "-N", "-c"]}[name]
    done = subprocess.run(
        [*plain, script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        env=environ_of(shell),
        cwd=shell.home,
        check=False,
    )
    assert done.stderr.decode() == ""
    return done.stdout.decode()


@contextmanager
def typing_in(
    name: str, shell: Shell, *setup: str, also: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """A shell that somebody types in, once it has run some lines."""
    need(name)
    with Terminal(
        START[name], environ_of(shell) | dict(also or {}), columns=100, rows=30, directory=shell.home
    ) as terminal:
        if name == "fish":
            setup = (f"function fish_prompt; echo -n '{PROMPT}'; end", "function fish_greeting; end", *setup)
        for number, line in enumerate(setup):
            terminal.settle(0.1)
            terminal.type(f"{line}; echo did-{number}-so\r")
            terminal.wait_until(lambda lines, n=number: f"did-{n}-so" in lines)  # type: ignore[misc]  # bound
        terminal.wait_until(lambda lines: last_line(lines) == PROMPT.strip())
        yield terminal


def last_line(lines: Sequence[str]) -> str:
    """The last line that says something."""
    return next((line for line in reversed(lines) if line), "")


def line_typed(terminal: Terminal) -> str:
    """What stands behind the last prompt, all lines of it."""
    whole = "\n".join(terminal.lines()).rstrip()
    return whole.rpartition(PROMPT.strip())[2].removeprefix(" ")


def eval_of(name: str, topic: str) -> str:
    """How a shell takes a script of ours in."""
    if name == "fish":
        return f"leadline help {topic} fish | source"
    return f'eval "$(leadline help {topic} {name})"'


def made(home: Path, name: str) -> bool:
    """Whether a file was made."""
    return (home / name).exists()

"""The command as a person starts it: a process of its own, a home of its own, nothing of ours around it."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from core.messages import Turn
from core.store.conversations import Conversations
from core.store.database import Database
from tests.shell.warm import WarmStart

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tui")
PATIENCE_S = 60


@cache
def _warm() -> WarmStart:
    """One for all tests of this process; it ends with us."""
    begun = WarmStart(ROOT)
    atexit.register(begun.close)
    return begun


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def events(self) -> list[dict[str, Any]]:
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Shell:
    """Where commands are started, and with what around them."""

    home: Path
    url: str

    @property
    def environ(self) -> dict[str, str]:
        """Only what a command cannot do without."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "LEADLINE_HOME": str(self.home),
            "OLLAMA_HOST": self.url,
            "PYTHONPATH": str(ROOT),
        }

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Done:
        """Run a command to its end; without `stdin` there is none to read."""
        environ, folder = self.environ | dict(env or {}), cwd or self.home
        if any(name.startswith(("PYTHON", "LANG", "LC_")) for name in env or {}):
            return self.fresh(*arguments, stdin=stdin, env=env, cwd=cwd)
        code, out, err = _warm().run(arguments, stdin, environ, folder, PATIENCE_S)
        return Done(code, out.decode(), err.decode())

    def fresh(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Done:
        """The same in an interpreter that starts from nothing, as a person's does."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=PATIENCE_S,
            env=self.environ | dict(env or {}),
            cwd=cwd or self.home,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def sh(self, script: str, env: Mapping[str, str] | None = None) -> Done:
        """Run a line of shell, in which ``$leadline`` is the command."""
        done = subprocess.run(
            ["bash", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            env=self.environ | {"leadline": " ".join(COMMAND)} | dict(env or {}),
            cwd=self.home,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(
        self, *arguments: str, stdin: int | IO[bytes] = subprocess.DEVNULL
    ) -> "subprocess.Popen[bytes]":
        """Start a command and leave it running."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=self.home,
        )

    def turns(self, database: str = "leadline.db") -> tuple[Turn, ...]:
        """The last conversation in the store."""
        store = Database.open(self.home / database, lambda: 2e9)
        try:
            conversations = Conversations(store)
            (latest, *_) = conversations.recent(1)
            return conversations.turns(latest.id)
        finally:
            store.close()

"""A real tmux with nothing of the person's, and leadline as a command in its panes."""

import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.screen.terminals import command, environment


class Tmux:
    """A tmux of its own; a pane is named by its number.

    Args:
        folder: where its shells stand, and what it leaves behind.
        also: more that stands in the environment.
    """

    def __init__(self, folder: Path, also: Mapping[str, str] | None = None) -> None:
        binaries = folder / "bin"
        binaries.mkdir()
        leadline = binaries / "leadline"
        leadline.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n', "utf-8")
        leadline.chmod(0o700)
        self._base = ["tmux", "-S", str(folder / "socket"), "-f", "/dev/null"]
        self.environ = {
            **environment(folder, "127.0.0.1:9"),
            **(also or {}),
            "SHELL": "/bin/sh",
            "PS1": "$ ",
            "ENV": "",
        }
        self.environ["PATH"] = f"{binaries}:{self.environ['PATH']}"
        self._folder = folder

    def run(self, *arguments: str) -> str:
        """What tmux says to a command of its own."""
        done = subprocess.run(
            [*self._base, *arguments],
            env=self.environ,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def open(self, columns: int, rows: int) -> None:
        """A shell in the first pane."""
        self.run("new-session", "-d", "-x", str(columns), "-y", str(rows), "sh")
        self.until("0", "$")

    def attach(self) -> list[str]:
        """What shows it in a terminal, as to a person; only then does a pane have the focus."""
        return [*self._base, "attach"]

    def split(self, rows: int, *words: str) -> None:
        """Another pane below; it begins with the environment of the first."""
        variables = ("COLORTERM", "LEADLINE_HOME", "TEXTUAL_ANIMATIONS", "OLLAMA_HOST", "PATH", "HOME")
        also = [argument for name in variables for argument in ("-e", f"{name}={self.environ[name]}")]
        self.run("split-window", "-v", "-l", str(rows), *also, shlex.join(words))

    def type(self, pane: str, text: str) -> None:
        """Type it, and no enter."""
        self.run("send-keys", "-t", pane, "-l", text)

    def press(self, pane: str, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self.run("send-keys", "-t", pane, *keys)

    def press_until(self, pane: str, key: str, text: str) -> str:
        """Press it, and again where it came too soon to be meant; wait for what it does."""
        for _ in range(10):
            self.press(pane, key)
            with suppress(TimeoutError):
                return self.until(pane, text, 0.5)
        return self.until(pane, text)

    def enter(self, pane: str, text: str) -> None:
        """Type a line and send it."""
        self.type(pane, text)
        self.press(pane, "Enter")

    def shown(self, pane: str) -> str:
        """What the pane shows."""
        return self.run("capture-pane", "-p", "-t", pane)

    def past(self, pane: str) -> str:
        """What the pane shows, and what has scrolled out of it."""
        return self.run("capture-pane", "-p", "-S", "-", "-t", pane)

    def until(self, pane: str, text: str, timeout: float = 30.0) -> str:
        """Wait until a text is there, wherever its lines are broken."""
        return self.until_it(pane, lambda shown: text in shown, text, timeout)

    def until_all(self, pane: str, texts: Sequence[str], timeout: float = 30.0) -> str:
        """Wait until the pane shows all of them at the same time."""
        return self.until_it(pane, lambda shown: all(text in shown for text in texts), str(texts), timeout)

    def until_it(self, pane: str, holds: Callable[[str], bool], what: str, timeout: float = 30.0) -> str:
        """Wait until what is shown, with every break a space, is as wanted; `what` is told if it never is."""
        deadline = time.monotonic() + timeout
        while not holds(" ".join((shown := self.shown(pane)).split())):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come; the pane:\n{shown}")
            time.sleep(0.05)  # tmux has no other way to tell that a pane has changed
        return shown

    def close(self) -> None:
        """End it with everything in it."""
        self.run("kill-server")

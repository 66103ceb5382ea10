"""The sixty seconds begin in a real tmux: a failing test in one pane, `@pane why?` in the other."""

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.terminals import command, environment, in_terminal, sees

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
FAILING = """\
E       assert -1 == 3
E        +  where -1 = add(1, 2)
test_adder.py:4: AssertionError
FAILED test_adder.py::test_add - assert -1 == 3
"""


class Tmux:
    """A tmux of its own, with nothing of the person's."""

    def __init__(self, folder: Path) -> None:
        self._base = ["tmux", "-S", str(folder / "socket"), "-f", "/dev/null"]
        self._environ = environment(folder, "127.0.0.1:9") | {"SHELL": "/bin/sh", "PS1": "$ ", "ENV": ""}
        self._folder = folder

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._base, *arguments],
            env=self._environ,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def until(self, pane: str, text: str, timeout: float = 15.0) -> str:
        deadline = time.monotonic() + timeout
        while text not in " ".join((shown := self.run("capture-pane", "-p", "-t", pane)).split()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{text!r} did not come; the pane:\n{shown}")
            time.sleep(0.05)
        return shown


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in the first pane in which a test has failed."""
    (tmp_path / "failing.txt").write_text(FAILING, "utf-8")
    server = Tmux(tmp_path)
    server.run("new-session", "-d", "-x", "80", "-y", "50", "sh")
    server.until("0", "$")
    server.run("send-keys", "-t", "0", "-l", "cat failing.txt")
    server.run("send-keys", "-t", "0", "Enter")
    server.until("0", "FAILED")
    yield server
    server.run("kill-server")


def test_a_pane_is_shown_before_it_goes_and_why_is_answered(tmux: Tmux) -> None:
    """One word instead of selecting, copying and pasting; and it is seen what will be sent."""
    variables = ("COLORTERM", "LEADLINE_HOME", "TEXTUAL_ANIMATIONS", "OLLAMA_HOST", "PATH", "HOME")
    also = [argument for name in variables for argument in ("-e", f"{name}={tmux._environ[name]}")]
    tmux.run("split-window", "-v", "-l", "30", *also, shlex.join(command("--demo")))
    tmux.until("1", "Ask anything")

    tmux.run("send-keys", "-t", "1", "-l", "@pane why?")
    before = tmux.until("1", "tok ✕")
    assert "▤ pane" in before
    assert "›" not in before
    tmux.run("send-keys", "-t", "1", "Enter")

    shown = tmux.until("1", "and the test expects 3")
    assert "› @pane why?" in shown
    assert "with pane" in shown


def test_outside_tmux_a_sentence_says_what_else_can_be_done(tmp_path: Path) -> None:
    """A refusal that names the other way is half an answer."""
    with in_terminal(tmp_path, "127.0.0.1:9", "--demo") as terminal:
        sees(terminal, "Ask anything")
        terminal.type("@pane why?")
        sees(terminal, "tmux")
        terminal.press("enter")
        terminal.settle(0.3, 2)
        sees(terminal, "@pane why?")
        assert not any(line.strip().startswith("›") for line in terminal.lines())

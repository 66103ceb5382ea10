"""``leadline ask @pane`` typed into a real tmux: the command above the question goes along."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.server import OllamaServer
from tests.shell.running import COMMAND, Shell

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
TIMEOUT_S = 20


class Terminal:
    """One pane with a bash in it, in which ``leadline`` is the command."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._socket = str(shell.home / "tmux")
        rc = shell.home / "rc"
        rc.write_text(f"PS1='me@host:~$ '\nleadline() {{ {shlex.join(COMMAND)} \"$@\"; }}\n")
        bash = shlex.join(["bash", "--noprofile", "--rcfile", str(rc), "-i"])
        self("new-session", "-d", "-x", "90", "-y", "40", bash)
        self.until(lambda shown: "me@host" in shown)

    def __call__(self, *arguments: str) -> str:
        """Run a tmux command; what it prints."""
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self._socket, *arguments],
            env=self._shell.environ | {"TERM": "xterm"},
            cwd=self._shell.home,
            capture_output=True,
            timeout=100,
            check=True,
        )
        return done.stdout.decode()

    def type(self, line: str, is_done: Callable[[str], bool]) -> str:
        """Type a line, and wait until the screen shows what it must; the screen."""
        self("send-keys", "-l", line)
        self("send-keys", "Enter")
        return self.until(is_done)

    def until(self, is_done: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + TIMEOUT_S
        while not is_done(shown := self("capture-pane", "-p")):
            assert time.monotonic() < deadline, shown
        return shown


@pytest.fixture
def terminal(shell: Shell) -> Iterator[Terminal]:
    """A terminal that ends with the test."""
    running = Terminal(shell)
    try:
        yield running
    finally:
        running("kill-server")


def prompts(count: int) -> Callable[[str], bool]:
    return lambda shown: shown.count("me@host") == count


@pytest.mark.skipif(os.name != "posix", reason="tmux is elsewhere")
def test_the_failing_command_above_the_question_goes_along(terminal: Terminal, server: OllamaServer) -> None:
    """The first of the sixty seconds that sell it, in one pane."""
    terminal.type("ls /nosuchplace", prompts(2))
    shown = terminal.type('leadline ask "@pane why?"', prompts(3))

    assert "Use `git switch`." in shown
    messages = server.requests("/api/chat")[-1].body["messages"]
    assert isinstance(messages, list)
    text = messages[-1]["content"]
    assert text.startswith('<file name="pane %0 · ls /nosuchplace">\n$ ls /nosuchplace\nls: ')
    assert text.endswith("\n</file>\n\n@pane why?")
    assert text.count("leadline") == 0

"""The key that fills the command line, in real shells: it fills, and it never runs anything."""

import shutil
import subprocess
import time
from dataclasses import replace

import pytest

from tests.bench.terminal import Terminal
from tests.server import OllamaServer
from tests.shell import shells
from tests.shell.running import Shell

FILL = b"\x18\x0c"


@pytest.fixture(params=shells.NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Each shell."""
    shells.need(request.param)
    return str(request.param)


def fill(terminal: Terminal, words: str) -> None:
    """Type words and press the key."""
    terminal.type(words)
    terminal.wait_until(lambda lines: words in "\n".join(lines))
    terminal.send(FILL)


def test_the_key_puts_a_command_into_the_line_and_never_runs_it(
    name: str, shell: Shell, server: OllamaServer
) -> None:
    """Only the person's own enter runs it, once it was read."""
    code = "printf '%s' ran > proof"
    server.script = replace(server.script, reply=f"Try:\n\n```{name}\n{code}\n```\nor\n```\nrm x\n```")
    with shells.typing_in(name, shell, shells.eval_of(name, "shell")) as terminal:
        fill(terminal, "write a proof; now")
        terminal.wait_until(lambda _: shells.line_typed(terminal) == code)
        terminal.settle(0.3)
        assert not shells.made(shell.home, "proof")

        terminal.send(b"\r")
        terminal.wait_until(lambda _: shells.made(shell.home, "proof"))
    assert (shell.home / "proof").read_text() == "ran"
    assert shell.turns()[0].question == "write a proof; now"


def test_a_hostile_answer_is_inert_in_the_line(name: str, shell: Shell, server: OllamaServer) -> None:
    """No substitution, no newline and no escape sequence of a model's acts by being put there."""
    code = "touch a1\ntouch a2; echo $(touch a3) `touch a4`\n\x1b[201~\rtouch a5\r\n\x1b]52;c;eA==\x07\n\n"
    server.script = replace(server.script, reply=f"```sh\n{code}```")
    with shells.typing_in(name, shell, shells.eval_of(name, "shell")) as terminal:
        before = terminal.end
        fill(terminal, "do harm")
        terminal.wait_until(lambda _: "a4" in shells.line_typed(terminal))
        terminal.settle(0.3)
        assert "\nready> " not in shells.line_typed(terminal)
        assert not [file for file in ("a1", "a2", "a3", "a4", "a5") if shells.made(shell.home, file)]
        assert b"\x1b]52" not in terminal.output[before:]


def test_without_an_answer_the_line_stays(name: str, shell: Shell, server: OllamaServer) -> None:
    """What was typed took thought; a server that is away must not cost it."""
    with shells.typing_in(
        name, shell, shells.eval_of(name, "shell"), also={"OLLAMA_HOST": "127.0.0.1:9"}
    ) as terminal:
        fill(terminal, "count the lines")
        terminal.wait_until(lambda lines: any("is not running" in line for line in lines))
        terminal.wait_until(lambda _: shells.line_typed(terminal) == "count the lines")
        assert server.log == ()


def test_ctrl_c_ends_the_question_and_not_the_line(name: str, shell: Shell, server: OllamaServer) -> None:
    """Who does not want to wait any more still has their words."""
    server.script = replace(server.script, ttft_s=30.0)
    with shells.typing_in(name, shell, shells.eval_of(name, "shell")) as terminal:
        fill(terminal, "count the lines")
        terminal.wait_until(lambda _: [record for record in server.log if record.path == "/api/chat"])
        terminal.send(b"\x03")
        terminal.wait_until(lambda _: server.log[-1].outcome == "gone")
        terminal.settle()
        terminal.type(" of a.py")
        terminal.wait_until(
            lambda lines: any("of a.py" in line and "count the lines" in line for line in lines)
        )


def test_an_empty_line_asks_nothing(name: str, shell: Shell, server: OllamaServer) -> None:
    """A key pressed by mistake is no question."""
    with shells.typing_in(name, shell, shells.eval_of(name, "shell")) as terminal:
        terminal.send(FILL)
        terminal.type("echo fine\r")
        terminal.wait_until(lambda lines: "fine" in lines)
    assert server.log == ()


@pytest.fixture
def tmux(shell: Shell) -> "Tmux":
    """A tmux server of its own."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed here")
    return Tmux(shell)


class Tmux:
    """A tmux server whose one pane runs a shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._socket = str(shell.home / "tmux.sock")

    def __call__(self, *arguments: str) -> str:
        """Run a tmux command; what it prints."""
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self._socket, *arguments],
            env=shells.environ_of(self._shell),
            cwd=self._shell.home,
            capture_output=True,
            check=False,
            timeout=100,
        )
        return done.stdout.decode().rstrip("\n")

    def told(self) -> tuple[str, str]:
        """What the pane knows: the command and its status."""
        command, _, status = self(
            "display-message", "-p", "#{@leadline_command}\x1f#{@leadline_status}"
        ).partition("\x1f")
        return command, status

    def until(self, wanted: tuple[str, str]) -> None:
        """Wait until the pane knows something."""
        deadline = time.monotonic() + 30
        while (told := self.told()) != wanted:
            assert time.monotonic() < deadline, (told, self("capture-pane", "-p"))


def test_tmux_is_told_the_last_command_and_its_status(name: str, shell: Shell, tmux: Tmux) -> None:
    """`@pane` can then say what failed, and how."""
    tmux("new-session", "-d", "-x", "100", "-y", "30", *shells.START[name])
    try:
        for line in (shells.eval_of(name, "shell"), "leadline_tell_tmux", "HISTCONTROL=ignoreboth; echo on"):
            tmux("send-keys", "-l", "--", line if name == "bash" or "HIST" not in line else "echo on")
            tmux("send-keys", "Enter")
        tmux.until(("HISTCONTROL=ignoreboth; echo on" if name == "bash" else "echo on", "0"))
        for line, status in (
            ("sh -c 'exit 3'", "3"),
            ('echo "two  words" | cat; true ;', "0"),
            ("-x \"$(printf '%s' '#{pane_id}')\" #{pane_pid}", "127"),
        ):
            # A last semicolon would end the command of tmux that types it.
            tmux("send-keys", "-l", "--", line[:-1] + "\\;" if line.endswith(";") else line)
            tmux("send-keys", "Enter")
            tmux.until((line, status))
        tmux("send-keys", "-l", "--", " echo hidden")
        tmux("send-keys", "Enter")
        tmux.until(("", "0"))
        tmux("send-keys", "-l", "--", "sleep 30")
        tmux("send-keys", "Enter")
        tmux.until(("sleep 30", ""))
    finally:
        tmux("kill-server")


def test_a_filter_of_vim_gets_the_code_and_nothing_else(shell: Shell, server: OllamaServer) -> None:
    """`:'<,'>!leadline ask -x` puts both streams into the text; only the code may be in them."""
    if shutil.which("vim") is None:
        pytest.skip("vim is not installed here")
    server.script = replace(server.script, reply="Sure:\n\n```python\nx: int = 1\n```\n")
    (shell.home / ".leadline.md").write_text("use types")
    (shell.home / "a.py").write_text("a = 0\nx = 1\nb = 2\n")
    command = "2!leadline ask -x 'add types; answer with the code alone'"
    subprocess.run(
        ["vim", "-u", "NONE", "-es", "-c", command, "-c", "wq", "a.py"],
        env=shells.environ_of(shell),
        cwd=shell.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )

    assert (shell.home / "a.py").read_text() == "a = 0\nx: int = 1\nb = 2\n"
    assert shell.turns()[0].attachments[0].text == "x = 1\n"

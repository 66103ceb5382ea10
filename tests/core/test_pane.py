"""Panes of a real tmux, on a server of the test's own: the last command, its output, its exit status."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.context.mentions import mentions
from core.context.sources.gathered import Gathered
from core.context.sources.pane import MOST_LINES, take_pane
from core.context.sources.sources import Sources
from core.errors import AttachmentRefused

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")

SHELL = "env PS1='me@host:~$ ' bash --norc --noprofile"


class Tmux:
    """A tmux server with one window."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "tmux")
        self("new-session", "-d", "-x", "100", "-y", "30", "-c", str(folder), SHELL)
        self.until("%0", lambda shown: "$" in shown)

    def __call__(self, *arguments: str) -> str:
        """Run a tmux command; what it prints."""
        environ = {"PATH": os.environ["PATH"], "HOME": "/", "TERM": "xterm", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self.socket, *arguments],
            env=environ,
            capture_output=True,
            timeout=100,
            check=True,
        )
        return done.stdout.decode().rstrip("\n")

    def environ(self, own: str) -> dict[str, str]:
        """The environment of a program in a pane."""
        return {"PATH": os.environ["PATH"], "TMUX": f"{self.socket},1,0", "TMUX_PANE": own, "LANG": "C.UTF-8"}

    def split(self, *options: str) -> str:
        """One more pane, which becomes the active one; its id."""
        pane = self("split-window", "-P", "-F", "#{pane_id}", *options, SHELL)
        self.until(pane, lambda shown: "$" in shown)
        return pane

    def type(self, pane: str, line: str, is_done: Callable[[str], bool]) -> None:
        """Type a line into a pane, and wait until its screen shows what it must."""
        self("send-keys", "-t", pane, "-l", line)
        self("send-keys", "-t", pane, "Enter")
        self.until(pane, is_done)

    def until(self, pane: str, is_done: Callable[[str], bool]) -> None:
        deadline = time.monotonic() + 30
        while not is_done(shown := self("capture-pane", "-p", "-t", pane)):
            assert time.monotonic() < deadline, shown


def prompts(count: int) -> Callable[[str], bool]:
    """So many prompts stand on the screen."""
    return lambda shown: shown.count("me@host:") >= count


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A server that ends with the test."""
    running = Tmux(tmp_path)
    try:
        yield running
    finally:
        running("kill-server")


def take(tmux: Tmux, own: str, target: str = "") -> Gathered:
    return asyncio.run(take_pane(target, tmux.environ(own)))


def test_the_other_panes_last_command_and_its_output(tmux: Tmux) -> None:
    """What failed beside the person's question is one word away."""
    tmux.type("%0", "echo first", prompts(2))
    tmux.type("%0", "printf 'E  boom\\n1 failed\\n'; false", prompts(3))
    own = tmux.split()

    (attachment,) = take(tmux, own).attachments

    assert attachment.text == "$ printf 'E  boom\\n1 failed\\n'; false\nE  boom\n1 failed\n"
    assert attachment.name == "pane %0 · printf 'E  boom\\n1 failed\\n'; false"
    assert attachment.origin == ""


def test_a_shell_that_tells_gives_command_and_exit_status(tmux: Tmux) -> None:
    """Two options of the pane, whatever the prompt looks like."""
    tmux.type("%0", "PS1='?? '; echo boom; (exit 3)", lambda shown: shown.rstrip().endswith("??"))
    tmux("set", "-p", "-t", "%0", "@leadline_command", "PS1='?? '; echo boom; (exit 3)")
    tmux("set", "-p", "-t", "%0", "@leadline_status", "3")
    own = tmux.split()

    (attachment,) = take(tmux, own).attachments

    assert attachment.name.endswith("· exit 3")
    assert attachment.text.startswith("$ PS1='?? '; echo boom; (exit 3)\nboom\n")


def test_the_newest_of_several_panes_is_taken_and_each_can_be_named(tmux: Tmux) -> None:
    """By id, by number, by where it is."""
    right = tmux.split("-h")
    tmux.type("%0", "echo in the left one", prompts(2))
    tmux.type(right, "echo in the right one", prompts(2))
    below = tmux.split("-v")

    def said(own: str, target: str) -> str:
        return take(tmux, own, target).attachments[0].text.split("\n")[1]

    assert said(below, "") == "in the right one"
    assert said(below, "left") == said(below, "%0") == said(below, "0") == "in the left one"
    assert said(below, "up") == said(below, right) == "in the right one"
    assert said("%0", "right") == "in the right one"
    with pytest.raises(AttachmentRefused, match="there is no pane %77"):
        take(tmux, below, "%77")
    with pytest.raises(AttachmentRefused, match="there is no pane right"):
        take(tmux, below, "right")


def test_asked_in_the_pane_itself_the_command_that_asks_is_left_out(tmux: Tmux, tmp_path: Path) -> None:
    """With one pane the failing command is above the question."""
    tmux.type("%0", "echo boom; false", prompts(2))
    script = tmp_path / "leadline"
    script.write_text("#!/bin/sh\nexec sleep 30\n")
    script.chmod(0o755)
    tmux.type("%0", "./leadline ask '@pane why?'", lambda shown: "why" in shown)

    (attachment,) = take(tmux, "%0").attachments

    assert attachment.text == "$ echo boom; false\nboom\n"


def test_behind_the_screen_the_shell_is_still_there(tmux: Tmux) -> None:
    """The screen covers the pane it runs in; what is meant stands behind it."""
    tmux.type("%0", "echo boom; false", prompts(2))
    covered = "printf '\\033[?1049h\\033[HCOVER'; sleep 30 # leadline"
    tmux.type("%0", covered, lambda shown: shown.startswith("COVER"))

    (attachment,) = take(tmux, "%0").attachments

    assert attachment.text == "$ echo boom; false\nboom\n"


def test_a_command_that_runs_still_and_a_pager(tmux: Tmux) -> None:
    """What hangs, and what an editor shows, is asked about as well."""
    tmux.type("%0", "echo started; sleep 30", lambda shown: "\nstarted" in shown)
    own = tmux.split()
    assert take(tmux, own).attachments[0].text == "$ echo started; sleep 30\nstarted\n"

    tmux("send-keys", "-t", "%0", "C-c")
    tmux.until("%0", prompts(2))
    tmux.type("%0", "printf '\\033[?1049h\\033[Ha page'; sleep 30", lambda shown: shown.startswith("a page"))
    assert "a page" in take(tmux, own).attachments[0].text


def test_a_long_output_is_cut_at_its_beginning_and_that_is_said(tmux: Tmux) -> None:
    """An error stands at the end."""
    tmux.type("%0", "seq 1 1000; echo end", lambda shown: "\nend" in shown)
    own = tmux.split()

    taken = take(tmux, own)

    lines = taken.attachments[0].text.splitlines()
    assert lines[0] == "$ seq 1 1000; echo end"
    assert lines[-1] == "end"
    assert len(lines) == MOST_LINES + 1
    assert f"only the last {MOST_LINES} lines" in taken.note


def test_without_any_prompt_the_last_lines_are_taken_and_that_is_said(tmux: Tmux) -> None:
    """Better than nothing, and never passed off as more than that."""
    tmux.type("%0", "PS1=; clear; echo one; echo two", lambda shown: shown.strip().endswith("two"))
    tmux.until("%0", lambda shown: "me@host" not in shown)
    own = tmux.split()

    taken = take(tmux, own)

    assert taken.attachments[0].text == "one\ntwo\n"
    assert "no prompt was found" in taken.note


def test_payloads_in_a_pane_stay_harmless(tmux: Tmux) -> None:
    """A log may hold what another terminal would obey, and letters that hide."""
    evil = "printf '\\033]52;c;AAAA\\007\\033[31mred\\033[0m \\342\\200\\256x \\357\\273\\277'; echo"
    tmux.type("%0", evil, prompts(2))
    own = tmux.split()

    (attachment,) = take(tmux, own).attachments

    assert not {"\x1b", "\x07", "\u202e", "\ufeff"} & set(attachment.text + attachment.name)
    assert "red" in attachment.text


def test_it_takes_no_longer_than_a_tenth_of_a_second(tmux: Tmux) -> None:
    """The goal is 100 ms; the best of five, since machines are noisy."""
    tmux.type("%0", "seq 1 2000; echo end", lambda shown: "\nend" in shown)
    own = tmux.split()

    async def best() -> float:
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            await take_pane("", tmux.environ(own))
            took.append(time.perf_counter() - begun)
        return min(took)

    assert asyncio.run(best()) < 0.1


def test_outside_of_tmux_a_sentence_says_what_works(tmp_path: Path) -> None:
    """Most people are not in one."""
    (mention,) = mentions("@pane why?", tmp_path)

    with pytest.raises(AttachmentRefused) as caught:
        asyncio.run(Sources(tmp_path, {"PATH": os.environ["PATH"]}).read(mention))

    assert "tmux" in caught.value.message
    assert "| leadline ask" in caught.value.remedy


def test_a_tmux_that_is_gone_is_no_pane(tmp_path: Path) -> None:
    """The variable outlives the server."""
    environ = {"PATH": os.environ["PATH"], "TMUX": f"{tmp_path}/gone,1,0", "TMUX_PANE": "%0"}

    with pytest.raises(AttachmentRefused, match="there is no pane here"):
        asyncio.run(take_pane("", environ))

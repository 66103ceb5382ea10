"""The warm start itself: a command that was forked is the command that a person starts."""

import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.server import OllamaServer
from tests.shell.running import ROOT, Shell
from tests.shell.warm import WarmStart


def test_a_forked_command_does_what_a_fresh_one_does(shell: Shell, server: OllamaServer) -> None:
    """Nearly every test of the command leans on this: same code, same bytes, same request."""
    shell.fresh("ask", "the first one chooses the model")
    for arguments, stdin in (
        (("help",), None),
        (("ask", "--nope"), None),
        (("ask", "--json", "--no-cache", "why?"), b"from a pipe\n"),
        (("ask", "--no-cache", "what is \u00fc?"), None),
        (("models",), None),
        (("cache", "stats"), None),
        (("keys", "list"), None),
    ):
        forked, fresh = (run(*arguments, stdin=stdin) for run in (shell.run, shell.fresh))
        assert (forked.code, forked.err) == (fresh.code, fresh.err)
        assert _shape(forked.out) == _shape(fresh.out), arguments
    chats = [record.body["messages"] for record in server.requests("/api/chat")[1:]]
    assert chats[0] == chats[1]
    assert chats[2] == chats[3]


def test_a_forked_command_has_nothing_of_ours_around_it(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable or a folder of whoever runs the tests must not decide what they find."""
    monkeypatch.setenv("LEADLINE_FAST__MODEL", "from-outside:1b")
    assert "qwen3.5:4b answers" in shell.run("ask", "hi").err
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.txt").write_text("there\n")
    assert shell.run("ask", "-f", "a.txt", "hi", cwd=tmp_path / "elsewhere").code == 0


def test_a_forked_command_that_does_not_end_is_ended(shell: Shell, server: OllamaServer) -> None:
    """A test that hangs says so, and leaves no process behind."""
    began = time.monotonic()
    warm = WarmStart(ROOT)
    try:
        with server.occupy("qwen3.5:4b"):
            for seconds in (2, 10, 30):  # on a busy machine it may not have asked by then
                with pytest.raises(subprocess.TimeoutExpired):
                    warm.run(("ask", "hi"), None, shell.environ, shell.home, seconds)
                if server.log:
                    break
            server.wait_for(lambda record: record.client_gone_at is not None)
    finally:
        warm.close()
    assert time.monotonic() - began < 90


def _shape(out: str) -> list[str]:
    """The lines without times, numbers of rows and sizes, which differ from one run to the next."""
    return [re.sub(r"[\d.,]+", "0", line) for line in out.splitlines()]

"""Who looks: a terminal tells when it has the focus, and without it nothing is done ahead."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.screen.terminals import in_terminal, sees
from tests.screen.tmux import Tmux

AHEAD = {"LEADLINE_SPECULATION__ENABLED": "true"}
NOBODY = "127.0.0.1:9"
NO_FOCUS = "the terminal has no focus"
ALL = "follow-up"
ASKS_FOR_FOCUS = b"\x1b[?1004h"


def test_a_terminal_that_loses_the_focus_is_believed(tmp_path: Path) -> None:
    """The window that nobody looks at must not warm the room."""
    with in_terminal(tmp_path, NOBODY, "--demo", also=AHEAD) as terminal:
        sees(terminal, "prepared answers")
        assert ASKS_FOR_FOCUS in terminal.output
        terminal.type("/speculation\r")
        sees(terminal, ALL)
        terminal.send(b"\x1b[O")
        sees(terminal, NO_FOCUS)
        terminal.send(b"\x1b[I")
        sees(terminal, ALL)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """Leadline in the upper of two panes, of a tmux that passes the focus on."""
    server = Tmux(tmp_path, AHEAD)
    server.open(80, 40)
    server.run("set-option", "-g", "focus-events", "on")
    yield server
    server.close()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
def test_tmux_passes_the_focus_on_from_pane_to_pane(tmux: Tmux, tmp_path: Path) -> None:
    """Most terminals that developers look at are panes; the other one having the focus is no focus here."""
    with Terminal(tmux.attach(), tmux.environ, columns=80, rows=40, directory=tmp_path):
        tmux.enter("0", "leadline --demo")
        tmux.until("0", "prepared answers")
        tmux.enter("0", "/speculation")
        tmux.until("0", ALL)
        tmux.split(10, "sh")
        tmux.until("0", NO_FOCUS)
        tmux.run("select-pane", "-t", "0")
        tmux.until("0", ALL)

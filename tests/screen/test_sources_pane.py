"""The sixty seconds begin in a real tmux: a failing test in one pane, `@pane why?` in the other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.terminals import in_terminal, sees
from tests.screen.tmux import Tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
FAILING = """\
E       assert -1 == 3
E        +  where -1 = add(1, 2)
test_adder.py:4: AssertionError
FAILED test_adder.py::test_add - assert -1 == 3
"""


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in the first pane in which a test has failed."""
    (tmp_path / "failing.txt").write_text(FAILING, "utf-8")
    server = Tmux(tmp_path)
    server.open(80, 50)
    server.enter("0", "cat failing.txt")
    server.until("0", "FAILED")
    yield server
    server.close()


def test_a_pane_is_shown_before_it_goes_and_why_is_answered(tmux: Tmux) -> None:
    """One word instead of selecting, copying and pasting; and it is seen what will be sent."""
    tmux.split(30, "leadline", "--demo")
    tmux.until("1", "Ask anything")

    tmux.type("1", "@pane why?")
    before = tmux.until("1", "tok ✕")
    assert "▤ pane" in before
    assert "›" not in before
    tmux.press("1", "Enter")

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

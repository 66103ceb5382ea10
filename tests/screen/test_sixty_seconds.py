"""The sixty seconds that sell it: one real tmux, two panes, the demo model, and every step in its order."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.labels import labels
from tests.screen.tmux import Tmux

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None or shutil.which("git") is None, reason="there is no tmux or no git here"
)
FAILING = """\
E       assert -1 == 3
E        +  where -1 = add(1, 2)
test_adder.py:4: AssertionError
FAILED test_adder.py::test_add - assert -1 == 3
"""
SHELL, SCREEN = "0", "1"
RUNS = "/end keeps"
"""The foot of the panel, while a run goes on and the prompt has the focus."""


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in the first pane, in a project with something staged."""
    (tmp_path / "failing.txt").write_text(FAILING, "utf-8")
    (tmp_path / "adder.py").write_text("def add(a, b):\n    return a + b\n", "utf-8")
    for words in (("init", "--quiet"), ("add", "adder.py")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    server = Tmux(tmp_path, {"LEADLINE_SPECULATION__ENABLED": "true"})
    server.open(80, 100)
    yield server
    server.close()


def test_the_sixty_seconds(tmux: Tmux) -> None:
    """If one of these steps breaks, what is said of leadline in one minute is not true any more.

    The demo has no network that could be off; that with none at all a stored answer is there at once, and
    depth is found on this machine, is seen in a network namespace by tests/shell/test_without_network.py.
    """
    yesterday(tmux)
    a_failing_test_is_asked_about(tmux)
    depth_is_asked_for_and_the_prompt_stays_free(tmux)
    a_commit_message_for_the_shell(tmux)
    the_deep_answer_is_there_and_the_draft_beside_it(tmux)
    what_was_asked_yesterday_is_there_at_once(tmux)
    the_last_answer_stands_in_the_scrollback(tmux)


def yesterday(tmux: Tmux) -> None:
    """A question that was asked once before."""
    tmux.enter(SHELL, 'leadline --demo ask "How do I type a new line?" >/dev/null 2>&1 && echo was asked')
    tmux.until(SHELL, "was asked $")


def a_failing_test_is_asked_about(tmux: Tmux) -> None:
    """The text flows: its beginning is read while its end has not come."""
    tmux.enter(SHELL, "cat failing.txt")
    tmux.until(SHELL, "FAILED test_adder.py::test_add - assert -1 == 3 $")
    tmux.split(85, "sh", "-c", "leadline --demo; echo bye; exec sh")
    tmux.until(SCREEN, "Ask anything")
    tmux.until(SCREEN, "prepared answers, no real model")
    tmux.type(SCREEN, "@pane why?")
    assert "▤ pane" in tmux.until(SCREEN, "tok ✕")
    tmux.press(SCREEN, "Enter")
    flowing = tmux.until_all(SCREEN, ("› @pane why?", "test_add fails", "esc stops"))
    assert not labels(flowing, "demo model")
    tmux.until_it(
        SCREEN,
        lambda shown: "and the test expects 3" in shown and labels(shown, "demo model") > 0,
        "the whole answer and its label",
    )


def depth_is_asked_for_and_the_prompt_stays_free(tmux: Tmux) -> None:
    """What goes where is said before it goes; the next question is answered before the deep one is."""
    tmux.press(SCREEN, "C-t")
    asked = tmux.until_all(SCREEN, ("→ the demo model (nothing leaves)", "enter sends · esc no"))
    assert "1) pane" in asked
    assert RUNS not in asked
    tmux.press_until(SCREEN, "Enter", RUNS)
    tmux.enter(SCREEN, "hello")
    meanwhile = tmux.until_all(SCREEN, ("› hello", "Hello! I am the demo model"))
    assert RUNS in meanwhile


def a_commit_message_for_the_shell(tmux: Tmux) -> None:
    """Only the block: it can be given to git as it stands."""
    tmux.enter(SHELL, "clear; git diff --staged | leadline --demo ask -x 'commit message' 2>/dev/null >said")
    tmux.enter(SHELL, "clear; cat said")
    said = tmux.until(SHELL, "Closes #214. $")
    assert "```" not in said
    assert "Subject" not in said


def the_deep_answer_is_there_and_the_draft_beside_it(tmux: Tmux) -> None:
    """Neither has taken the other's place, and the answer in between is where it was."""
    shown = tmux.until_all(SCREEN, ("deep ✓", "/choose makes it the turn's answer"))
    draft, deep, label, meanwhile = map(
        shown.index, ("and the test expects 3", "Which of the two is wrong?", "deep · demo model", "› hello")
    )
    assert draft < deep < label < meanwhile


def what_was_asked_yesterday_is_there_at_once(tmux: Tmux) -> None:
    """From the cache: no model has said it a second time."""
    tmux.press(SCREEN, "C-n")
    tmux.until_it(SCREEN, lambda shown: "› hello" not in shown, "a new conversation")
    tmux.enter(SCREEN, "How do I type a new line?")
    shown = tmux.until(SCREEN, "cached · just now · demo model")
    assert "› How do I type a new line?" in shown


def the_last_answer_stands_in_the_scrollback(tmux: Tmux) -> None:
    """Whoever quits has not lost it."""
    tmux.press(SCREEN, "C-q")
    left = tmux.until(SCREEN, "bye $")
    assert "Ask anything" not in left
    assert "begins a new line in the prompt" in left

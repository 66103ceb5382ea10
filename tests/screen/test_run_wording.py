"""How a run is said in one line: what it is, how it stands, which question it thinks through."""

from dataclasses import replace

from rich.cells import cell_len

from core.deep.status import RunState
from tests.screen.scripted_deep import DEEPER, STATUS
from tui.run_wording import ended_elsewhere, listed, summary

LONG = "why does the pool leak connections when a task is cancelled?"


def test_a_run_among_others_is_one_line_that_fits() -> None:
    """A line that wraps, or says a word twice, cannot be compared with the next one."""
    lines = [
        listed(replace(DEEPER, number=2, question=LONG), 46),
        listed(replace(STATUS, state=RunState.COMPLETE, question="why?"), 46),
        listed(replace(STATUS, number=3, state=RunState.FAILED, question="为什么" * 20), 46),
    ]
    assert lines[0] == '2 ◐ deeper write 0:31 "why does the pool lea…"'
    assert lines[1] == '1 ✓ deep 0:31 "why?"'
    assert all(cell_len(line) <= 46 for line in lines)


def test_a_question_can_do_nothing_to_the_terminal() -> None:
    """It may have been pasted."""
    status = replace(STATUS, state=RunState.COMPLETE, question="why\x1b]52;c;x\x07\nso?")
    assert "\x1b" not in listed(status, 60) + ended_elsewhere(status)
    assert "\n" not in listed(status, 60) + ended_elsewhere(status)


def test_what_a_run_does_is_said_once() -> None:
    """``write · write: 119 tokens`` takes the room of what is worth knowing."""
    assert summary(replace(STATUS, usual=None, fact="write: 119 tokens")) == (
        "deep ◐ 0:31 · write: 119 tokens · ≈$0.07"
    )

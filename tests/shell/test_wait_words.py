"""What a shell is told while nothing comes: on stderr, in a line that passes."""

import pytest

from core.events import TextDelta, ThinkingDelta, Waiting, WaitReason
from tui.printing import TextPrinter


def test_a_wait_passes_by_on_stderr_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Loading, then thinking; past ten seconds also what can be done. Nothing of it reaches stdout."""
    printer = TextPrinter(extract=False)
    printer._line.is_shown = True  # as on a terminal
    printer.show(Waiting(WaitReason.LOADING, 1000.0, 4100.0))
    assert capsys.readouterr().err.endswith("loading the model (last time 4.1 s) …")
    printer.show(Waiting(WaitReason.LOADING, 10_500.0, None))
    assert "loading the model · ctrl+c stops · -m takes another model …" in capsys.readouterr().err
    printer.show(ThinkingDelta("hm"))
    printer.show(ThinkingDelta("hm"))
    assert capsys.readouterr().err.count("thinking …") == 1
    printer.show(TextDelta("text"))
    printed = capsys.readouterr()
    assert printed.out == "text"
    assert "thinking" not in printed.err

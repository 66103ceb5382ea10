"""The pseudo-terminal the benchmarks and end-to-end tests look through: what it answers, sends and sees."""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.dialect import Dialect, Traits
from tests.bench.figures import Figure, median, p95, table
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn

ENVIRON = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
FLOOR = Path(__file__).parent / "floor" / "textual_input.py"

ECHO = """
import sys, termios, tty
tty.setraw(0)
sys.stdout.write("\\x1b[?1049h\\x1b[>25u\\x1b[?2026$p"); sys.stdout.flush()
while (data := sys.stdin.buffer.raw.read(64)) != b"q":
    sys.stdout.write(repr(data)); sys.stdout.flush()
"""


@pytest.fixture(params=[False, True], ids=["plain", "kitty"])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A program that shows what it is sent, byte for byte."""
    traits = Traits(kitty=request.param)
    with Terminal([sys.executable, "-c", ECHO], ENVIRON, traits=traits) as started:
        started.wait_for(drawn("2026;2$y"))
        yield started


def test_a_question_is_answered_and_a_key_told_as_the_program_asked(terminal: Terminal) -> None:
    """A harness that sends Esc in another way than terminals do would measure something else."""
    terminal.press("escape")
    kitty = rb"b'\\x1b\[27u'"
    plain = rb"b'\\x1b'"
    sighting = terminal.wait_for(re.compile(kitty + b"|" + plain))
    assert sighting.end == terminal.end
    assert (b"[27u" in terminal.output) is terminal.speaks_kitty


def test_a_question_cut_by_the_end_of_a_read_is_answered_once() -> None:
    """The kernel cuts where it likes, and Textual takes a second answer for a key."""
    dialect = Dialect(Traits(in_band_resize=True), 80, 24)
    said = [dialect.answers(piece) for piece in (b"abc\x1b[?20", b"48$p\x1b[", b"6n", b"x")]
    assert said == [b"", b"\x1b[?2048;2$y", b"\x1b[1;1R", b""]


def test_a_word_is_found_though_its_colours_change_and_what_was_before_does_not_count() -> None:
    """An echo must be a new one, and a highlighter may colour half a word."""
    program = r"import time; print('ab', flush=True); time.sleep(0.2); print('a\x1b[1mb', flush=True)"
    began = time.monotonic()
    with Terminal([sys.executable, "-c", program], ENVIRON) as terminal:
        first = terminal.wait_for(drawn("ab"))
        second = terminal.wait_for(drawn("ab"), since=first.end)
    assert began < first.at < second.at


def test_waiting_in_vain_says_what_the_screen_shows() -> None:
    """A benchmark that fails must tell why; and a program that ended is not waited for."""
    with (
        Terminal([sys.executable, "-c", "print('no such luck')"], ENVIRON) as terminal,
        pytest.raises(TimeoutError, match=r"ended with 0(?s:.*)no such luck"),
    ):
        terminal.wait_for(drawn("something else"))


def test_a_textual_app_draws_a_key_that_was_typed_before_it_was_there() -> None:
    """The start benchmark rests on this: typed at once, drawn by the app and not by the terminal."""
    with Terminal([sys.executable, str(FLOOR)], ENVIRON, typed_at_once="§") as terminal:
        entered = terminal.wait_for(ALTERNATE_SCREEN)
        terminal.wait_for(drawn("§"), since=entered.end)
        terminal.wait_until(lambda lines: any("§" in line for line in lines))
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0


def test_figures_say_when_a_target_is_missed() -> None:
    """The table is all that most people will ever look at."""
    assert median([3, 1, 2]) == 2
    assert p95(range(1, 101)) == 95
    lines = table([Figure("a", 1.234, "ms", 2), Figure("b", 20, "ms", 15), Figure("c", median([]))])
    for word, line in zip(("ok", "ABOVE", "no figure"), lines.splitlines()[1:], strict=True):
        assert word in line

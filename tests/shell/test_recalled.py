"""A stored answer whose reader is gone: the turn is written down all the same."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.messages import Route
from tests.shell.running import COMMAND, PATIENCE_S, Shell

ASKED = "how do I list files?"


def _nobody() -> int:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def _full() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["plain", "json"])
@pytest.mark.parametrize("opened", [_nobody, _full])
def test_a_stored_answer_that_nobody_could_read_is_a_turn_all_the_same(
    shell: Shell, more: tuple[str, ...], opened: Callable[[], int]
) -> None:
    """History shows what was asked, whatever became of the output; and nothing traces back."""
    if opened is _full and not Path("/dev/full").exists():
        pytest.skip("only where there is /dev/full")
    assert shell.run("ask", ASKED).code == 0
    (first,) = shell.turns()
    stdout = opened()
    try:
        done = subprocess.run(
            [*COMMAND, "ask", *more, ASKED],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            env=shell.environ,
            cwd=shell.home,
            check=False,
        )
    finally:
        os.close(stdout)

    assert b"Traceback" not in done.stderr
    (turn,) = shell.turns()
    assert turn.id != first.id
    assert turn.current is not None
    assert turn.current.route is Route.EXACT_HIT

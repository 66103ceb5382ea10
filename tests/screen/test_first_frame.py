"""The first frame is painted by hand: nobody may see where Textual takes over, and no key may be lost."""

import os
import pty
import re
import select
import sys
from pathlib import Path

import pyte
import pytest

from tests.bench.terminal import Terminal
from tests.screen.terminals import ROOT, command, environment, in_terminal, sees
from tests.server import OllamaServer, Script
from tui.first_frame import COLOURS, FirstFrame, draw

NOBODY = "127.0.0.1:9"
FIRST_OF_TEXTUAL = b"\x1b[?2026h"


def picture(data: bytes, columns: int, rows: int) -> list[tuple[str, str, str]]:
    """Character, its colour where it has one to show, and background of every cell."""
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(data)
    cells = [screen.buffer[row][column] for row in range(rows) for column in range(columns)]
    return [(cell.data, cell.fg if cell.data != " " else "", cell.bg) for cell in cells]


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (50, 5)])
def test_what_textual_paints_first_is_cell_for_cell_what_is_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """A difference would be seen as a flash at every start."""
    with in_terminal(tmp_path, NOBODY, size=size) as terminal:
        sees(terminal, "Ollama is not running")
        output = terminal.output
    start = output.index(FIRST_OF_TEXTUAL)
    by_hand = draw(COLOURS["leadline-dark"], *size).encode()

    assert output.startswith(by_hand)
    assert picture(output[:start], *size) == picture(by_hand, *size)
    assert picture(output[: output.index(b"\x1b[?2026l", start)], *size) == picture(by_hand, *size)
    assert output.count(b"\x1b[?1049h") == 1


@pytest.mark.parametrize(
    "also", [{"COLORTERM": ""}, {"NO_COLOR": "1"}, {"LEADLINE_UI__THEME": "leadline-light"}]
)
def test_where_colours_could_differ_nothing_is_painted_by_hand(tmp_path: Path, also: dict[str, str]) -> None:
    """A first frame in other colours than the second is worse than a later one."""
    with in_terminal(tmp_path, NOBODY, also=also) as terminal:
        sees(terminal, "Ask anything")

        assert not terminal.output.startswith(draw(COLOURS["leadline-dark"], 80, 24).encode()[:40])


def test_a_question_typed_before_anything_is_there_is_asked(tmp_path: Path) -> None:
    """Enter reaches an ordinary terminal as a newline; typed early it must send all the same."""
    with OllamaServer(Script(reply="Certainly.")) as server:
        environ = environment(tmp_path, server.url)
        with Terminal(command(), environ, directory=tmp_path, typed_at_once="early § question\r") as terminal:
            sees(terminal, "› early § question")
            sees(terminal, "Certainly.")


def test_what_was_typed_before_is_counted() -> None:
    """By that, an enter that came as a newline is told from a newline that is meant, whenever it is read."""
    master, slave = pty.openpty()
    try:
        os.write(master, "ä\r".encode())
        select.select([slave], [], [], 5)  # the kernel takes a moment
        frame = FirstFrame(slave, slave)
        frame.hush()
        assert frame.typed_before == 3
        assert os.read(slave, 10) == "ä\n".encode()
    finally:
        os.close(master)
        os.close(slave)


def test_a_failure_before_textual_gives_the_terminal_back(tmp_path: Path) -> None:
    """A painted screen that nobody takes over would be a terminal that echoes nothing."""
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "sys.modules['textual.app'] = None\n"
        "from tui.__main__ import main\n"
        "sys.exit(main())\n"
    )
    with Terminal([sys.executable, "-c", start], environment(tmp_path, NOBODY)) as terminal:
        assert terminal.wait_for_exit() == 1
        terminal.wait_for(re.compile(rb"ModuleNotFoundError|ImportError"))

        assert terminal.output.count(b"\x1b[?1049l") == 1
        assert terminal.is_echoing

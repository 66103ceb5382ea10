"""leadline in a real pseudo-terminal, for what only a terminal shows; POSIX only."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.dialect import Traits
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal
from tests.screen.labels import labels

ROOT = Path(__file__).resolve().parents[2]
LEFT_ALTERNATE_SCREEN = re.compile(re.escape(b"\x1b[?1049l"))


def environment(home: Path, url: str) -> dict[str, str]:
    """Nothing of the person's own who runs the tests."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TEXTUAL_ANIMATIONS": "none",
        "LEADLINE_HOME": str(home / "leadline"),
        "OLLAMA_HOST": url,
        "LEADLINE_SPECULATION__ENABLED": "false",  # a server sees what was asked alone
    }


def command(*arguments: str) -> list[str]:
    """What starts leadline, wherever the test stands."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tui.__main__ import main; sys.exit(main())"
    return [sys.executable, "-c", start, *arguments]


@contextmanager
def in_terminal(
    home: Path,
    url: str,
    *arguments: str,
    size: tuple[int, int] = (80, 24),
    kitty: bool = False,
    also: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """The program in a terminal of this size, once it has painted."""
    environ = {**environment(home, url), **(also or {})}
    traits = Traits(kitty=kitty)
    with Terminal(
        command(*arguments), environ, columns=size[0], rows=size[1], traits=traits, directory=home
    ) as terminal:
        terminal.wait_for(ALTERNATE_SCREEN)
        yield terminal


def sees(terminal: Terminal, text: str, timeout: float = 30.0) -> None:
    """Wait until a text is on the terminal's screen; line ends are as good as spaces."""
    wanted = " ".join(text.split())
    terminal.wait_until(lambda lines: wanted in " ".join(" ".join(lines).split()), timeout)


def sees_label(terminal: Terminal) -> None:
    """Wait until an answer is whole on the terminal's screen."""
    terminal.wait_until(lambda lines: labels(" ".join(lines)))

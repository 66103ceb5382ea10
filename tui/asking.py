"""A yes-or-no question of a command on a terminal."""

import sys
from contextlib import suppress


def wants(question: str) -> bool:
    """Ask, where somebody can answer; what was typed before the question answers nothing.

    Only yes is yes: enter alone, the end of input and anything else is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    with suppress(ImportError):  # Windows has no such terminals
        import termios

        with suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201  (stderr is what it is for)
    return sys.stdin.readline().strip().lower() in ("y", "yes")

"""From the start of the process to a typed key on the screen, beside a bare Textual app.

The key is typed before the program has done anything. What the terminal itself echoes does not count: the
key must be drawn after the program has taken the alternate screen.
"""

import argparse
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.bench.figures import Company, Figure, median, ratio, spread, table
from tests.bench.product import FLOOR, CannotRun, Product, add_options, product
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn

KEY = "§"
"""On the keyboard of some, in the interface of none."""


LOST_AFTER_S = 2.0
"""A key that is not drawn so long after the screen was taken will never be."""


def echo_after_start(command: Sequence[str], environ: Mapping[str, str], where: Product) -> float:
    """Milliseconds from the start of the process until the key is drawn; not a number when it was lost.

    Raises:
        CannotRun: The program never took the screen.
    """
    with Terminal(command, environ, directory=where.directory, typed_at_once=KEY) as terminal:
        try:
            entered = terminal.wait_for(ALTERNATE_SCREEN)
        except TimeoutError as error:
            raise CannotRun(f"{' '.join(command)}: {error}") from None
        try:
            seen = terminal.wait_for(drawn(KEY), since=entered.end, timeout=LOST_AFTER_S)
        except TimeoutError as error:
            if terminal.process.poll() is not None:
                raise CannotRun(f"{' '.join(command)}: {error}") from None
            return math.nan
        finally:
            terminal.settle(timeout=1.0)
            leave(terminal)
        return (seen.at - terminal.started_at) * 1000


def leave(terminal: Terminal) -> None:
    """Quit as a person does, so that the next start finds what a person's would."""
    terminal.press("ctrl+q")
    try:
        terminal.wait_for_exit(3.0)
    except subprocess.TimeoutExpired:
        terminal.kill()


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """Start both in turn, after one start of each that does not count.

    Raises:
        CannotRun: One of them does not come up.
    """
    bare = (sys.executable, str(FLOOR / "textual_input.py"))
    ours: list[float] = []
    floor: list[float] = []
    with product(command) as where:
        for number in range(runs + 1):
            floor_ms = echo_after_start(bare, where.environ, where)
            our_ms = echo_after_start(where.command, where.environ, where)
            if number:
                floor.append(floor_ms)
                ours.append(our_ms)
    shown = [value for value in ours if not math.isnan(value)]
    return [
        Figure("start -> typed key echoed, ratio to bare Textual", ratio(shown, floor), "x", 1.5),
        Figure("  leadline", median(shown), detail=spread(shown)),
        Figure("  bare Textual app with an Input", median(floor), detail=spread(floor)),
        Figure("  keys typed at once and lost", len(ours) - len(shown), f"of {len(ours)}", 0),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.start", description=__doc__)
    add_options(parser, 10)
    given = parser.parse_args(arguments)
    company = Company()
    try:
        figures = measure(given.command, given.runs)
    except CannotRun as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(company.words())
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

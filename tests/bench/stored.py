"""A stored answer, beside what cannot be quicker: ``python -m tests.bench.stored``.

In the shell from the start of the process to the whole answer, beside a script that reads one row; on the
screen from enter to the whole answer, beside a bare Textual app's echo of a key.
"""

import argparse
import os
import subprocess
import sys
import time

from tests.bench.figures import Company, Figure, median, p95, ratio, spread, table
from tests.bench.product import FLOOR, MODEL, CannotRun, Product, add_options, product
from tests.bench.start import leave
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn
from tests.server import Loaded, Script

QUESTION = "how do I undo the last commit?"
LAST = "Zweifellos"
REPLY = "It moves the branch back and keeps your work. " * 12 + LAST


def whole_ms(command: tuple[str, ...], where: Product, length: int) -> float:
    """Milliseconds from the start of the process until so many bytes of the answer were read.

    Raises:
        CannotRun: They never came.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=_with_nothing_set(where),
        cwd=where.directory,
    )
    assert process.stdout is not None
    read = 0
    took = 0.0
    while read < length:
        piece = os.read(process.stdout.fileno(), 65536)
        took = (time.perf_counter() - begun) * 1000
        if not piece:
            raise CannotRun(f"{' '.join(command)} printed {read} bytes of {length}")
        read += len(piece)
    process.communicate()
    return took


def in_the_shell(where: Product, runs: int) -> list[Figure]:
    """Both in turn, of an answer that the demo model has given before."""
    our_command = (*where.command, "--demo", "ask", QUESTION)
    first = subprocess.run(
        our_command, env=_with_nothing_set(where), cwd=where.directory, capture_output=True, check=False
    )
    if first.returncode:
        raise CannotRun(first.stderr.decode("utf-8", "replace"))
    floor_command = (
        sys.executable,
        str(FLOOR / "read_one_row.py"),
        str(where.database.with_name("leadline-demo.db")),
    )
    length = len(first.stdout.rstrip(b"\n"))
    floor, ours = [], []
    for number in range(runs + 1):
        one, other = whole_ms(floor_command, where, length), whole_ms(our_command, where, length)
        if number:
            floor.append(one)
            ours.append(other)
    return [
        Figure("ask, exact hit: start -> whole answer, ratio to one row", ratio(ours, floor), "x", 1.3),
        Figure("  leadline ask", median(ours), detail=spread(ours)),
        Figure("  a script that reads one row", median(floor), detail=spread(floor)),
    ]


def _with_nothing_set(where: Product) -> dict[str, str]:
    """The quickest way is for who has set nothing."""
    return {
        name: value
        for name, value in where.environ.items()
        if name != "OLLAMA_HOST" and (name == "LEADLINE_HOME" or not name.startswith("LEADLINE_"))
    }


def on_the_screen(where: Product, runs: int) -> list[Figure]:
    """Enter to the whole answer of a stored question; a letter to its echo in a bare app."""
    echoes: list[float] = []
    with Terminal((sys.executable, str(FLOOR / "textual_input.py")), where.environ) as terminal:
        terminal.wait_for(ALTERNATE_SCREEN)
        terminal.settle()
        for letter in "abcdefghijklmnopqrstuvwxyz"[:runs]:
            end = terminal.end
            pressed = terminal.type(letter)
            echoes.append((terminal.wait_for(drawn(letter), since=end).at - pressed) * 1000)
            terminal.settle()
        terminal.kill()
    hits: list[float] = []
    with Terminal(where.command, where.environ, directory=where.directory) as terminal:
        terminal.wait_for(ALTERNATE_SCREEN)
        terminal.settle(timeout=3.0)
        for _ in range(runs):
            terminal.press("ctrl+n")
            terminal.settle()
            terminal.type(QUESTION)
            terminal.settle()
            end = terminal.end
            pressed = terminal.press("enter")
            hits.append((terminal.wait_for(drawn(LAST), since=end).at - pressed) * 1000)
            terminal.settle()
        leave(terminal)
    beyond = median(hits) - median(echoes)
    return [
        Figure("screen, exact hit: enter -> whole answer, beyond a bare echo", beyond, "ms", 30),
        Figure("  leadline", median(hits), detail=spread(hits)),
        Figure("  leadline, p95", p95(hits)),
        Figure("  a bare Textual app's echo", median(echoes), detail=spread(echoes)),
    ]


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """Ask once, so that it is stored; then measure both.

    Raises:
        CannotRun: The answer is not stored, or the screen does not come up.
    """
    with product(command, Script(loaded=(Loaded(MODEL, 8192),), reply=REPLY)) as where:
        asked = subprocess.run(
            (*where.command, "ask", QUESTION),
            env=where.environ,
            cwd=where.directory,
            capture_output=True,
            check=False,
        )
        if asked.returncode:
            raise CannotRun(asked.stderr.decode("utf-8", "replace"))
        return [*in_the_shell(where, runs), *on_the_screen(where, min(runs, 20))]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stored", description=__doc__)
    add_options(parser, 20)
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

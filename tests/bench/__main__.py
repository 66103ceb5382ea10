"""All benchmarks in two minutes, as tables: ``python -m tests.bench --report``.

Slow figures do not fail it, since other work on the machine makes figures slow; a leadline that cannot be
run at all does. Each is also a command of its own, with more runs: start, ask, stored, screen, deep, kill9,
recording. Those of 100,000 rows are commands only (history, cache), and so is the answer cache's decision
(semantic).
Speculation is replayed over a few conversations of our own here, and over a file of them by its own command.
Policies of answering are compared over fewer questions (ips); where ours loses is told by its own command.
"""

import argparse
import sys
from collections.abc import Callable

from tests.bench import ask, deep, ips, kill9, recording, screen, speculation, start, stored
from tests.bench.figures import Company, Figure, table
from tests.bench.product import CannotRun, add_options
from tests.bench.screen.depth import quick
from tests.bench.screen.programme import REPORTED, run

Measure = Callable[[tuple[str, ...]], list[Figure]]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether leadline could be run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    add_options(parser, 3)
    parser.add_argument("--report", action="store_true", help="the whole table (the default)")
    given = parser.parse_args(arguments)
    runs: int = given.runs
    measures: dict[str, Measure] = {
        "start": lambda command: start.measure(command, runs),
        "ask": lambda command: ask.measure(command, runs),
        "stored": lambda command: stored.measure(command, 5 * runs),
        "screen": lambda command: screen.measure(command, runs),
        "deep": lambda command: deep.measure(command, runs),
        "kill9": lambda command: kill9.measure(command, 30, 1),
        "speculation": lambda _: speculation.measure(),
        "recording": lambda _: recording.measure(50 * runs),
        "ips": lambda _: ips.measure(),
    }
    company = Company()
    figures: list[Figure] = []
    problems: list[str] = []
    for name, measure in measures.items():
        try:
            figures += measure(given.command)
        except (CannotRun, TimeoutError) as problem:
            problems.append(f"{name}: {problem}")
    compared = run(quick(given.command), REPORTED)
    problems += compared.problems
    print(company.words())
    if figures:
        print(table(figures))
    print(f"\nbeside a bare Textual app in the same run\n{compared.words()}")
    for problem_text in problems:
        print(f"bench: {problem_text}", file=sys.stderr)
    return 0 if figures else 1


if __name__ == "__main__":
    sys.exit(main())

"""The screen's figures as one table: ``python -m tests.bench.screen``."""

import argparse
import json
import sys

from tests.bench import figures
from tests.bench.figures import Company
from tests.bench.product import CannotRun, add_options
from tests.bench.screen import __doc__ as what
from tests.bench.screen import sending, taken
from tests.bench.screen.contestants import absent
from tests.bench.screen.depth import full, quick, usual
from tests.bench.screen.programme import PROGRAMME, run

BESIDE = {"sending": sending.measure, "taken": taken.measure}
"""Of leadline alone: no other client is measured so."""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.screen", description=what)
    add_options(parser, 10)
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quick", dest="depth", action="store_const", const=quick, help="in a minute")
    how_much.add_argument("--full", dest="depth", action="store_const", const=full, help="half an hour")
    parser.add_argument(
        "--only", nargs="+", choices=[*BESIDE, *PROGRAMME], metavar="NAME", help="%(choices)s"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    given = parser.parse_args(arguments)
    depth = (given.depth or usual)(given.command)
    wanted = given.only or [*BESIDE, *PROGRAMME]
    company = Company()
    told: list[figures.Figure] = []
    found = run(depth, [name for name in PROGRAMME if name in wanted])
    for name in set(BESIDE).intersection(wanted):
        try:
            told += BESIDE[name](given.command, given.runs)
        except (CannotRun, TimeoutError) as problem:
            found.problems.append(f"{name}: {problem}")
    if given.json:
        print(json.dumps(found.as_json(company.words()), indent=1))
    else:
        print(company.words())
        if told:
            print(figures.table(told))
        print(found.words())
        for name in absent():
            print(f"{name}: not installed")
    for problem_text in found.problems:
        print(f"bench: {problem_text}", file=sys.stderr)
    return 0 if found.rows or told else 1


if __name__ == "__main__":
    sys.exit(main())

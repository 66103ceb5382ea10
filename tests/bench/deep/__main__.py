"""``python -m tests.bench.deep [NAME…]``: one of its measures, or all.

Closing is from the end of a run to its last socket's at the server, while it plans, does its parts and
writes. The wall is a run's in parts over plan, one part and synthesis. Estimates are the claims of the ETA
over simulated runs. Loading is what the first deep call imports. Beside and panel are a person at a real
terminal, with the deep model on a server of its own: fast answers and echoed keys while four parts stream,
and ctrl+t to the panel and its first fact. Pressing is from the key that ends a run to its last socket's end.
"""

import argparse
import json
import sys
from dataclasses import asdict

from tests.bench.deep import MEASURES
from tests.bench.figures import Company, Figure, table
from tests.bench.product import CannotRun, add_options


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.deep", description=__doc__)
    add_options(parser, 14)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; default all")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    company = Company()
    figures: list[Figure] = []
    problems: list[str] = []
    for name, measure in MEASURES.items():
        if given.names and name not in given.names:
            continue
        try:
            figures += measure(given.command, given.runs)
        except (CannotRun, TimeoutError) as problem:
            problems.append(f"{name}: {problem}")
    if given.json:
        told = [asdict(figure) | {"is_reached": figure.is_reached} for figure in figures]
        print(json.dumps({"machine": company.words(), "figures": told, "problems": problems}))
    else:
        print(company.words())
        print(table(figures))
    for problem_text in problems:
        print(f"bench: {problem_text}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.bench.ips``: policies of answering, compared by intelligence per second.

Always-fast, always-deep, fast with deep on request, with the cache, with speculation, and a deep call behind
everything: over the same dice. Then what is varied, a grid with the places where ours loses, and the goals.
The same bytes for the same arguments, whatever the machine and the Python.
"""

import argparse
import json
import sys

from tests.bench.ips.findings import COUNT, QUICK_COUNT, SEEDS, find
from tests.bench.ips.telling import as_json, as_words


def main(arguments: list[str] | None = None) -> int:
    """Work it out and print; a goal that is not reached is said, and no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ips", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="only this one; default " + " ".join(map(str, SEEDS))
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_COUNT} questions a seed, and no grid")
    given = parser.parse_args(arguments)
    seeds = SEEDS if given.seed is None else (given.seed,)
    found = find(seeds, QUICK_COUNT if given.quick else COUNT, has_grid=not given.quick)
    print(json.dumps(as_json(found)) if given.json else as_words(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

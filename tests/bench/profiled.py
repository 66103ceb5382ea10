"""Leadline under the profiler: ``--command "python tests/bench/profiled.py OUT"``; `pstats` reads OUT."""

import cProfile
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run what is behind the file's name as leadline's arguments; the profile is written at the end."""
    sys.path[0] = str(ROOT)
    out = sys.argv.pop(1)
    from tui.cli import run

    profile = cProfile.Profile()
    try:
        return profile.runcall(run, sys.argv[1:])
    finally:
        profile.dump_stats(out)


if __name__ == "__main__":
    sys.exit(main())

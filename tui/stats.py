"""``leadline stats``: what was measured here, in words for people and as numbers for programs."""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from core.engine.figures import gather
from core.providers.whereabouts import Whereabouts
from core.settings.model import Settings
from core.speculation.standing import standing
from core.store.database import Database
from tui.exits import DONE
from tui.printing import put, put_json

LEAST_WIDTH, MOST_WIDTH = 40, 120
_NEAR_S = 2 * 24 * 3600.0
_IN_ASCII = str.maketrans("●○│█┤└┬─·…≈", "o.|#|++--.~")
"""What stands for the marks of tables and charts where stdout takes no others."""


def run(arguments: argparse.Namespace, settings: Settings, provider: Whereabouts, path: Path) -> int:
    """Print every section; the exit code.

    Raises:
        StoreUnavailable: What was measured cannot be read.
    """
    now = time.time()
    database = Database.open(path, lambda: now)
    try:
        figures = gather(database, now - arguments.since, settings.metrics.failure_cost_s)
    finally:
        database.close()
    if arguments.json:
        from tui.stats_json import objects

        for values in objects(figures, standing(settings, provider, path)):
            put_json(values)
        return DONE
    from tui.stats_sections import View, is_empty, lines_of, sections_of

    head = f"since {moment_text(figures.since, arguments.since)}"
    if is_empty(figures):
        put(f"{head}: nothing was asked, so there is nothing to tell; --since looks further back\n")
        return DONE
    view = View(figures, standing(settings, provider, path), settings.speculation.enabled, _width())
    lines = [head]
    for section in sections_of(view):
        lines += ["", section.title, *lines_of(section, view.width)]
    _put_lines(lines)
    return DONE


def moment_text(moment: float, ago_s: float) -> str:
    """A day as people write it, with the hour while it is near; before all clocks the first there is."""
    pattern = "%Y-%m-%d %H:%M" if ago_s < _NEAR_S else "%Y-%m-%d"
    return time.strftime(pattern, time.localtime(max(moment, 0.0)))


def _width() -> int:
    """Columns to fill: of the terminal, or 80 where there is none."""
    columns = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
    return min(max(columns, LEAST_WIDTH), MOST_WIDTH)


def _put_lines(lines: Sequence[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    put(text if is_utf8 else text.translate(_IN_ASCII))

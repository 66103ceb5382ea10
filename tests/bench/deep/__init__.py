"""What depth costs: how soon it ends, how long it takes, what it promises, what it is in the way of."""

from collections.abc import Callable

from tests.bench.deep import beside, closing, estimates, loading, panel, pressing, walls
from tests.bench.figures import Figure

Measure = Callable[[tuple[str, ...], int], list[Figure]]

MEASURES: dict[str, Measure] = {
    "closing": lambda _, runs: closing.measure(runs),
    "wall": lambda _, runs: walls.measure(runs),
    "estimates": lambda _, runs: estimates.measure(20 * runs),
    "loading": lambda _, runs: loading.measure(runs),
    "beside": beside.measure,
    "panel": panel.measure,
    "pressing": lambda command, runs: pressing.measure(command, max(3, runs // 3)),
}
"""By name; each is given what starts leadline, and how many runs."""


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """All of it.

    Raises:
        CannotRun: leadline does not do what is to be measured.
    """
    return [figure for each in MEASURES.values() for figure in each(command, runs)]

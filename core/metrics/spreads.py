"""Half of them, and nineteen of twenty: what is said of many times."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from core.store import cells


class Spread(NamedTuple):
    """How values are spread, by nearest rank: so many percent of the `size` of them are no larger."""

    size: int
    p50: float
    p95: float


def spread_of(ordered: Sequence[float]) -> Spread | None:
    """Of values in ascending order; None when there are none."""
    return Spread(len(ordered), ranked(ordered, 0.5), ranked(ordered, 0.95)) if ordered else None


def ranked(ordered: Sequence[float], share: float) -> float:
    """The smallest of them that this share does not exceed."""
    # Less than a hair: a share that is not quite itself here would ask for one more.
    return ordered[max(0, math.ceil(len(ordered) * share - 1e-9) - 1)]


def in_order(values: Iterable[object]) -> list[float]:
    """What can be reckoned with among cells of the database, ascending: no text, nothing below 0, no end."""
    kept: list[Any] = [value for value in values if value is not None]
    try:
        kept.sort()
        if not kept or (kept[0] >= 0 and kept[-1] < math.inf):
            return kept
    except TypeError:  # a stranger's: looked at one by one, which takes four times as long
        pass
    numbers = (cells.number(value) for value in kept)
    return sorted(number for number in numbers if number is not None and number >= 0)

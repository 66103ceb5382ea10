"""How a chart divides time: hours for a day, quarters of a day for a week, days beyond."""

import math
import time

from core.store.timings import AHEAD_S, Division

HOUR_S, DAY_S = 3600.0, 24 * 3600.0
MOST_DAYS = 40
"""Points that stand apart on eighty columns; a longer time is divided into several days each."""


def division(oldest: float, now: float) -> Division:
    """Where the first part begins, and how long each is: at a full hour, or at midnight where one is.

    Parts are equally long; where the clocks are changed, those behind that begin an hour off.
    """
    span_s = max(0.0, now - oldest)
    if span_s <= 1.5 * DAY_S:
        return Division(_floor(oldest, HOUR_S), HOUR_S)
    if span_s <= 8 * DAY_S:
        return Division(_midnight(oldest), DAY_S / 4)
    return Division(_midnight(oldest), DAY_S * math.ceil(span_s / DAY_S / MOST_DAYS))


def parts(division: Division, now: float) -> int:
    """How many there are until now, and for what a clock ahead of ours wrote."""
    return int((now + AHEAD_S - division.start) / division.step_s) + 1


def _floor(moment: float, step_s: float) -> float:
    return moment - moment % step_s


def _midnight(moment: float) -> float:
    """When that day began where the person is."""
    try:
        day = time.localtime(moment)
        return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
    except (OverflowError, ValueError, OSError):
        return _floor(moment, DAY_S)

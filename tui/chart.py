"""A chart of times, as lines of text: p50 and p95 of each part of a span, seconds by their logarithm.

plotext draws it; importing that takes 45 ms, so it is only done for a chart that is wanted.
"""

import math
import time
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

HALF, MOST, BETWEEN = "●", "○", "│"
"""The p50, the p95, and what joins them."""
FEWEST = 4
"""Points that are worth a chart; fewer are told sooner in words."""
_LIMITS_S = (0.2, 1.0, 3.0, 10.0)
_BEYOND_S = (0.001, 0.01, 0.05, 60.0, 300.0, 3600.0)
_DRAWING = Lock()
"""plotext has one figure, for all who draw; a screen that was closed may still be at it in its thread."""
_LABELS = 5
_HEIGHT = 11
_DAY_S = 24 * 3600.0


class Point(NamedTuple):
    """What was measured in the part that begins at `start` (Unix seconds); seconds."""

    start: float
    p50_s: float
    p95_s: float


def chart(points: Sequence[Point], step_s: float, width: int) -> list[str]:
    """The points over the time that they span, in lines of at most `width` cells without any styling.

    Args:
        step_s: how long a part is.
    """
    import plotext

    with _DRAWING:
        return _drawn(plotext, points, step_s, width)


def _drawn(plotext: Any, points: Sequence[Point], step_s: float, width: int) -> list[str]:
    first = points[0].start
    ticks = _ticks(points)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, _HEIGHT)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.ylim(_height(ticks[0]), _height(ticks[-1]))
    plotext.yticks([_height(tick) for tick in ticks], [f"{tick:g} s" for tick in ticks])
    places = [(point.start - first) / step_s for point in points]
    plotext.xlim(0, max(places[-1], 1.0))
    labelled = _labelled(places)
    plotext.xticks(labelled, [_moment(first + place * step_s, step_s) for place in labelled])
    halves = [_height(point.p50_s) for point in points]
    most = [_height(point.p95_s) for point in points]
    for place, low, high in zip(places, halves, most, strict=True):
        plotext.plot([place, place], [low, high], marker=BETWEEN)
    plotext.scatter(places, most, marker=MOST)
    plotext.scatter(places, halves, marker=HALF)
    drawn: str = plotext.uncolorize(plotext.build())
    return [line.rstrip() for line in drawn.splitlines() if line.strip()]


def _height(seconds: float) -> float:
    return math.log10(max(seconds, _BEYOND_S[0]))


def _ticks(points: Sequence[Point]) -> list[float]:
    """The limits that people feel, and as many beyond them as the points need."""
    low, high = min(point.p50_s for point in points), max(point.p95_s for point in points)
    below = [tick for tick in _BEYOND_S if tick < _LIMITS_S[0]]
    above = [tick for tick in _BEYOND_S if tick > _LIMITS_S[-1]]
    first = next((place for place, tick in reversed(list(enumerate(below))) if tick <= low), 0)
    used_below = below[first:] if low < _LIMITS_S[0] else []
    last = next((place for place, tick in enumerate(above) if tick >= high), len(above) - 1)
    used_above = above[: last + 1] if high > _LIMITS_S[-1] else []
    return [*used_below, *_LIMITS_S, *used_above]


def _labelled(places: Sequence[float]) -> list[float]:
    """Some places, evenly apart, that are named below the chart."""
    last = max(places[-1], 1.0)
    count = int(min(_LABELS, last + 1))
    return [round(number * last / (count - 1)) for number in range(count)]


def _moment(moment: float, step_s: float) -> str:
    """A moment where the person is, as precise as a part is."""
    form = "%H:%M" if step_s < _DAY_S / 4 else "%a %d" if step_s < _DAY_S else "%b %d"
    try:
        return time.strftime(form, time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return ""

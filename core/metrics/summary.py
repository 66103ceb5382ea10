"""What people waited for answers, in figures: by who made them and how, in all, and as time went by.

What counts is decided here, once. An answer that is over counts, whoever asked for it, and `leadline ask` is
among them. The wait is the time to the first text: until it was on the screen where that was measured
(`paint_ms`), else until it came (`ttft_ms`). An answer that failed or was stopped after its first text counts
with that; one that never had any text is below no limit, and above the last when it took longer than that.
How long a whole answer took, and tokens a second, are of complete answers only, the latter of those that a
model made for the question. Deep runs work behind the person: they stand by themselves, and not among all.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from core.messages import Route
from core.metrics.spreads import Spread, in_order, spread_of
from core.store import cells
from core.store.timings import Division, Timing

LIMITS_MS = (200.0, 2_000.0, 3_000.0, 10_000.0)
"""Instant, responsive, delay, abandoned: what people feel (DESIGN 1)."""
_DEEP = frozenset(route.value.encode() for route in Route if route.is_deep)
_READY = frozenset(route.value.encode() for route in Route if route.is_stored) | {
    Route.PREFETCH_HIT.value.encode()
}


class Waits(NamedTuple):
    """How many answers had their first text within which limit.

    Attributes:
        answers: all of them, with and without text.
        within: so many within each of `LIMITS_MS`; one that is within a limit is within those behind it.
        above: so many took longer than the last, or had no text for as long.
        textless: so many ended sooner, and without any text.
    """

    answers: int
    within: tuple[int, ...]
    above: int
    textless: int


class Times(NamedTuple):
    """The times of some answers; None where there is none of the kind.

    Attributes:
        ttft, paint, total: milliseconds.
        tokens_per_s: of what a model wrote for the question.
    """

    waits: Waits
    ttft: Spread | None
    paint: Spread | None
    total: Spread | None
    tokens_per_s: Spread | None


class Made(NamedTuple):
    """What was made in one way by one model in one place."""

    model: str
    route: str
    place: str
    times: Times


class Moment(NamedTuple):
    """A part of the time that is looked at; it begins at `start` (Unix seconds)."""

    start: float
    ttft: Spread | None
    total: Spread | None


class Summary(NamedTuple):
    """Everything that was waited for.

    Attributes:
        all: all but what was deep.
        made: by who made it and how, most first.
        moments: the same as `all`, as time went by; parts in which nothing was asked are left out.
    """

    all: Times
    made: Sequence[Made]
    moments: Sequence[Moment]
    division: Division


class _Sorted(NamedTuple):
    """The numbers of some answers, each kind in ascending order; `waited` is paint, or else TTFT."""

    answers: int
    waited: list[float]
    textless: list[float]
    ttft: list[float]
    paint: list[float]
    total: list[float]
    speed: list[float]


def summarise(rows: Sequence[Timing], division: Division) -> Summary:
    """Add up what was read by `core.store.timings`, oldest first."""
    groups: dict[tuple[bytes, bytes, bytes, int], list[Timing]] = {}
    for row in rows:
        key = row[:4]
        try:
            groups[key].append(row)
        except KeyError:
            groups[key] = [row]
    makers: dict[tuple[bytes, bytes, bytes], list[_Sorted]] = {}
    for (model, route, place, is_complete), group in groups.items():
        made_so = _sorted(group, is_complete=bool(is_complete), is_made=route not in _READY)
        makers.setdefault((model, route, place), []).append(made_so)
    merged = {maker: _merged(parts) for maker, parts in makers.items()}
    made = [
        Made(_name(model), _name(route), _name(place), _times(part))
        for (model, route, place), part in merged.items()
    ]
    return Summary(
        all=_times(_merged([part for (_, route, _), part in merged.items() if route not in _DEEP])),
        made=sorted(made, key=_most_first),
        moments=_moments(rows, division),
        division=division,
    )


def _sorted(rows: Sequence[Timing], *, is_complete: bool, is_made: bool) -> _Sorted:
    """The numbers of answers that were made in one way, and ended in one."""
    *_, ttft, total, paint, speed = zip(*rows, strict=True)
    is_timed = any(map(_is_there, paint))
    waited = [early if late is None else late for early, late in zip(ttft, paint, strict=True)]
    in_time = in_order(ttft)
    return _Sorted(
        answers=len(rows),
        waited=in_order(waited) if is_timed else in_time,
        textless=in_order(whole for first, whole in zip(waited, total, strict=True) if first is None),
        ttft=in_time,
        paint=in_order(paint) if is_timed else [],
        total=in_order(total) if is_complete else [],
        speed=[each for each in in_order(speed) if each] if is_complete and is_made else [],
    )


def _is_there(cell: object) -> bool:
    return cell is not None


def _merged(parts: Sequence[_Sorted]) -> _Sorted:
    """All of them together; what is in order in pieces is soon in order as a whole."""
    if not parts:
        return _Sorted(0, [], [], [], [], [], [])
    if len(parts) == 1:
        return parts[0]
    return _Sorted(
        sum(part.answers for part in parts),
        *(sorted(chain.from_iterable(lists)) for lists in zip(*(part[1:] for part in parts), strict=True)),
    )


def _times(part: _Sorted) -> Times:
    within = tuple(bisect_right(part.waited, limit) for limit in LIMITS_MS)
    endless = len(part.textless) - bisect_right(part.textless, LIMITS_MS[-1])
    waits = Waits(
        answers=part.answers,
        within=within,
        above=len(part.waited) - within[-1] + endless,
        textless=part.answers - len(part.waited) - endless,
    )
    return Times(waits, *map(spread_of, (part.ttft, part.paint, part.total, part.speed)))


def _moments(rows: Sequence[Timing], division: Division) -> list[Moment]:
    found = []
    for place, group in groupby((row for row in rows if row[1] not in _DEEP), itemgetter(4)):
        batch = list(group)
        ttft = in_order(row[5] for row in batch)
        total = in_order(row[6] for row in batch if row[3])
        if ttft or total:
            start = division.start + place * division.step_s
            found.append(Moment(start, spread_of(ttft), spread_of(total)))
    return found


def _most_first(made: Made) -> tuple[int, str, str, str]:
    return -made.times.waits.answers, made.model, made.route, made.place


def _name(cell: bytes) -> str:
    return cells.line(cells.decoded(cell))

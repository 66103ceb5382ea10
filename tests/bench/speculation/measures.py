"""What conversations under one policy add up to: the figures that were asked for, and what explains them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.messages import Route
from core.speculation.chip import Mark
from tests.bench.figures import median, p95
from tests.bench.speculation.replay import Asked
from tests.bench.speculation.stage import Lived

T = TypeVar("T")

INSTANT_S = 0.200
LONG_ENOUGH_S = 15.0
"""A thought as long as a chip's answer needs to be begun; of shorter ones nothing is asked."""
_READS = ("preload", "read")


@dataclass(frozen=True, slots=True)
class Measures:
    """One policy on one machine.

    Attributes:
        share_under_200ms, ttft_p50_ms, ttft_p95_ms: of typed follow-ups, from Enter to the first text.
        hits: follow-ups that an answer made ahead was shown for.
        wasted_tokens_per_hit: decoded ahead of follow-ups and shown to nobody; None without hits.
        interference_p95_ms, interference_max_ms: how much later a first text came because of what was made
            ahead just then; of all follow-ups.
        busy_share: of the time, silences beyond five minutes cut.
        wrong_served: answers made ahead for another request than the one they were shown for.
    """

    share_under_200ms: float
    ttft_p50_ms: float
    ttft_p95_ms: float
    hits: int
    wasted_tokens_per_hit: float | None
    interference_p95_ms: float
    interference_max_ms: float
    busy_share: float
    wrong_served: int


@dataclass(frozen=True, slots=True)
class Chips:
    """What became of chips.

    Attributes:
        turns: follow-ups that were thought about for long enough.
        offered_share: of them, those with a chip on offer at the end.
        head_ready_share, ready_share: of those, where the first chip's answer was begun, where it was whole.
        taken, typed: follow-ups by chip, and by typing.
        taken_ready: of the taken ones, those whose answer was whole.
        ready_paint_p95_ms, paint_p95_ms: from the chip's key to the first text, of those, and of all taken;
            None of none.
        tokens, requests: by what they were for, as the server saw it.
        counted_tokens: by the product's own count and words.
        wasted_tokens: as in `Measures.wasted_tokens_per_hit`, in all.
        wasted_after_last: more of them, behind last answers, where nothing is asked any more.
        adopted_still: typed follow-ups whose request was under way already.
    """

    turns: int
    offered_share: float
    head_ready_share: float
    ready_share: float
    typed: int
    taken: int
    taken_ready: int
    ready_paint_p95_ms: float | None
    paint_p95_ms: float | None
    tokens: dict[str, int]
    requests: dict[str, int]
    counted_tokens: dict[str, int]
    wasted_tokens: int
    wasted_after_last: int
    adopted_still: int


def measures(lives: Sequence[Lived]) -> Measures:
    """The figures of all follow-ups together."""
    asked = [one for lived in lives for one in lived.asked]
    waits_ms = _waits_ms(asked)
    held_up_ms = [one.held_up_s * 1000 for one in asked]
    hits = sum(one.route is Route.PREFETCH_HIT for one in asked)
    passed_s = sum(lived.passed_s for lived in lives)
    return Measures(
        share_under_200ms(asked),
        _ms(median(waits_ms)),
        _ms(p95(waits_ms)),
        hits,
        round(_wasted(lives) / hits, 1) if hits else None,
        _ms(p95(held_up_ms)),
        _ms(max(held_up_ms, default=0.0)),
        round(sum(lived.busy_s for lived in lives) / passed_s, 4) if passed_s else 0.0,
        sum(one.is_wrong for one in asked),
    )


def share_under_200ms(asked: Sequence[Asked]) -> float:
    """Of the typed follow-ups."""
    return _share(_waits_ms(asked), lambda ms: ms < INSTANT_S * 1000)


def chips(lives: Sequence[Lived]) -> Chips:
    """What stands behind them."""
    asked = [one for lived in lives for one in lived.asked]
    eligible = [one for one in asked if one.thought_s >= LONG_ENOUGH_S]
    offered = [one for one in eligible if one.marks]
    taken = [one for one in asked if one.is_chip]
    ready = [one for one in taken if one.mark is Mark.READY]
    return Chips(
        len(eligible),
        _share(eligible, lambda one: bool(one.marks)),
        _share(offered, lambda one: one.marks[0] is not Mark.ASKED),
        _share(offered, lambda one: one.marks[0] is Mark.READY),
        len(asked) - len(taken),
        len(taken),
        len(ready),
        _slowest_ms(ready),
        _slowest_ms(taken),
        _added(lived.tokens for lived in lives),
        _added(lived.requests for lived in lives),
        _added(lived.counted for lived in lives),
        _wasted(lives),
        sum(lived.after_last for lived in lives),
        sum(one.route is Route.FAST for one in asked),
    )


def _waits_ms(asked: Sequence[Asked]) -> list[float]:
    return [one.ttft_s * 1000 for one in asked if not one.is_chip]


def _wasted(lives: Sequence[Lived]) -> int:
    """Decoded and shown to nobody; the one token of each request that only reads is counted apart."""
    made = sum(count for lived in lives for purpose, count in lived.tokens.items() if purpose not in _READS)
    return max(0, made - sum(lived.after_last + lived.used for lived in lives))


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))


def _share(values: Sequence[T], holds: Callable[[T], bool]) -> float:
    return round(sum(map(holds, values)) / len(values), 4) if values else 0.0


def _slowest_ms(taken: Sequence[Asked]) -> float | None:
    """How soon 19 of 20 came; None of none, as JSON has no number for that."""
    return _ms(p95(one.ttft_s * 1000 for one in taken)) if taken else None


def _ms(value: float) -> float:
    return round(value, 1)

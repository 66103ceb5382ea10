"""Whether what was told of a deep run's duration at its start came true.

Nothing of it is stored: each run is held against what its own past allowed to be said, in the way of
`core.metrics.usual`, by the runs that were over when it began. Below nine of them no estimate was made, and
none is judged.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.metrics.spreads import Spread, in_order, ranked, spread_of
from core.metrics.usual import usual
from core.store.deep_ledger import ENOUGH, REMEMBERED, DeepLedger, RunTime, Spent


class Coverage(NamedTuple):
    """How often estimates held.

    Attributes:
        told: runs that had one.
        half, most: of them, those within the p50 and within the p90 that was told.
    """

    told: int
    half: int
    most: int


class DeepFigures(NamedTuple):
    """What deep runs took and cost.

    Attributes:
        runs: whole ones; broken ones are no measure of how long a run takes.
        seconds: None without runs.
        usd_p50: of runs whose cost is known; None when there is none.
        spent: every call, those of broken runs too, by model.
    """

    runs: int
    seconds: Spread | None
    coverage: Coverage
    usd_p50: float | None
    spent: Mapping[str, Spent]


@dataclass(slots=True)
class _Past:
    """The runs of one kind that are remembered, and those of each effort among them."""

    every: deque[RunTime] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    same: dict[str, deque[RunTime]] = field(default_factory=dict)


def coverage(runs: Sequence[RunTime], since: float) -> Coverage:
    """Hold each run that ended since a moment against what those before it allowed to be said.

    Args:
        runs: all there were, in the order in which they ended.
    """
    told = half = most = 0
    kinds: dict[tuple[str, str], _Past] = {}
    for run in runs:
        past = kinds.setdefault((run.model, run.preset), _Past())
        same = past.same.setdefault(run.effort, deque(maxlen=REMEMBERED))
        if run.ended_at >= since:
            known = usual(_known(past.every, same, run.ended_at - run.seconds))
            if known is not None and known.p50_s is not None and known.p90_s is not None:
                told += 1
                half += run.seconds <= known.p50_s
                most += run.seconds <= known.p90_s
        past.every.append(run)
        same.append(run)
    return Coverage(told, half, most)


def _known(every: Sequence[RunTime], same: Sequence[RunTime], began: float) -> list[float]:
    """What was known when a run began: of its own effort where that is enough, as the ledger tells it."""
    alike = [run.seconds for run in same if run.ended_at <= began]
    return alike if len(alike) >= ENOUGH else [run.seconds for run in every if run.ended_at <= began]


def deep_figures(ledger: DeepLedger, since: float) -> DeepFigures:
    """Everything of deep runs since a moment (Unix seconds)."""
    every = ledger.runs()
    runs = [run for run in every if run.ended_at >= since]
    costs = in_order(run.usd for run in runs)
    return DeepFigures(
        runs=len(runs),
        seconds=spread_of(in_order(run.seconds for run in runs)),
        coverage=coverage(every, since),
        usd_p50=ranked(costs, 0.5) if costs else None,
        spent=ledger.spent_by_model(since),
    )

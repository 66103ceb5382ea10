"""Where ours loses: every combination of how good and slow models are, what failing costs, what is reused.

A grid is no average of lives. It shows which of the world's numbers decides, and where to stop believing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from statistics import fmean
from typing import NamedTuple

from core.metrics.ips import ips
from tests.bench.ips.policies import SINGLE, Policy
from tests.bench.ips.reckoned import needs, outcomes
from tests.bench.ips.world import Question, World

FAILURE_COSTS_S = (15.0, 30.0, 60.0, 120.0)
FAST_SCALES = (0.3, 0.5, 0.75, 1.0, 1.15)
DEEP_SCALES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
REUSE_SCALES = (0.0, 1.0, 2.0)


class Cell(NamedTuple):
    """One combination; figures are rounded, so that a draw is a draw on every machine.

    Attributes:
        fast_scale, deep_scale: fast chances, and deep waits, in times of the base.
        reuse_scale: stored answers and those begun ahead, in the same way.
        ours, best: settled a minute by ours, and by the better single policy.
        better: which that is.
        ours_anytime, best_anytime: how good the answer at hand was all along; the better single one's.
    """

    failure_cost_s: float
    fast_scale: float
    deep_scale: float
    reuse_scale: float
    ours: float
    best: float
    better: Policy
    ours_anytime: float
    best_anytime: float

    @property
    def ratio(self) -> float:
        """Ours over the better single policy."""
        return round(self.ours / self.best, 3)


class Loss(NamedTuple):
    """Cells with the same models that ours loses to the same policy.

    Attributes:
        lost: how many, of so many `cells` with these models.
        worst: where it loses most.
    """

    lost: int
    cells: int
    worst: Cell


class _Lived(NamedTuple):
    """One policy in one world: settled a minute, by what failing costs, and the answer at hand."""

    per_min: Mapping[float, float]
    anytime: float


def grid(base: World, asked: Sequence[Question]) -> list[Cell]:
    """All cells. What failing costs changes no outcome, and always-fast knows nothing of deep waits."""

    @cache
    def lived(policy: Policy, world: World) -> _Lived:
        found = outcomes(policy, world, asked)
        wanted = needs(found)
        per_min = {cost_s: round(60 * ips(wanted, cost_s), 3) for cost_s in FAILURE_COSTS_S}
        return _Lived(per_min, round(fmean(one.anytime for one in found), 2))

    cells = []
    for fast_scale in FAST_SCALES:
        for deep_scale in DEEP_SCALES:
            of_single = {
                Policy.DEEP: lived(Policy.DEEP, replace(base, deep_scale=deep_scale)),
                Policy.FAST: lived(Policy.FAST, replace(base, fast_scale=fast_scale)),
            }
            for reuse_scale in REUSE_SCALES:
                world = reused(replace(base, fast_scale=fast_scale, deep_scale=deep_scale), reuse_scale)
                of_ours = lived(Policy.OURS, world)
                cells += [_cell(cost_s, world, reuse_scale, of_ours, of_single) for cost_s in FAILURE_COSTS_S]
    return cells


def reused(world: World, scale: float) -> World:
    """With so many times as much of what was said before and of what was begun ahead."""
    return replace(world, exact=world.exact * scale, alike=world.alike * scale, ahead=world.ahead * scale)


def _cell(
    failure_cost_s: float,
    world: World,
    reuse_scale: float,
    of_ours: _Lived,
    of_single: Mapping[Policy, _Lived],
) -> Cell:
    better = max(SINGLE, key=lambda policy: of_single[policy].per_min[failure_cost_s])
    return Cell(
        failure_cost_s,
        world.fast_scale,
        world.deep_scale,
        reuse_scale,
        of_ours.per_min[failure_cost_s],
        of_single[better].per_min[failure_cost_s],
        better,
        of_ours.anytime,
        max(lived.anytime for lived in of_single.values()),
    )


def losses(cells: Sequence[Cell]) -> list[Loss]:
    """Where ours loses, by models and by whom it loses to; the worst first."""
    of_models = Counter((cell.fast_scale, cell.deep_scale) for cell in cells)
    lost: dict[tuple[float, float, Policy], list[Cell]] = {}
    for cell in cells:
        if cell.ours < cell.best:
            lost.setdefault((cell.fast_scale, cell.deep_scale, cell.better), []).append(cell)
    found = [
        Loss(len(those), of_models[fast_scale, deep_scale], min(those, key=lambda cell: cell.ratio))
        for (fast_scale, deep_scale, _), those in lost.items()
    ]
    return sorted(found, key=lambda loss: (loss.worst.ratio, loss.worst))

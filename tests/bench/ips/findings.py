"""All that is worked out in one run: the base, what is varied in it, the grid, and the goals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from tests.bench.figures import Figure
from tests.bench.ips.grid import Cell, grid, reused
from tests.bench.ips.policies import SINGLE, Policy
from tests.bench.ips.reckoned import Seasons, Spread
from tests.bench.ips.world import World, questions

SEEDS = (0, 1, 2, 3, 4, 7)
COUNT, QUICK_COUNT, GRID_COUNT = 10_000, 1_500, 2_400
"""Questions a seed, the same where it has to be quick, and in the grid from all seeds together."""
BLOCKED = (1.0, 0.5, 0.2)
FAILURE_COSTS_S = (0.0, 15.0, 30.0, 60.0, 120.0, 300.0)

BASE = World()
CPU = World(fast_s=3.0, fast_per_s=7.0)
"""A laptop without a graphics processor."""
FOLLOW_UPS = 1 - 1 / 3.76
"""Of all questions; 82,845 conversations of developers have 3.76 turns in the mean (study of speculation)."""
MEASURED = replace(BASE, ahead=FOLLOW_UPS * 0.903, ahead_s=0.068)
"""By ``python -m tests.bench.speculation`` over its 441 conversations: 90.3 % of typed follow-ups have their
first text within 0.2 s, the median is 0.068 s. First questions count as if nothing were done ahead."""
CPU_MEASURED = replace(CPU, ahead=FOLLOW_UPS * 0.536, ahead_s=0.175)
"""The same on its processor alone; the median of all for the quicker half, which is too slow for them."""

Row = Mapping[str, Spread]
Table = Mapping[Policy, Row]


@dataclass(frozen=True, slots=True)
class Findings:
    """What came out.

    Attributes:
        base, cpu: all policies in either world.
        variants: by name, ours in another world.
        by_failure_cost: settled a minute by K, in the base.
        cells, unblocked_cells: the grid, and the grid with half of the deep wait unblocked; empty if quick.
        goals: what is to be reached.
    """

    count: int
    seeds: Sequence[int]
    base: Table
    cpu: Table
    variants: Mapping[str, Row]
    by_failure_cost: Mapping[float, Mapping[Policy, Spread]]
    cells: Sequence[Cell]
    unblocked_cells: Sequence[Cell]
    goals: Sequence[Figure]


def find(seeds: Sequence[int] = SEEDS, count: int = COUNT, *, has_grid: bool = True) -> Findings:
    """Work it out; the same for the same seeds and count, wherever it is done."""
    draws = [questions(count, seed) for seed in seeds]
    seasons = Seasons(draws)
    some = [question for draw in draws for question in draw[: GRID_COUNT // len(draws)]] if has_grid else []
    return Findings(
        count=count,
        seeds=seeds,
        base={policy: seasons.row(policy, BASE) for policy in Policy},
        cpu={policy: seasons.row(policy, CPU) for policy in Policy},
        variants={name: seasons.row(Policy.OURS, world) for name, world in _variants().items()},
        by_failure_cost={
            cost_s: {policy: seasons.settled_per_min(policy, BASE, cost_s) for policy in Policy}
            for cost_s in FAILURE_COSTS_S
        },
        cells=grid(BASE, some) if has_grid else [],
        unblocked_cells=grid(replace(BASE, blocked=0.5), some) if has_grid else [],
        goals=goals(seasons),
    )


def _variants() -> Mapping[str, World]:
    shares = {f"deep waits blocked x {share:g}": replace(BASE, blocked=share) for share in BLOCKED}
    return shares | {
        "reuse x 2": reused(BASE, 2),
        "speculation as measured": MEASURED,
        "processor alone": CPU,
        "processor, reuse x 2": reused(CPU, 2),
        "processor, as measured": CPU_MEASURED,
    }


def goals(seasons: Seasons) -> list[Figure]:
    """What is to be reached, each with its figure: means over the seeds."""
    singles = {policy: seasons.row(policy, BASE) for policy in SINGLE}
    ours = seasons.row(Policy.OURS, BASE)
    anytime = max(row["anytime"].mean for row in singles.values())
    usd, deep_usd = ours["usd_per_1000"].mean, singles[Policy.DEEP]["usd_per_1000"].mean
    return [
        _times_better(seasons, BASE, "ips: over the better single policy", 1.5),
        _times_better(seasons, replace(BASE, blocked=0.5), "ips: with half of deep waits unblocked", 2),
        Figure(
            "ips: anytime, beside the better single one",
            round(ours["anytime"].mean, 2),
            "",
            round(anytime, 2),
            f"by seed {ours['anytime'].least:.1f}..{ours['anytime'].most:.1f}",
            at_least=True,
        ),
        Figure(
            "ips: money, of always-deep's",
            round(100 * usd / deep_usd, 2),
            "%",
            35,
            f"${usd:.2f} to ${deep_usd:.2f} a thousand needs",
        ),
    ]


def _times_better(seasons: Seasons, world: World, name: str, target: float) -> Figure:
    """Ours in this world, in times of the better single policy in the base."""
    singles = [seasons.each(policy, BASE) for policy in SINGLE]
    best = max(fmean(one.settled_per_min for one in each) for each in singles)
    ours = [one.settled_per_min for one in seasons.each(Policy.OURS, world)]
    by_seed = [
        mine / max(one.settled_per_min for one in theirs)
        for mine, theirs in zip(ours, zip(*singles, strict=True), strict=True)
    ]
    value = fmean(ours) / best
    detail = f"{fmean(ours):.2f} to {best:.2f} settled/min; by seed {min(by_seed):.2f}..{max(by_seed):.2f}"
    return Figure(name, round(value, 3), "x", target, detail, at_least=True)

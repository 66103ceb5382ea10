"""What the outcomes of one policy add up to, and the same over several seeds."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import NamedTuple

from core.metrics.ips import ASKING_S, INSTANT_S, Need, cost_s, ips
from core.metrics.usual import bound
from tests.bench.ips.policies import WALKS, Outcome, Policy
from tests.bench.ips.world import Question, World

RESPONSIVE_S, ABANDONED_S = 2.0, 10.0
"""Beside `INSTANT_S`, the limits that first texts are held against."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One policy in one world; shares in percent.

    Attributes:
        settled_per_min: 60 times the IPS of all needs.
        anytime: how good the answer at hand was all along, 0 to 100.
        p50_s, p95_s: until there was anything to read.
        instant, responsive, abandoned: first texts within 0.2 s, within 2 s, after more than 10 s.
        resolution_s: until a need is settled, elsewhere where it was not settled here.
    """

    settled_per_min: float
    anytime: float
    settled: float
    p50_s: float
    p95_s: float
    instant: float
    responsive: float
    abandoned: float
    resolution_s: float
    usd_per_1000: float


COLUMNS = tuple(Reckoned.__dataclass_fields__)


def outcomes(policy: Policy, world: World, asked: Sequence[Question]) -> list[Outcome]:
    """What comes of each question."""
    walk = WALKS[policy]
    return [walk(world, question) for question in asked]


def needs(found: Sequence[Outcome]) -> list[Need]:
    """The same as the product counts them; here it is known whether a need was settled."""
    return [Need(one.time_s, float(one.is_settled)) for one in found]


def reckon(found: Sequence[Outcome]) -> Reckoned:
    """All figures of one policy's outcomes."""
    wanted = needs(found)
    firsts = [one.first_s for one in found]
    return Reckoned(
        settled_per_min=60 * ips(wanted),
        anytime=fmean(one.anytime for one in found),
        settled=_percent([one.is_settled for one in found]),
        p50_s=bound(firsts, 0.5) or math.nan,
        p95_s=bound(firsts, 0.95) or math.nan,
        instant=_percent([first <= INSTANT_S for first in firsts]),
        responsive=_percent([first <= RESPONSIVE_S for first in firsts]),
        abandoned=_percent([first > ABANDONED_S for first in firsts]),
        resolution_s=fmean(cost_s(need) - ASKING_S for need in wanted),
        usd_per_1000=1000 * fmean(one.usd for one in found),
    )


def _percent(flags: Sequence[bool]) -> float:
    return 100 * sum(flags) / len(flags)


class Spread(NamedTuple):
    """One figure over the seeds."""

    mean: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Mean, least and most."""
    return Spread(fmean(values), min(values), max(values))


class Lived(NamedTuple):
    """One policy in one world with one seed's questions."""

    needs: list[Need]
    reckoned: Reckoned


class Seasons:
    """The same policies over several seeds; what was worked out once is kept."""

    def __init__(self, draws: Sequence[Sequence[Question]]) -> None:
        """Over these questions, drawn once for each seed."""
        self._draws = draws
        self._kept: dict[tuple[Policy, World], list[Lived]] = {}

    def each(self, policy: Policy, world: World) -> list[Reckoned]:
        """One a seed."""
        return [lived.reckoned for lived in self._lived(policy, world)]

    def row(self, policy: Policy, world: World) -> dict[str, Spread]:
        """All figures by name."""
        each = [asdict(one) for one in self.each(policy, world)]
        return {column: spread([one[column] for one in each]) for column in COLUMNS}

    def settled_per_min(self, policy: Policy, world: World, failure_cost_s: float) -> Spread:
        """The figure that all is about, at another price of failing; what anybody does stays the same."""
        return spread([60 * ips(lived.needs, failure_cost_s) for lived in self._lived(policy, world)])

    def _lived(self, policy: Policy, world: World) -> list[Lived]:
        found = self._kept.get((policy, world))
        if found is None:
            each = (outcomes(policy, world, asked) for asked in self._draws)
            found = self._kept[policy, world] = [Lived(needs(one), reckon(one)) for one in each]
        return found

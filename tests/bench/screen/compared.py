"""Our figures beside the floor's, and what both are held against."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tests.bench.screen.contestants import LINES, OURS


@dataclass(frozen=True, slots=True)
class Target:
    """The most a figure may be, by the clock, beside the floor, or both.

    Attributes:
        at_most: by the clock, on the machine where the floor took `floor_then`.
        floor_then: None where no floor belongs to the figure.
        times_floor: beside the floor of the same run.
    """

    at_most: float | None = None
    floor_then: float | None = None
    times_floor: float | None = None

    def slack(self, floor: float) -> float:
        """How many times longer everything takes here than where the target was set; never below 1."""
        if self.floor_then is None or math.isnan(floor):
            return 1.0
        return max(1.0, floor / self.floor_then)

    def is_reached(self, ours: float, floor: float) -> bool:
        """Whether it is, on this machine."""
        if math.isnan(ours):
            return False
        is_quick = self.at_most is None or ours <= self.at_most * self.slack(floor)
        is_near = self.times_floor is None or math.isnan(floor) or ours <= self.times_floor * floor
        return is_quick and is_near


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every contestant that has it.

    Attributes:
        values: by contestant.
        detail: of ours, in a few words.
    """

    name: str
    unit: str
    values: Mapping[str, float]
    target: Target | None = None
    detail: str = ""

    @property
    def ours(self) -> float:
        """Leadline's."""
        return self.values.get(OURS, math.nan)

    @property
    def floor(self) -> float:
        """Of the bare app that draws lines."""
        return self.values.get(LINES, math.nan)

    @property
    def ratio(self) -> float:
        """Ours over the floor's."""
        return self.ours / self.floor if self.floor else math.nan

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        return self.target.is_reached(self.ours, self.floor) if self.target else None

    def as_json(self) -> dict[str, object]:
        """All of it, for machines."""
        return {**asdict(self), "ratio": self.ratio, "is_reached": self.is_reached}


@dataclass(slots=True)
class Findings:
    """What a run found out.

    Attributes:
        problems: what could not be measured, and why.
        others: cores that others used while each part was measured; above 0.3 its times say little.
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: dict[str, float] = field(default_factory=dict)

    def as_json(self, machine: str) -> dict[str, object]:
        """All of it, for machines."""
        rows = [row.as_json() for row in self.rows]
        return {"machine": machine, "others": self.others, "problems": self.problems, "rows": rows}

    def words(self) -> str:
        """The table, and how much company there was."""
        used = ", ".join(f"{name} {cores:.1f}" for name, cores in self.others.items())
        return f"{table(self.rows)}\n\ncores used by others meanwhile: {used or 'not told'}"


def table(rows: Iterable[Row]) -> str:
    """One figure a line: ours, floor, ratio, target as set, target here, verdict, then everybody else."""
    found = list(rows)
    others = list(dict.fromkeys(name for row in found for name in row.values if name not in (OURS, LINES)))
    head = ("figure", "ours", "floor", "ratio", "target", "here", "", *others, "")
    return _aligned([head, *(_cells(row, others) for row in found)])


def _cells(row: Row, others: Sequence[str]) -> tuple[str, ...]:
    return (
        f"{row.name}, {row.unit}" if row.unit else row.name,
        _plain(row.ours),
        _plain(row.floor),
        f"{row.ratio:.2f}x" if not math.isnan(row.ratio) else "",
        *_limits(row),
        _verdict(row),
        *(_plain(row.values.get(name, math.nan)) for name in others),
        row.detail,
    )


def _verdict(row: Row) -> str:
    """Apart: what is reached as the target was set, and what only with this machine's slowness allowed."""
    if row.target is None:
        return ""
    if not row.is_reached:
        return "ABOVE"
    at_most = row.target.at_most
    return "ok" if at_most is None or row.ours <= at_most else "ok here"


def _limits(row: Row) -> tuple[str, str]:
    """The target as it was set, and what it comes to here."""
    target = row.target
    if target is None:
        return "", ""
    near = f"{target.times_floor:g}x" if target.times_floor is not None else ""
    quick = _plain(target.at_most) if target.at_most is not None else ""
    here = _plain(target.at_most * target.slack(row.floor)) if target.at_most is not None else ""
    return "<= " + " & ".join(filter(None, (near, quick))), here


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *middle, last = row
        cells = [
            first.ljust(widths[0]),
            *(text.rjust(wide) for text, wide in zip(middle, widths[1:], strict=False)),
        ]
        lines.append("  ".join([*cells, last]).rstrip())
    return "\n".join(lines)


def _plain(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"

"""Figures and what they are held against: medians, p95, and a table that fits a terminal."""

import math
import os
import platform
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        target: the most it may be; None where it is only told.
        detail: where it comes from, in a few words.
        at_least: the target is the least it may be.
    """

    name: str
    value: float
    unit: str = "ms"
    target: float | None = None
    detail: str = ""
    at_least: bool = False

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        if math.isnan(self.value):
            return False
        return self.value >= self.target if self.at_least else self.value <= self.target


def median(values: Iterable[float]) -> float:
    """The middle one; not a number when there is none."""
    found = list(values)
    return statistics.median(found) if found else math.nan


def p95(values: Iterable[float]) -> float:
    """The value that 95 % do not exceed (nearest rank); not a number when there is none."""
    found = sorted(values)
    return found[math.ceil(0.95 * len(found)) - 1] if found else math.nan


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median, p95 and how many, in words."""
    return f"median {median(values):.1f}, p95 {p95(values):.1f} {unit}, n={len(values)}"


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """Our median over the floor's."""
    return median(ours) / median(floor) if floor else math.nan


def table(figures: Iterable[Figure]) -> str:
    """The figures with their targets, one a line."""
    rows = [
        (
            figure.name,
            _number(figure.value, figure.unit),
            "" if figure.target is None else f"{'>=' if figure.at_least else '<='} {_plain(figure.target)}",
            {None: "", True: "ok", False: "ABOVE" if not figure.at_least else "BELOW"}[figure.is_reached],
            figure.detail,
        )
        for figure in figures
    ]
    head = ("figure", "measured", "target", "", "")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(4)]
    lines = []
    for row in (head, *rows):
        cells = (
            row[0].ljust(widths[0]),
            row[1].rjust(widths[1]),
            row[2].ljust(widths[2]),
            row[3].ljust(widths[3]),
            row[4],
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


class Company:
    """How much of the machine others used since this was made; their work makes our figures worse."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._used = _used_by_others()

    def words(self) -> str:
        """The machine, and what others took of it."""
        system = os.uname()
        machine = f"{system.sysname} {system.machine}, Python {platform.python_version()}"
        passed = time.monotonic() - self._began
        cores = f"{os.cpu_count()} cores"
        others = self.others()
        if others is None:
            return f"{machine}, {cores}; {passed:.0f} s"
        return f"{machine}, {cores}, {others:.1f} of them used by others; {passed:.0f} s"

    def others(self) -> float | None:
        """How many cores others used; None where that is not told."""
        passed = time.monotonic() - self._began
        used = _used_by_others()
        if used is None or self._used is None or passed <= 0:
            return None
        return max(0.0, used - self._used) / passed


def _used_by_others() -> float | None:
    """CPU seconds of everybody but us and our children that have ended; None where that is not told."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(word) for word in file.readline().split()[1:]]
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq = ticks[:7]
    busy = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    return busy - sum(os.times()[:4])


def _number(value: float, unit: str) -> str:
    if math.isnan(value):
        return "no figure"
    return f"{_plain(value)} {unit}".rstrip()


def _plain(value: float) -> str:
    return f"{value:g}" if value == round(value) else f"{value:.2f}" if value < 10 else f"{value:.1f}"

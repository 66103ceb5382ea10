"""The findings as words and as JSON; both say the same, and the same text on every machine."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import median

from tests.bench.figures import table
from tests.bench.ips.findings import BASE, FAILURE_COSTS_S, Findings, Row
from tests.bench.ips.grid import DEEP_SCALES, FAST_SCALES, REUSE_SCALES, Cell, losses
from tests.bench.ips.grid import FAILURE_COSTS_S as GRID_COSTS_S
from tests.bench.ips.policies import Policy
from tests.bench.ips.reckoned import Spread
from tests.bench.ips.world import KINDS

Lines = list[tuple[str, ...]]

_TOLD: Mapping[str, tuple[str, str]] = {
    "anytime": ("anytime", ".1f"),
    "settled": ("settled", ".1f"),
    "p50_s": ("p50 s", ".2f"),
    "p95_s": ("p95 s", ".2f"),
    "instant": ("<= 0.2 s", ".0f"),
    "responsive": ("<= 2 s", ".0f"),
    "abandoned": ("> 10 s", ".0f"),
    "resolution_s": ("TTR s", ".1f"),
    "usd_per_1000": ("$/1000", ".1f"),
}
"""Column by column: its head, and how exact."""

NOTES = """\
60 IPS is needs settled in a minute of the person's time; settled and the limits are shares in %; TTR is the
time until a need is settled, elsewhere where it was not settled here.
ours is the last but one: fast first, deep when asked for, answers used again, follow-ups begun ahead.
Counted are waits, reading in vain and saying it again; reading what is right is not, nor is what goes on
behind a person. Deep waits on request are sat out in full unless a line says otherwise, always-deep's always.
Every number of the world is assumed, but for speculation "as measured" (by a replay of real follow-ups)."""


def as_json(found: Findings) -> dict[str, object]:
    """Everything, with the digest of the rest of it as `sha256`."""
    told: dict[str, object] = {
        "questions_a_seed": found.count,
        "seeds": list(found.seeds),
        "world": asdict(BASE) | {"kinds": [kind._asdict() for kind in KINDS]},
        "base": {policy: _row(row) for policy, row in found.base.items()},
        "processor_alone": {policy: _row(row) for policy, row in found.cpu.items()},
        "ours_elsewhere": {name: _row(row) for name, row in found.variants.items()},
        "settled_per_min_by_failure_cost_s": {
            f"{cost_s:g}": {policy: _spread(one) for policy, one in row.items()}
            for cost_s, row in found.by_failure_cost.items()
        },
        "grid": _grid_json(found.cells),
        "grid_half_unblocked": _grid_json(found.unblocked_cells),
        "goals": [asdict(goal) | {"is_reached": goal.is_reached} for goal in found.goals],
    }
    return told | {"sha256": digest(told)}


def digest(told: Mapping[str, object]) -> str:
    """Of what is told, in one spelling."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _row(row: Row) -> dict[str, dict[str, float]]:
    return {column: _spread(one) for column, one in row.items()}


def _spread(one: Spread) -> dict[str, float]:
    # Rounded far above the digits in which two versions of Python, or two systems, may differ.
    return {name: round(value, 4) for name, value in one._asdict().items()}


def _grid_json(cells: Sequence[Cell]) -> dict[str, object] | None:
    """Counts, and every cell that is lost; None without a grid."""
    if not cells:
        return None
    lost = sorted((cell for cell in cells if cell.ours < cell.best), key=lambda cell: (cell.ratio, cell))
    ratios = [cell.ratio for cell in cells]
    return {
        "cells": len(cells),
        "ips_best": len(cells) - len(lost),
        "anytime_best": sum(cell.ours_anytime >= cell.best_anytime for cell in cells),
        "ratio": {"least": min(ratios), "median": round(median(ratios), 3), "most": max(ratios)},
        "lost": [cell._asdict() | {"ratio": cell.ratio} for cell in lost],
    }


def as_words(found: Findings) -> str:
    """Tables for a wide terminal: 120 columns."""
    seeds = " ".join(map(str, found.seeds))
    parts = [
        f"{found.count:,} questions for each seed of {seeds}; means over the seeds",
        _aligned(_policies("", found.base)),
        _aligned(_policies("processor alone", found.cpu)),
        _aligned(_policies("ours, elsewhere", found.variants)),
        _aligned(_by_failure_cost(found)),
        *_of_grid(found),
        table(found.goals),
        NOTES,
        f"sha256 of the JSON: {as_json(found)['sha256']}",
    ]
    return "\n\n".join(parts)


def _policies(title: str, rows: Mapping[Policy, Row] | Mapping[str, Row]) -> Lines:
    told: Lines = [(title, "60 IPS", "least..most", *(head for head, _ in _TOLD.values()))]
    for name, row in rows.items():
        per_min = row["settled_per_min"]
        figures = (format(row[column].mean, exact) for column, (_, exact) in _TOLD.items())
        told.append((name, f"{per_min.mean:.2f}", f"{per_min.least:.2f}..{per_min.most:.2f}", *figures))
    return told


def _by_failure_cost(found: Findings) -> Lines:
    told: Lines = [("settled/min, failing costs", *(f"{cost_s:g} s" for cost_s in FAILURE_COSTS_S))]
    for policy in Policy:
        row = (found.by_failure_cost[cost_s][policy].mean for cost_s in FAILURE_COSTS_S)
        told.append((policy, *(f"{mean:.2f}" for mean in row)))
    return told


def _of_grid(found: Findings) -> list[str]:
    if not found.cells:
        return []
    head = (
        f"grid: failing costs {_list(GRID_COSTS_S)} s; fast chances x {_list(FAST_SCALES)}; "
        f"deep waits x {_list(DEEP_SCALES)}; reuse x {_list(REUSE_SCALES)}"
    )
    lost = losses(found.cells)
    told: Lines = [
        ("WHERE OURS LOSES", "deep waits", "cells lost", "worst", "settled/min", "failing", "reuse", "")
    ]
    for each in lost:
        worst = each.worst
        told.append(
            (
                f"fast chances x {worst.fast_scale:g}",
                f"x {worst.deep_scale:g}",
                f"{each.lost} of {each.cells}",
                f"{worst.ratio:.3f} x",
                f"{worst.ours:.2f} to {worst.best:.2f}",
                f"{worst.failure_cost_s:g} s",
                f"x {worst.reuse_scale:g}",
                f"to {worst.better}",
            )
        )
    counts: Lines = [
        (
            "of all cells",
            "cells",
            "ours best",
            "ratio",
            "median",
            "anytime best",
            "behind by",
            "where fast, deep",
        ),
        _counts("deep waits sat out", found.cells),
        _counts("half of them unblocked", found.unblocked_cells),
    ]
    return [head, _aligned(counts), _aligned(told)]


def _counts(title: str, cells: Sequence[Cell]) -> tuple[str, ...]:
    """How often ours is best, and where it is furthest behind in the answer at hand."""
    ratios = [cell.ratio for cell in cells]
    last = min(cells, key=lambda cell: (round(cell.ours_anytime - cell.best_anytime, 2), cell))
    return (
        title,
        str(len(cells)),
        str(sum(cell.ours >= cell.best for cell in cells)),
        f"{min(ratios):.2f}..{max(ratios):.2f} x",
        f"{median(ratios):.2f} x",
        str(sum(cell.ours_anytime >= cell.best_anytime for cell in cells)),
        f"{max(0.0, last.best_anytime - last.ours_anytime):.1f}",
        f"x {last.fast_scale:g}, x {last.deep_scale:g}",
    )


def _list(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _aligned(rows: Lines) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    adjusts: list[Callable[[str, int], str]] = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    return "\n".join(
        "  ".join(
            adjust(cell, width) for adjust, cell, width in zip(adjusts, row, widths, strict=True)
        ).rstrip()
        for row in rows
    )

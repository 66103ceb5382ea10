"""How long people waited, in words and tables: shares within the limits, and times by who answered how."""

from collections.abc import Sequence

from core.amounts import clock_text
from core.metrics.spreads import Spread
from core.metrics.summary import LIMITS_MS, Made, Summary, Times, Waits
from tui.labels import shortened

MOST_ROWS = 12
"""Kinds of answers in the table; the rest is for ``--json``."""
NARROW = 72
"""Below so many columns the table says less."""
_SHARE_CELLS = 7
_SMALLEST_LABEL = 12
_WIDE_CELLS, _NARROW_CELLS = 9 + 3 * 14 + 7, 9 + 2 * 14
"""What the figures of a row take."""
_PLAIN = frozenset(map(chr, range(32, 127))) | {"·", "…"}
"""Letters that take one cell, without asking anyone."""


def seconds_text(ms: float) -> str:
    """A time in a table, whose head says that it is in seconds: ``0.02``, ``4.21``, ``38.0``, ``2:04``."""
    seconds = ms / 1000
    if seconds < 0.01:
        return f"{seconds:.3f}"
    if seconds < 9.995:
        return f"{seconds:.2f}"
    return f"{seconds:.1f}" if seconds < 99.95 else clock_text(seconds)


def wait_rows(times: Times, width: int) -> list[tuple[str, str]]:
    """How many had their first text within which limit, each with a bar."""
    waits = times.waits
    counted = [
        *(
            (f"within {limit / 1000:g} s", count)
            for limit, count in zip(LIMITS_MS, waits.within, strict=True)
        ),
        (f"above {LIMITS_MS[-1] / 1000:g} s", waits.above),
    ]
    if waits.textless:
        counted.append(("without text", waits.textless))
    cells = max(0, min(40, width - max(len(label) for label, _ in counted) - _SHARE_CELLS - 6))
    return [(label, _share(count, waits, cells)) for label, count in counted]


def _share(count: int, waits: Waits, cells: int) -> str:
    share = count / waits.answers if waits.answers else 0.0
    # What is there is seen, and only all of them fill the bar.
    filled = cells if count == waits.answers else min(cells - 1, round(share * cells)) or (count > 0)
    told = "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"
    return f"{told:>6}  {'█' * filled}".rstrip()


def table(summary: Summary, width: int, every: int = 1) -> list[str]:
    """Times by model, route and place, most used first; and of all but deep answers.

    Args:
        every: how many answers stand behind each that was summed up.
    """
    is_wide = width >= NARROW
    cells = max(_SMALLEST_LABEL, width - (_WIDE_CELLS if is_wide else _NARROW_CELLS))

    def row(label: str, times: Times) -> str:
        count = times.waits.answers * every
        return _cut(label, cells) + f"{'≈' if every > 1 else ''}{count:,}".rjust(9) + _figures(times, is_wide)

    lines = [_head(is_wide, cells), _under_head(is_wide, cells)]
    for who, made in _by_maker(summary.made[:MOST_ROWS]).items():
        lines += [who, *(row(f"  {each.route or 'no route'}", each.times) for each in made)]
    if len(summary.made) > MOST_ROWS:
        lines.append(f"and {len(summary.made) - MOST_ROWS} more kinds, which --json tells")
    if len(summary.made) > 1 and summary.all.waits.answers:
        lines.append(row("all but deep", summary.all))
    return lines


def _head(is_wide: bool, cells: int) -> str:
    kinds = ("first token", "on screen", "whole") if is_wide else ("first token", "whole")
    return f"{'':<{cells + 9}}" + "".join(f"{kind:>14}" for kind in kinds) + f"{'tok/s':>7}" * is_wide


def _under_head(is_wide: bool, cells: int) -> str:
    spreads = f"{'p50':>7}{'p95':>7}" * (3 if is_wide else 2)
    return f"{'seconds':<{cells}}{'answers':>9}{spreads}" + f"{'p50':>7}" * is_wide


def _figures(times: Times, is_wide: bool) -> str:
    spreads = (times.ttft, times.paint, times.total) if is_wide else (times.ttft, times.total)
    speed = f"{times.tokens_per_s.p50:.0f}" if times.tokens_per_s is not None else "-"
    return "".join(map(_both, spreads)) + f"{speed:>7}" * is_wide


def _both(spread: Spread | None) -> str:
    half, most = ("-", "-") if spread is None else (seconds_text(spread.p50), seconds_text(spread.p95))
    return f"{half:>7}{most:>7}"


def _by_maker(made: Sequence[Made]) -> dict[str, list[Made]]:
    """The rows of each model in each place, both as they are, most used first."""
    found: dict[str, list[Made]] = {}
    for each in made:
        who = " · ".join(shortened(part, 40) for part in (each.model or "no model", each.place) if part)
        found.setdefault(who, []).append(each)
    return found


def _cut(label: str, cells: int) -> str:
    """Exactly so many cells of a name, whatever letters it has."""
    if set(label) <= _PLAIN:
        return f"{shortened(label, cells):<{cells}}"
    from rich.cells import set_cell_size  # only for the letters that take two, or none

    from tui.cells import beginning

    return set_cell_size(beginning(label, cells), cells)

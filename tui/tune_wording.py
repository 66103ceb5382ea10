"""What is said of measuring models, in the same words on the screen and on stderr."""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from core.amounts import time_text
from core.sanitise import clean_line
from core.tuning.events import Asked, Measuring, ModelBegun, ModelFailed
from core.tuning.result import Proposed, Result
from tui.amounts import bytes_text
from tui.cells import ends

_HEADS = ("model", "right", "e/n/h", "warm", "cold", "read", "write", "memory", "IPS")
_LEFT_OUT = ("e/n/h", "read", "write", "cold", "memory")
"""Columns that go first where there is no room for the models' names."""
_NAME_CELLS = 24
"""So much of a name is shown before columns are: what tells two models apart is often at its end."""
_GAP = 2


class Ranked(NamedTuple):
    """A result with what it comes to.

    Attributes:
        is_proposed: it is marked with a star.
    """

    result: Result
    ips: float
    is_proposed: bool


def ranked(results: Sequence[Result], proposed: Proposed | None, failure_cost_s: float) -> list[Ranked]:
    """The results, the one that comes to most first."""
    best = "" if proposed is None else proposed.model
    told = [Ranked(each, each.ips(failure_cost_s), each.model == best) for each in results]
    return sorted(told, key=lambda each: (-each.ips, each.result.model))


def table_lines(ranked: Sequence[Ranked], width: int) -> list[str]:
    """A head and a line a model in columns that fit, and below them what the columns mean.

    Columns are left out before names are cut.
    """
    rows = [dict(zip(_HEADS, row, strict=True)) for row in (("  model", *_HEADS[1:]), *map(_cells, ranked))]
    widths = {head: max(cell_len(row[head]) for row in rows) for head in _HEADS}
    for head in _LEFT_OUT:
        if _others(widths) + min(widths["model"], _NAME_CELLS) > width:
            del widths[head]
    widths["model"] = max(8, min(widths["model"], width - _others(widths)))
    return [*(_line(row, widths) for row in rows), "", *_legend(widths)]


def _others(widths: Mapping[str, int]) -> int:
    """Cells of all that is not the name, gaps included."""
    return sum(widths.values()) - widths["model"] + _GAP * (len(widths) - 1)


def _legend(shown: Container[str]) -> list[str]:
    right = "right: of the quiz" + (
        "; e/n/h: of its easy, normal, hard questions" if "e/n/h" in shown else ""
    )
    warm = ", cold: to the first token, cold with loading" if "cold" in shown else ": to the first token"
    rates = ("read, " if "read" in shown else "") + "write: tok/s" if "write" in shown else ""
    return [
        right,
        f"warm{warm}{'; ' if rates else ''}{rates}",
        "IPS: needs settled per second of your time, were all like the quiz",
    ]


def _line(row: Mapping[str, str], widths: Mapping[str, int]) -> str:
    name = ends(row["model"], widths["model"])
    cells = [name + " " * (widths["model"] - cell_len(name))]
    cells += [" " * (widths[head] - cell_len(row[head])) + row[head] for head in widths if head != "model"]
    return (" " * _GAP).join(cells)


def _cells(ranked: Ranked) -> tuple[str, ...]:
    result = ranked.result
    levels = "/".join(str(right) for right, _ in result.by_difficulty)
    return (
        f"{'*' if ranked.is_proposed else ' '} {clean_line(result.model)}",
        f"{result.share * 100:.0f} %",
        levels,
        _seconds(result.warm_ttft_s, 2),
        _seconds(result.cold_ttft_s, 1),
        _rate(result.prefill_per_s),
        _rate(result.decode_per_s),
        bytes_text(result.memory_bytes) if result.memory_bytes else "-",
        f"{ranked.ips:.3f}",
    )


def _seconds(seconds: float | None, places: int) -> str:
    return "-" if seconds is None else f"{seconds:.{places}f} s"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.0f}"


def left_out_text(left_out: Mapping[str, str]) -> str:
    """``left out: qwq:32b (it would not fit into memory)``; empty where nothing is."""
    names = ", ".join(f"{clean_line(name)} ({why})" for name, why in left_out.items())
    return f"left out: {names}" if names else ""


def failed_text(failed: ModelFailed) -> str:
    """What went wrong, of which model, and what helps."""
    name, message = clean_line(failed.model), clean_line(failed.message)
    said = message if message.startswith(name) else f"{name}: {message}"
    return f"{said}\n{clean_line(failed.remedy)}"


def begun_text(begun: ModelBegun) -> str:
    """``qwen3:4b, 2 of 4``, and where an earlier run is gone on with."""
    words = f"{clean_line(begun.model)}, {begun.index} of {begun.count}"
    if not begun.done:
        return words
    if begun.done == begun.questions:
        return f"{words}: goes on behind its last question"
    return f"{words}: goes on at question {begun.done + 1} of {begun.questions}"


def progress_text(step: Asked | Measuring) -> str:
    """``qwen3:4b · 31 of 60 · 0.31 s · about 2:10 left``, or what else is done."""
    name = clean_line(step.model)
    match step:
        case Measuring(what=what):
            return f"{name} · {what}"
        case Asked(done=done, questions=questions, ttft_s=ttft_s, left_s=left_s):
            parts = [
                name,
                f"{done} of {questions}",
                "no text" if ttft_s is None else f"{ttft_s:.2f} s",
                "" if left_s is None else f"about {time_text(left_s)} left",
            ]
            return " · ".join(filter(None, parts))

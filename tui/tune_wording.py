"""What is said of measuring models, in the same words on the screen and on stderr."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from core.amounts import time_text
from core.sanitise import clean_line
from core.tuning.events import Asked, Measuring, ModelBegun
from core.tuning.result import Proposed, Result
from tui.amounts import bytes_text
from tui.cells import beginning

LEGEND = (
    "right: of the quiz, then of its easy, normal and hard questions",
    "warm, cold: until the first token, cold with loading; read, write: tokens a second",
    "IPS: questions settled per second of your time, were all answered like the quiz",
)
_HEAD = ("model", "right", "e/n/h", "warm", "cold", "read", "write", "memory", "IPS")
_GAP = 2


class Ranked(NamedTuple):
    """A result with what it comes to.

    Attributes:
        mark: `` *`` for the one that is proposed.
    """

    result: Result
    ips: float
    mark: str


def ranked(results: Sequence[Result], proposed: Proposed | None, failure_cost_s: float) -> list[Ranked]:
    """The results, the one that comes to most first."""
    best = "" if proposed is None else proposed.model
    told = [Ranked(each, each.ips(failure_cost_s), " *" if each.model == best else "") for each in results]
    return sorted(told, key=lambda each: (-each.ips, each.result.model))


def table_lines(ranked: Sequence[Ranked], width: int) -> list[str]:
    """A head and a line a model, in columns that fit; a name that is too long loses its end."""
    rows = [_HEAD, *(_cells(each) for each in ranked)]
    marks = ["", *(each.mark for each in ranked)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(_HEAD))]
    widths[0] = max(cell_len(row[0] + mark) for row, mark in zip(rows, marks, strict=True))
    rest = sum(widths[1:]) + _GAP * (len(_HEAD) - 1)
    widths[0] = max(8, min(widths[0], width - rest))
    return [_line(row, mark, widths) for row, mark in zip(rows, marks, strict=True)]


def _line(row: Sequence[str], mark: str, widths: Sequence[int]) -> str:
    name = beginning(row[0], widths[0] - cell_len(mark)) + mark
    cells = [name + " " * (widths[0] - cell_len(name))]
    cells += [" " * (width - cell_len(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)]
    return (" " * _GAP).join(cells)


def _cells(ranked: Ranked) -> tuple[str, ...]:
    result = ranked.result
    levels = "/".join(str(right) for right, _ in result.by_difficulty)
    return (
        clean_line(result.model),
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

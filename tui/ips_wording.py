"""Intelligence per second in words, and as numbers for programs."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from core.amounts import time_text
from core.metrics.session import ByMaker, Figure, Session
from tui.labels import shortened

TITLE = "intelligence per second"
_MOST_MAKERS = 8
_MODEL_CELLS = 12
_COLUMNS = (-10, 11, 5, 5, 6)
"""Cells of each figure, two between them, the first from the left. With the labels 74 in all: what a
laid-over screen has at 80."""
_HEAD = ("IPS", "between", "right", "needs", "time")


def explained(session: Session) -> tuple[str, str, str]:
    """What it is, how to read it, and what it rests on: a sentence each."""
    return (
        "IPS is how many of your needs are settled in a second of your own time: one over a second for"
        " asking, plus your waiting, reading and typing, plus the chance of a wrong answer times what that"
        f" costs you ({session.failure_cost_s:g} s, [metrics] failure_cost_s).",
        "0.1 is ten seconds a need; more is better, 1 cannot be reached, and what goes on behind your back is"
        " free.",
        "The chances are estimates: published figures, moved by what you do with answers on the screen (copy,"
        " go on to something else, say it otherwise, ask again, ask deeper); est. is said below 20 answers"
        " judged, and in 8 of 10 cases the truth lies between the two.",
    )


def explained_lines(session: Session, width: int) -> list[str]:
    """The same, broken to lines of so many columns."""
    return wrap(" ".join(explained(session)), width)


def ips_rows(session: Session) -> list[tuple[str, str]]:
    """Labels and words, for people; none where nothing was asked."""
    if session.latest is None and not session.makers and not session.asked:
        return []
    rows = [("", _aligned(_HEAD))]
    if session.latest is not None:
        needs = session.latest.needs
        label = "last need" if needs == 1 else f"last {needs} needs"
        rows.append((label, _aligned(_figure(session.latest))))
    rows += _makers(session.makers)
    if session.asked:
        rows += [("of leadline ask", ""), *_makers(session.asked)]
    return rows


def ips_figures(session: Session) -> Mapping[str, object]:
    """The same for programs."""
    return {
        "failure_cost_s": session.failure_cost_s,
        "latest": None if session.latest is None else _numbers(session.latest),
        "makers": [_maker_numbers(one) for one in session.makers],
        "asked": [_maker_numbers(one) for one in session.asked],
    }


def _makers(makers: Sequence[ByMaker]) -> list[tuple[str, str]]:
    rows = [(_name(one), _words(one)) for one in makers[:_MOST_MAKERS]]
    more = len(makers) - _MOST_MAKERS
    return [*rows, ("others", f"{more} more, in --json")] if more > 0 else rows


def _name(one: ByMaker) -> str:
    return f"{shortened(one.maker.model, _MODEL_CELLS) or 'no model'} {one.maker.route.value}"


def _words(one: ByMaker) -> str:
    time = f"{one.time_s:.2g} s" if one.time_s < 10 else time_text(one.time_s)
    share = f"{one.chance.mean * 100:.0f} %"
    return _aligned((*_figure(one.figure), share, f"{one.figure.needs:,}", time))


def _figure(figure: Figure) -> tuple[str, str]:
    est = " est." if figure.is_estimate else ""
    return f"{figure.ips:.3f}{est}", f"{figure.low:.3f}-{figure.high:.3f}"


def _aligned(cells: Sequence[str]) -> str:
    return "  ".join(
        cell.rjust(width) if width > 0 else cell.ljust(-width)
        for cell, width in zip(cells, _COLUMNS, strict=False)
    )


def _numbers(figure: Figure) -> dict[str, object]:
    return {
        "ips": round(figure.ips, 6),
        "low": round(figure.low, 6),
        "high": round(figure.high, 6),
        "needs": figure.needs,
        "judged": figure.judged,
        "is_estimate": figure.is_estimate,
    }


def _maker_numbers(one: ByMaker) -> dict[str, object]:
    low, high = one.chance.between()
    return {
        "model": one.maker.model,
        "effort": one.maker.effort,
        "route": one.maker.route.value,
        "chance": round(one.chance.mean, 6),
        "chance_low": round(low, 6),
        "chance_high": round(high, 6),
        "time_s": round(one.time_s, 3),
        **_numbers(one.figure),
    }

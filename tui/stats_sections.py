"""Everything that was measured, in sections: words and charts for people, numbers for programs.

The screen and the shell show the same; what differs is the width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from core.amounts import time_text, tokens_text, usd_text
from core.engine.figures import Figures
from core.metrics.coverage import Coverage, DeepFigures
from core.metrics.spreads import Spread
from core.metrics.summary import Moment
from core.speculation.modesty import Judgement
from core.store.deep_ledger import ENOUGH, Spent
from tui import ips_wording
from tui.ahead_wording import count_rows, now_words, share_text
from tui.chart import FEWEST, HALF, MOST, Point, chart
from tui.labels import shortened
from tui.times_wording import table, wait_rows

_INDENT = 2
_LEAST_WORDS = 16
_LEAST_CHART = 44
"""Columns."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown, and on how many columns.

    Attributes:
        judgement: how much is done ahead now; None where nothing is.
        is_wanted: whether the settings want it.
    """

    figures: Figures
    judgement: Judgement | None
    is_wanted: bool = True
    width: int = 80


@dataclass(frozen=True, slots=True)
class Section:
    """Some figures that belong together.

    Attributes:
        rows: labels and words, for people.
        lines: what stands below them, laid out already.
    """

    title: str
    rows: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()


def is_empty(figures: Figures) -> bool:
    """Whether there is nothing at all to be told of that time."""
    counts = figures.ahead
    is_idle = not counts.offered and not any(counts.requests.values())
    is_unused = not any((*figures.uses.shown.values(), *figures.uses.hits.values()))
    return not figures.summary.made and is_idle and is_unused and not figures.deep.spent


def sections_of(view: View) -> list[Section]:
    """What there is to tell, in the order in which it is told."""
    return [section for make in _SECTIONS for section in make(view)]


def lines_of(section: Section, columns: int) -> list[str]:
    """What stands below its title; words that are too long go on below themselves, not below their label."""
    width = max((len(label) for label, _ in section.rows), default=0)
    room = max(_LEAST_WORDS, columns - _INDENT - width - 2)
    rows = []
    for label, words in section.rows:
        first, *others = wrap(words, room) or [""]
        rows += [f"{label:<{width}}  {first}", *(f"{'':<{width}}  {other}" for other in others)]
    return [f"{' ' * _INDENT}{line}".rstrip() for line in (*rows, *section.lines)]


def _answers(view: View) -> list[Section]:
    """How many, how they ended, how long people waited for their first text, and for the whole."""
    summary, counted = view.figures.summary, view.figures.counted
    if not summary.made:
        return []
    ended = {"complete": counted.complete, "cut": counted.partial, "failed": counted.failed}
    ended["stopped"] = counted.cancelled
    told = " · ".join(f"{count:,} {how}" for how, count in ended.items() if count)
    rows = [("in all", f"{counted.answers:,}: {told}")]
    if counted.asked:
        rows.append(("in the shell", f"{counted.asked:,} of them to leadline ask"))
    if counted.every > 1:
        rows.append(("times", f"of one answer in {counted.every}, drawn evenly"))
    sections = [Section("answers", rows)]
    width = view.width - _INDENT
    if summary.all.waits.answers:
        title = "until the first text (on the screen, where measured), deep runs apart"
        sections.append(Section(title, wait_rows(summary.all, width)))
    return [
        *sections,
        Section("by model, route and place", lines=table(summary, width, counted.every)),
        *_charts(view),
    ]


def _charts(view: View) -> list[Section]:
    """Two charts; nothing where so few points say no more than the table above, or there is no room."""
    if view.width < _LEAST_CHART:
        return []
    summary = view.figures.summary
    kinds = {
        "first token": [(moment, moment.ttft) for moment in summary.moments],
        "whole answer": [(moment, moment.total) for moment in summary.moments],
    }
    sections = []
    for name, moments in kinds.items():
        points = [_point(moment, spread) for moment, spread in moments if spread is not None]
        if len(points) >= FEWEST:
            lines = chart(points, summary.division.step_s, view.width - _INDENT)
            title = f"{name} ({HALF} p50, {MOST} p95), each {_step(summary.division.step_s)}"
            sections.append(Section(title, lines=lines))
    return sections


def _point(moment: Moment, spread: Spread) -> Point:
    return Point(moment.start, spread.p50 / 1000, spread.p95 / 1000)


def _step(step_s: float) -> str:
    hours = round(step_s / 3600)
    if hours == 1:
        return "hour"
    return f"{hours} hours" if hours < 24 else "day" if hours == 24 else f"{hours // 24} days"


def _stored(view: View) -> list[Section]:
    """How often an answer was there already, and what was said to that."""
    uses, counted = view.figures.uses, view.figures.counted
    if not any((*uses.hits.values(), *uses.shown.values(), *uses.objections.values())):
        return []
    served = uses.hits["exact"] + uses.hits["sure"]
    objected = uses.objections["exact"] + uses.objections["sure"]
    rows = [
        ("same question", share_text(uses.hits["exact"], counted.answers, "of all answers")),
        ("other wording", share_text(uses.hits["sure"], counted.answers, "of all answers")),
        ("maybe kept", share_text(uses.hits["maybe"], uses.shown["shown"], "of those shown")),
        ("objected", f"{share_text(objected, served, 'of those served')} (asked afresh, or not this)"),
        ("waiting saved", time_text(uses.seconds_saved)),
    ]
    return [Section("answers that were there before", rows)]


def _ahead(view: View) -> list[Section]:
    """What was made ahead, and what it was good for."""
    now = now_words(view.judgement, is_wanted=view.is_wanted)
    return [Section("made ahead", [("now", now), *count_rows(view.figures.ahead)])]


def _deep(view: View) -> list[Section]:
    """What deep runs took and cost, and whether what was told of that came true."""
    deep = view.figures.deep
    if not deep.runs and not deep.spent:
        return []
    rows = [("whole runs", _durations(deep))]
    if deep.runs:
        rows += _coverage(deep.coverage)
    usd = sum(spent.usd for spent in deep.spent.values())
    median = "" if deep.usd_p50 is None else f", {usd_text(deep.usd_p50)} a run (p50)"
    rows.append(("cost", f"{usd_text(usd)}{median}"))
    rows += [
        (f"  {shortened(model or 'no model', 24)}", _spent(spent)) for model, spent in deep.spent.items()
    ]
    return [Section("deep runs", rows)]


def _durations(deep: DeepFigures) -> str:
    if deep.seconds is None:
        return "none"
    return f"{deep.runs:,}, {time_text(deep.seconds.p50)} (p50), {time_text(deep.seconds.p95)} (p95)"


def _coverage(coverage: Coverage) -> list[tuple[str, str]]:
    """How often the two times that are told at the start held; half of the runs, and nine of ten, should."""
    if not coverage.told:
        return [("estimates", f"none was made: from {ENOUGH} earlier runs of the kind on")]
    told = f"of {coverage.told:,} runs that were told it"
    return [
        ("usual held", f"{share_text(coverage.half, coverage.told)} {told}"),
        ("9 of 10 held", f"{share_text(coverage.most, coverage.told)} {told}"),
    ]


def _spent(spent: Spent) -> str:
    told = f"{usd_text(spent.usd)}, {tokens_text(spent.tokens)} tokens"
    unpriced = f", {tokens_text(spent.unpriced_tokens)} of them at no known price"
    return told + unpriced * bool(spent.unpriced_tokens)


def _ips(view: View) -> list[Section]:
    """What all of it comes to for the person."""
    session = view.figures.session
    rows = ips_wording.ips_rows(session)
    if not rows:
        return []
    told = ips_wording.explained_lines(session, view.width - _INDENT)
    return [Section(ips_wording.TITLE, rows, ["", *told])]


_SECTIONS: tuple[Callable[[View], list[Section]], ...] = (_answers, _ips, _stored, _ahead, _deep)

"""Everything that was measured, as numbers for programs: one object a section."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from core.engine.figures import Figures
from core.metrics.spreads import Spread
from core.metrics.summary import LIMITS_MS, Times
from core.speculation.modesty import Judgement
from tui.ips_wording import ips_figures

Values = Mapping[str, object]


def objects(figures: Figures, judgement: Judgement) -> Iterator[Values]:
    """The sections, each with its name and since when it tells; unknown ones are left out by readers."""
    for name, values in (
        ("answers", _answers(figures)),
        ("history", _history(figures)),
        ("stored", figures.uses._asdict()),
        ("speculation", _speculation(figures, judgement)),
        ("deep", _deep(figures)),
        ("ips", ips_figures(figures.session)),
    ):
        yield {"section": name, "since": figures.since, **values}


def _answers(figures: Figures) -> Values:
    summary = figures.summary
    return {
        "counted": {**figures.counted._asdict(), "complete": figures.counted.complete},
        "every": figures.counted.every,
        "limits_ms": LIMITS_MS,
        "all": _times(summary.all),
        "made": [
            {"model": made.model, "route": made.route, "place": made.place, **_times(made.times)}
            for made in summary.made
        ],
    }


def _times(times: Times) -> dict[str, object]:
    waits = times.waits
    return {
        "answers": waits.answers,
        "within": waits.within,
        "above": waits.above,
        "textless": waits.textless,
        "ttft_ms": _spread(times.ttft),
        "paint_ms": _spread(times.paint),
        "total_ms": _spread(times.total),
        "tokens_per_s": _spread(times.tokens_per_s),
    }


def _spread(spread: Spread | None) -> Values | None:
    return None if spread is None else {"count": spread.size, "p50": spread.p50, "p95": spread.p95}


def _history(figures: Figures) -> Values:
    return {
        "step_s": figures.summary.division.step_s,
        "moments": [
            {"start": moment.start, "ttft_ms": _spread(moment.ttft), "total_ms": _spread(moment.total)}
            for moment in figures.summary.moments
        ],
    }


def _speculation(figures: Figures, judgement: Judgement) -> Values:
    counts = figures.ahead
    return {
        "level": judgement.level.name.lower(),
        "reason": judgement.reason,
        **{name: value for name, value in asdict(counts).items() if name != "delays_ms"},
        "sent": counts.sent,
        "delays": len(counts.delays_ms),
        "delay_p50_ms": counts.delay_p50_ms,
        "delay_p95_ms": counts.delay_p95_ms,
    }


def _deep(figures: Figures) -> Values:
    deep = figures.deep
    return {
        "runs": deep.runs,
        "seconds": _spread(deep.seconds),
        "estimates": deep.coverage._asdict(),
        "usd": sum(spent.usd for spent in deep.spent.values()),
        "usd_p50": deep.usd_p50,
        "models": {model: spent._asdict() for model, spent in deep.spent.items()},
    }

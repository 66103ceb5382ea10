"""How far a deep run is, in one line, for where there is no panel."""

from collections.abc import Iterator, Sequence

from core.amounts import clock_text, time_text, tokens_text
from core.deep.status import RunState, RunStatus, StageKind, StageStatus
from core.events import StageState
from tui.run_wording import spent_text

_SILENT_FROM_S = 10.0


def progress_text(status: RunStatus) -> str:
    """``plan 4.2 s · 4 parts · write 0:07 · 412 tokens · ≈$0.07``."""
    return " · ".join(filter(None, _facts(status)))


def ended_text(status: RunStatus) -> str:
    """``deep · claude-opus-5-5 · REMOTE api.anthropic.com · 0:41 · ≈$0.11``."""
    took, cost = clock_text(status.elapsed_s), spent_text(status.spending)
    return " · ".join(filter(None, (str(status.preset), status.model, status.place, took, cost)))


def _facts(status: RunStatus) -> Iterator[str]:
    if status.state in (RunState.QUEUED, RunState.YIELDING):
        yield f"{status.state} {clock_text(status.elapsed_s)}"
    parts = [each for each in status.stages if each.kind is StageKind.PART]
    are_told = False
    for stage in status.stages:
        if stage.kind is StageKind.PART:
            if not are_told:
                yield _parts_text(parts)
            are_told = True
        elif stage.kind is not StageKind.CONTEXT:  # it takes no time that anybody sees
            yield _stage_text(stage)
    # What is spent knows only the calls that are over; the stages know those that run, too.
    tokens = max(status.spending.output_tokens, sum(each.tokens for each in status.stages))
    yield f"{tokens_text(tokens)} tokens" if tokens else ""
    yield spent_text(status.spending)
    if status.silent_s is not None and status.silent_s >= _SILENT_FROM_S:
        yield f"silent {clock_text(status.silent_s)}"


def _stage_text(stage: StageStatus) -> str:
    """``plan 4.2 s`` once it is over, ``write 0:07/~0:38`` while it runs."""
    if stage.elapsed_s is None:
        return ""
    match stage.state:
        case StageState.STARTED:
            return f"{stage.kind} {clock_text(stage.elapsed_s)}{_usual_text(stage)}"
        case StageState.FINISHED:
            return f"{stage.kind} {time_text(stage.elapsed_s)}"
        case StageState.FAILED:
            return f"{stage.kind} failed"
    return ""


def _usual_text(stage: StageStatus) -> str:
    """Half of the past runs took no longer; nothing while that cannot be said."""
    p50_s = stage.usual.p50_s if stage.usual else None
    return f"/~{clock_text(p50_s)}" if p50_s else ""


def _parts_text(parts: Sequence[StageStatus]) -> str:
    """``2 of 4 parts 0:09`` while they run, ``4 parts`` behind them."""
    wanted = [each for each in parts if each.state is not StageState.STRUCK]
    done = [each for each in wanted if each.state is StageState.FINISHED]
    running = [each.elapsed_s or 0.0 for each in wanted if each.state is StageState.STARTED]
    count = f"{len(wanted)} part{'s' if len(wanted) != 1 else ''}"
    if len(done) == len(wanted):
        return count
    return f"{len(done)} of {count}{f' {clock_text(max(running))}' if running else ''}"

"""The rows of the deep panel: what stands in them, for a low and wide one and for a tall one at the side.

How many rows there are depends on the kind of run and on the room, and never on how far the run is: nothing
moves when a stage ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from core.amounts import clock_text, dollars, time_text, tokens_text, usd_text
from core.deep.question import Preset
from core.deep.status import RunState, RunStatus, StageStatus
from core.events import StageState
from core.sanitise import clean_line
from tui.cells import beginning
from tui.run_wording import (
    MARKS,
    Step,
    alive_text,
    cost_text,
    doing_text,
    fact_text,
    listed,
    mark_of,
    step_now,
    steps_of,
    summary,
    tokens_told,
    usual_text,
)

_NAME_CELLS = 8
_TIME_CELLS = 7
_MOST_PARTS = 5


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One row.

    Attributes:
        key: of the step or part it is about, where it can be chosen; empty elsewhere.
        style: ``text``, ``muted``, ``accent`` or ``trouble``.
        rank: what is left out first when there is too little room: the highest.
    """

    text: str
    key: str = ""
    style: str = "text"
    rank: int = 0


def side_by_side(parts: Sequence[tuple[str, int]], width: int, between: str = "  ") -> str:
    """As many parts as fit, in their order; those with the highest rank go first."""
    kept = [(text, rank) for text, rank in parts if text]
    while kept and cell_len(between.join(text for text, _ in kept)) > width:
        if len(kept) == 1:
            return beginning(kept[0][0], width)
        kept.remove(max(kept, key=lambda part: part[1]))
    return between.join(text for text, _ in kept)


def apart(left: str, right: str, width: int) -> str:
    """One at the left, one at the right; the left one is cut."""
    room = max(0, width - cell_len(right) - 1)
    return set_cell_size(beginning(left, room), room) + " " + right if room else beginning(right, width)


def low_lines(status: RunStatus, width: int, most: int) -> tuple[PanelLine, ...]:
    """The rows of a panel across the screen; at most so many, the most telling ones."""
    if most <= 1:
        return (PanelLine(beginning(summary(status), width), style="accent"),)
    head = (
        (f"{mark_of(status)} {doing_text(status)}", 0),
        (f"{clock_text(status.elapsed_s)} elapsed", 0),
        (usual_text(status), 1),
        (cost_text(status.spending, has_cap=False), 1),
        (f"cap ${status.spending.cap_usd:.2f}" if status.spending.usd and status.spending.cap_usd else "", 2),
    )
    rows = [
        PanelLine(side_by_side(head, width), style="accent"),
        PanelLine(beginning(clean_line(fact_text(status)), width), style=_fact_style(status), rank=1),
    ]
    if status.state is RunState.PLANNED:
        rows += [_part_row(number, part, width) for number, part in enumerate(parts_of(status), 1)]
        rows += [PanelLine("", rank=3)] * (len(steps_of(status)) - len(rows) + 2)
    else:
        rows += [_step_row(number, step, width) for number, step in enumerate(steps_of(status), 1)]
    rows.append(PanelLine(_named("thinking", status.thinking, width), style="muted", rank=6))
    alive = side_by_side(
        ((alive_text(status) or _saved(status), 0), (tokens_told(status.spending), 1)), width - 13, " · "
    )
    rows.append(PanelLine(_named("alive", alive, width), style="muted", rank=5))
    if status.preset is Preset.DEEP:
        rows.append(PanelLine(_named("sent", _sent(status), width), style="muted", rank=8))
    return _most_telling(rows, most)


def low_height(preset: Preset) -> int:
    """How many rows a panel across the screen would have."""
    return 9 if preset is Preset.DEEPER else 8


def tall_lines(
    status: RunStatus, others: Sequence[RunStatus], width: int, height: int
) -> tuple[PanelLine, ...]:
    """The rows of a panel at the side."""
    steps = steps_of(status)
    number, _ = step_now(status)
    where = f"{mark_of(status)} stage {number} of {len(steps)} · {doing_text(status)}"
    if status.state.is_over:
        where = f"{mark_of(status)} {doing_text(status)}"
    rows = [
        PanelLine(apart(where, f"{clock_text(status.elapsed_s)} elapsed", width), style="accent"),
        PanelLine(apart(usual_text(status), _runs_like_it(status), width), style="muted", rank=2),
        PanelLine(_bar(status, width), style="muted", rank=20),
        PanelLine(beginning(clean_line(fact_text(status)), width), style=_fact_style(status), rank=1),
        _gap(11),
        PanelLine(
            _columns("stage", "state", "time", "p50", "p90", "tokens", "cost", width), style="muted", rank=9
        ),
    ]
    rows += [_table_row(at, each, width, is_free=status.spending.is_free) for at, each in enumerate(steps, 1)]
    rows.append(_gap(12))
    if status.preset is Preset.DEEPER:
        rows.append(PanelLine("parts (enter: read what is known)", style="muted", rank=9))
        parts = [_part_row(at, part, width) for at, part in enumerate(parts_of(status), 1)]
        rows += parts + [PanelLine("", rank=13)] * (_MOST_PARTS - len(parts))
        rows.append(_gap(14))
    rows += [
        PanelLine("thinking", style="muted", rank=8),
        *(PanelLine(f"  {line}", style="muted", rank=8) for line in _wrapped(status.thinking, width - 2, 3)),
        _gap(15),
        *(PanelLine(line, style="muted", rank=10) for line in _sent_lines(status, width)),
        PanelLine(_named("tokens", tokens_told(status.spending), width), style="muted", rank=7),
        PanelLine(_named("cost", _cost(status), width), style="muted", rank=2),
        PanelLine(_named("alive", _alive(status), width), style="muted", rank=5),
        PanelLine(_named("hints", "; ".join(status.hints), width), style="muted", rank=16)
        if status.hints
        else _gap(16),
        PanelLine(_named("draft", status.differs, width), style="muted", rank=17)
        if status.differs
        else _gap(17),
    ]
    if others:
        rows += [_gap(18), PanelLine("other runs (n: the next)", style="muted", rank=18)]
        rows += [PanelLine(listed(each, width), style="muted", rank=19) for each in others]
    return _most_telling(rows, height)


def parts_of(status: RunStatus) -> tuple[StageStatus, ...]:
    """The parts of its plan."""
    return next((step.stages for step in steps_of(status) if step.name == "parts"), ())


def _most_telling(rows: list[PanelLine], most: int) -> tuple[PanelLine, ...]:
    """As many as there is room for; where some must go, the one that runs now is not among them."""
    while len(rows) > max(most, 1):
        last = max(range(len(rows)), key=lambda index: (rows[index].rank, index))
        del rows[last]
    return tuple(rows)


def _step_row(number: int, step: Step, width: int) -> PanelLine:
    head = f"{MARKS[step.state]} {number} {step.name:<{_NAME_CELLS}} "
    time = time_text(step.elapsed_s).rjust(_TIME_CELLS)
    room = width - cell_len(head) - _TIME_CELLS - 1
    text = f"{head}{set_cell_size(beginning(_step_note(step, room), max(0, room)), max(0, room))} {time}"
    # What runs is the last of the stages to go; what only waits goes first.
    rank = {StageState.STARTED: 2, StageState.FAILED: 3}.get(step.state, 4)
    return PanelLine(beginning(text, width), step.name, _style_of(step.state), rank)


def _step_note(step: Step, room: int) -> str:
    if step.name == "parts" and step.stages:
        each = max(3, room // len(step.stages) - 2)
        return " ".join(f"{MARKS[one.state]}{beginning(clean_line(one.title), each)}" for one in step.stages)
    if not step.stages:
        return ""
    stage = step.stages[0]
    if stage.note:
        return clean_line(stage.note)
    if stage.tokens and stage.state is StageState.STARTED and stage.elapsed_s:
        return f"{stage.tokens:,} tokens, {stage.tokens / stage.elapsed_s:.0f}/s"
    return (
        f"{stage.tokens:,} tokens"
        if stage.tokens
        else clean_line(stage.title if step.name != stage.title else "")
    )


def _part_row(number: int, part: StageStatus, width: int) -> PanelLine:
    told = part.note if part.state is StageState.FAILED else part.title
    right = "struck" if part.state is StageState.STRUCK else time_text(part.elapsed_s)
    if part.finding and part.state is StageState.STARTED:
        right = f"{tokens_text(part.tokens)} tok · {right}"
    left = f"{MARKS[part.state]} {number} {clean_line(told or part.title)}"
    rank = 3 if part.state in (StageState.STARTED, StageState.FAILED) else 4
    return PanelLine(apart(left, right, width), part.id, _style_of(part.state), rank)


def _table_row(number: int, step: Step, width: int, *, is_free: bool) -> PanelLine:
    states = {
        StageState.WAITS: "waits",
        StageState.STARTED: "now",
        StageState.FINISHED: "done",
        StageState.FAILED: "failed",
        StageState.STRUCK: "struck",
    }
    many = f", {len(step.stages)}x" if len(step.stages) > 1 else ""
    usual = step.usual
    p50 = time_text(usual.p50_s) if usual else ""
    p90 = time_text(usual.p90_s) if usual else ""
    tokens = tokens_text(step.tokens) if step.tokens else ""
    cost = "" if step.usd is None or is_free else usd_text(step.usd)
    name = f"{MARKS[step.state]} {number} {step.name}{many}"
    text = _columns(name, states[step.state], time_text(step.elapsed_s), p50, p90, tokens, cost, width)
    return PanelLine(text, step.name, _style_of(step.state), 3 if step.state is StageState.STARTED else 4)


def _columns(name: str, state: str, time: str, p50: str, p90: str, tokens: str, cost: str, width: int) -> str:
    return beginning(f"{name:<15} {state:<7}{time:>8}{p50:>8}{p90:>8}{tokens:>8}{cost:>9}", width)


def _bar(status: RunStatus, width: int) -> str:
    """How much of the usual time has gone; nothing any more when it has: a bar must not stand at its end."""
    usual = status.usual.p50_s if status.usual else None
    if status.state.is_over or not usual or status.elapsed_s >= usual * 0.97:
        return ""
    label = " of the usual time"
    room = width - len(label) - 2
    if room < 10:
        return ""
    done = int(room * status.elapsed_s / usual)
    return f"▕{'█' * done}{'░' * (room - done)}▏{label}"


def _runs_like_it(status: RunStatus) -> str:
    if status.state.is_over or status.usual is None or status.usual.p50_s is None:
        return ""
    pooled = ", of any effort" if status.usual.is_pooled else ""
    return f"({status.usual.runs} runs{pooled})"


def _cost(status: RunStatus) -> str:
    spending = status.spending
    if spending.is_free or spending.usd is None or spending.expected_usd is None or status.state.is_over:
        return cost_text(spending)
    return f"{usd_text(spending.usd, is_exact=spending.is_exact)} now · " + (
        f"{usd_text(spending.expected_usd)} at the end, cap {dollars(spending.cap_usd)}"
    )


def _alive(status: RunStatus) -> str:
    retries = f"{status.retries} retries" if status.retries else ""
    return " · ".join(filter(None, (alive_text(status), retries, _saved(status))))


def _saved(status: RunStatus) -> str:
    if status.saved_s is None:
        return ""
    return "saved" if status.state.is_over else f"saved {time_text(status.saved_s)} ago"


def _sent(status: RunStatus) -> str:
    where = "" if status.place in ("local", "demo") else f" → {status.place.removeprefix('REMOTE ')}"
    return clean_line(", ".join(("the question", *status.sent))) + where


def _sent_lines(status: RunStatus, width: int) -> list[str]:
    first, *more = _wrapped(_sent(status), width - 13, 2)
    return [f"{'sent':<12} {first}", *(" " * 13 + line for line in more)]


def _named(name: str, text: str, width: int) -> str:
    return beginning(f"{name:<12} {clean_line(text)}", width) if text else name


def _wrapped(text: str, width: int, rows: int) -> list[str]:
    """The text in just so many rows, its end rather than its beginning."""
    words, lines = clean_line(text).split(), [""]
    for word in words:
        word = beginning(word, max(1, width))
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    lines = lines[-rows:]
    return lines + [""] * (rows - len(lines))


def _gap(rank: int) -> PanelLine:
    return PanelLine("", rank=rank)


def _fact_style(status: RunStatus) -> str:
    return "trouble" if status.error is not None else "text"


def _style_of(state: StageState) -> str:
    return {StageState.STARTED: "text", StageState.FAILED: "trouble"}.get(state, "muted")

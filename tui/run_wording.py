"""How a deep run is said in words: its marks, its times, its cost, and itself in one row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from core.amounts import clock_text, dollars, time_text, tokens_text, usd_text
from core.deep.question import Preset
from core.deep.status import RunState, RunStatus, Spending, StageKind, StageStatus
from core.events import StageState
from core.metrics.usual import Usual, told
from core.sanitise import clean_line
from tui.cells import beginning
from tui.deep_ways import trouble_text

MARKS = {
    StageState.WAITS: "·",
    StageState.STARTED: "◐",
    StageState.FINISHED: "✓",
    StageState.FAILED: "!",
    StageState.STRUCK: "–",
}
"""How a stage stands, in a sign and never in a colour alone."""

_ENDINGS = {
    RunState.PARTIAL: "ended early; what came is kept",
    RunState.DROPPED: "dropped; nothing of it is kept",
}
_STATES = {
    RunState.QUEUED: (StageState.WAITS, "queued"),
    RunState.RUNNING: (StageState.STARTED, "begins"),
    RunState.PLANNED: (StageState.STARTED, "plan"),
    RunState.YIELDING: (StageState.WAITS, "waits for the fast answer"),
    RunState.COMPLETE: (StageState.FINISHED, "done"),
    RunState.PARTIAL: (StageState.FAILED, "not whole"),
    RunState.FAILED: (StageState.FAILED, "failed"),
    RunState.DROPPED: (StageState.STRUCK, "dropped"),
}
_STEPS = {
    Preset.DEEP: (StageKind.CONTEXT, StageKind.WRITE, StageKind.CHECK),
    Preset.DEEPER: (StageKind.CONTEXT, StageKind.PLAN, StageKind.PART, StageKind.WRITE, StageKind.CHECK),
}
_PLAIN = str.maketrans(
    {
        "✓": "+",
        "◐": ">",
        "·": "-",
        "–": "x",
        "≈": "~",
        "…": ".",
        "›": ">",
        "→": ">",
        "█": "#",
        "░": ".",
        "▕": "[",
        "▏": "]",
        "↑": "^",
        "↓": "v",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the panel counts them: all parts are one step.

    Attributes:
        name: also its key among the panel's rows.
        stages: the stages it is made of; none while it is not known that it will be.
    """

    name: str
    stages: tuple[StageStatus, ...]

    @property
    def state(self) -> StageState:
        """Of all its stages together; it failed only when all of them did."""
        states = {each.state for each in self.stages} - {StageState.STRUCK}
        if not states:
            return StageState.STRUCK if self.stages else StageState.WAITS
        if StageState.STARTED in states:
            return StageState.STARTED
        if StageState.WAITS in states:
            return StageState.WAITS if states == {StageState.WAITS} else StageState.STARTED
        return StageState.FAILED if states == {StageState.FAILED} else StageState.FINISHED

    @property
    def elapsed_s(self) -> float | None:
        """The longest of its stages, which run at the same time."""
        return max((each.elapsed_s for each in self.stages if each.elapsed_s is not None), default=None)

    @property
    def tokens(self) -> int:
        """Written by all of them."""
        return sum(each.tokens for each in self.stages)

    @property
    def usd(self) -> float | None:
        """What all of them cost, as far as it is known."""
        known = [each.usd for each in self.stages if each.usd is not None]
        return sum(known) if known else None

    @property
    def usual(self) -> Usual | None:
        """How long the longest of them usually takes."""
        known = [each.usual for each in self.stages if each.usual is not None]
        return max(known, key=lambda each: each.p50_s or each.most_s, default=None)


def steps_of(status: RunStatus) -> tuple[Step, ...]:
    """Its steps, as many from the beginning as there will be, so that no row moves."""
    steps = []
    for kind in _STEPS[status.preset]:
        name = "parts" if kind is StageKind.PART else kind.value
        steps.append(Step(name, tuple(each for each in status.stages if each.kind is kind)))
    return tuple(steps)


def step_now(status: RunStatus) -> tuple[int, Step]:
    """The step that runs, else the last that has begun, and its number from 1."""
    steps = steps_of(status)
    begun = [number for number, step in enumerate(steps, 1) if step.state is not StageState.WAITS]
    runs = [number for number in begun if steps[number - 1].state is StageState.STARTED]
    number = (runs or begun[-1:] or [1])[0]
    return number, steps[number - 1]


def plain(text: str) -> str:
    """The same for terminals that cannot show our marks."""
    return text.translate(_PLAIN)


def is_plain(environ: Mapping[str, str]) -> bool:
    """Whether the locale names an encoding without our marks; what names none is believed to have them."""
    named = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return bool(named) and "utf" not in named.lower()


def cost_text(spending: Spending, *, has_cap: bool = True) -> str:
    """``≈$0.07, cap $0.50``, ``free``, ``price not known``."""
    if spending.is_free:
        return "free"
    if spending.usd is None:
        return "price not known"
    cap = f", cap {dollars(spending.cap_usd)}" if has_cap and spending.cap_usd else ""
    return usd_text(spending.usd, is_exact=spending.is_exact) + cap


def spent_text(spending: Spending) -> str:
    """``≈$0.07``; empty where it is free, or nothing can be said yet."""
    if spending.is_free or not spending.usd:
        return ""
    return usd_text(spending.usd, is_exact=spending.is_exact)


def tokens_told(spending: Spending) -> str:
    """``in 8.9k (4.1k cached) think 3.0k out 412``; empty while nothing is counted."""
    if not (spending.input_tokens or spending.output_tokens):
        return ""
    cached = f" ({tokens_text(spending.cached_tokens)} cached)" if spending.cached_tokens else ""
    think = f" think {tokens_text(spending.thinking_tokens)}" if spending.thinking_tokens else ""
    return f"in {tokens_text(spending.input_tokens)}{cached}{think} out {tokens_text(spending.output_tokens)}"


def alive_text(status: RunStatus) -> str:
    """``last byte 0.2 s ago``; what is silent for long is said."""
    if status.alive_s is None:
        return ""
    silent = ""
    if status.silent_s is not None and status.silent_s >= 10 and status.silent_s > status.alive_s + 1:
        silent = f"nothing new for {clock_text(status.silent_s)}, "
    return f"{silent}last byte {time_text(status.alive_s)} ago"


def usual_text(status: RunStatus) -> str:
    """What may be said of how long such a run takes, while it is not over."""
    return "" if status.state.is_over else told(status.usual, status.elapsed_s, status.past_s)


def mark_of(status: RunStatus) -> str:
    """How a run stands, in a sign."""
    return MARKS[_STATES[status.state][0]]


def doing_text(status: RunStatus) -> str:
    """What a run does, in a word or two: its step while it runs."""
    if status.state is RunState.RUNNING and status.stages:
        return step_now(status)[1].name
    return _STATES[status.state][1]


def status_text(status: RunStatus) -> str:
    """``deep 3 write 0:31/~0:38``, for the status line."""
    usual = f"/~{clock_text(status.usual.p50_s)}" if status.usual and status.usual.p50_s else ""
    return f"deep {status.number} {doing_text(status)} {clock_text(status.elapsed_s)}{usual}"


def sends_text(statuses: Iterable[RunStatus]) -> str:
    """``a deep run sends to api.anthropic.com`` while one does; empty when all stay here or are over."""
    going = (each for each in statuses if not each.state.is_over and each.place not in ("local", "demo"))
    where = sorted({each.place.removeprefix("REMOTE ").removeprefix("lan ") for each in going})
    return f"a deep run sends to {', '.join(where)}" if where else ""


def fact_text(status: RunStatus) -> str:
    """The last concrete thing: what is wrong, that the plan waits, or what happened."""
    if status.error is not None or status.kept:
        return trouble_text(status)
    if status.state is RunState.PLANNED:
        parts = steps_of(status)[2].stages if status.preset is Preset.DEEPER else ()
        kept = sum(each.state is not StageState.STRUCK for each in parts)
        waits = status.goes_on_in_s is None
        when = "waits for your word" if waits else f"goes on in {status.goes_on_in_s:.0f} s"
        return f"plan of {kept} parts · {when}"
    # What happened last is not what is true of a run that was ended in the midst of it.
    return _ENDINGS.get(status.state, status.fact)


def summary(status: RunStatus) -> str:
    """A run in one row: ``deep ✓ 0:41 · ≈$0.11 · 4 findings · differs from the draft``."""
    findings = sum(bool(each.finding) for each in status.stages if each.kind is StageKind.PART)
    number = "" if status.number == 1 else f" {status.number}"
    parts = [f"deep{number} {mark_of(status)} {clock_text(status.elapsed_s)}"]
    doing = doing_text(status)
    is_said = not status.state.is_over and status.fact.startswith(f"{doing}:")
    if status.state is not RunState.COMPLETE and not is_said:
        parts.append(doing)
    if status.error is not None:
        parts.append(status.error.message)
    elif not status.state.is_over:
        parts += [usual_text(status), status.fact]
    else:
        parts.append(status.kept)
    parts.append(spent_text(status.spending))
    if findings:
        parts.append(f"{findings} finding{'s' if findings > 1 else ''}")
    if status.state is RunState.COMPLETE:
        parts += [each.note for each in status.stages if each.kind is StageKind.CHECK]
    return " · ".join(filter(None, (*parts, status.differs)))


_TOAST_CELLS = 60
_LEAST_QUESTION = 8


def ended_elsewhere(status: RunStatus, cells: int = _TOAST_CELLS) -> str:
    """One that is over in another conversation: ``deep ✓ 0:10 · "why does the pool leak…" · /runs 1``."""
    number = "" if status.number == 1 else f" {status.number}"
    head = f"deep{number} {mark_of(status)} {clock_text(status.elapsed_s)}"
    if status.state is not RunState.COMPLETE:
        head += f" {doing_text(status)}"
    tail = f"/runs {status.number}"
    room = cells - cell_len(f'{head} · "" · {tail}')
    return f'{head} · "{beginning(clean_line(status.question), max(room, _LEAST_QUESTION))}" · {tail}'


def listed(status: RunStatus, cells: int) -> str:
    """One of several: ``2 ◐ deep write 0:12 "why does the pool leak…"``."""
    step = "" if status.state is RunState.COMPLETE else doing_text(status)  # its mark says that
    words = (str(status.number), mark_of(status), str(status.preset), step, clock_text(status.elapsed_s))
    head = " ".join(filter(None, words))
    room = cells - cell_len(f'{head} ""')
    return f'{head} "{beginning(clean_line(status.question), max(room, _LEAST_QUESTION))}"'

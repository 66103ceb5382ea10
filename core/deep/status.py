"""A deep run at one moment, as a panel shows it: frozen, cheap to make, with nothing left to work out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.deep.question import Preset
from core.errors import HouseError
from core.events import StageState
from core.metrics.usual import Usual


class RunState(StrEnum):
    """Where a run stands; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PLANNED = "planned"
    YIELDING = "yielding"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    DROPPED = "dropped"

    @property
    def is_over(self) -> bool:
        """Whether nothing happens in it any more."""
        return self in (RunState.COMPLETE, RunState.PARTIAL, RunState.FAILED, RunState.DROPPED)


class StageKind(StrEnum):
    """What a stage does."""

    CONTEXT = "context"
    PLAN = "plan"
    PART = "part"
    WRITE = "write"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage.

    Attributes:
        id: stable within the run: ``context``, ``plan``, ``part-2``, ``write``, ``check``.
        title: in words; of a part as the plan names it.
        elapsed_s: None before it has begun.
        usual: how long such a stage takes; None while nothing may be said.
        tokens: written so far, thinking included; an estimate while it runs.
        usd: what it cost so far; None when not known.
        note: the last concrete fact of it ("3 files + diff, 6.2k tokens", "retry 1 of 2 in 1.4 s"), or why
            it failed.
        finding: what it has found, readable while the rest runs; clean; empty when nothing is there.
    """

    id: str
    kind: StageKind
    title: str
    state: StageState
    elapsed_s: float | None = None
    usual: Usual | None = None
    tokens: int = 0
    usd: float | None = None
    note: str = ""
    finding: str = ""


class Spending(NamedTuple):
    """Tokens and money of a run.

    Attributes:
        usd: None when a call's price is not known.
        is_exact: the provider itself said what all of it cost.
        expected_usd: about what it will have cost in the end; None when not known.
        cap_usd: what one run may cost.
        is_free: it costs nothing here.
        has_estimates: some tokens are ours to guess, because a call was cut before its provider counted them.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    thinking_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    is_exact: bool = False
    expected_usd: float | None = None
    cap_usd: float = 0.0
    is_free: bool = False
    has_estimates: bool = False


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one moment.

    Attributes:
        number: how people name it, from 1 in every process' list; the store has its own.
        turn, answer: of the store; 0 while it has neither.
        elapsed_s: since it began, by its own clock; it never starts again.
        usual: how long such runs take; None while nothing may be said.
        past_s: the times it rests on, newest first, for `core.metrics.usual.told`.
        fact: the last concrete thing that happened, in words.
        thinking: the last line of what the model thinks aloud; clean.
        alive_s: since the last byte of any call; None when none is open.
        silent_s: since the last content of any call; None when none is open.
        saved_s: since the journal was last written; None when it never was.
        retries: how often a call was made again.
        goes_on_in_s: of a plan that goes on by itself; None where it waits for the person.
        sent: what was sent along, as the arming row named it.
        hints: what the person added, and at which stage it goes along.
        error: why it failed, or what is not whole; None when all is well.
        differs: in a few words how it compares with the draft; empty when there is nothing to say.
        kept: of a run that ended without being whole, what there is of it, in words.
        may_resume: it can go on behind the stages that are finished.
    """

    number: int
    preset: Preset
    state: RunState
    question: str
    model: str
    effort: str
    provider: str
    place: str
    turn: int = 0
    answer: int = 0
    stages: tuple[StageStatus, ...] = ()
    elapsed_s: float = 0.0
    usual: Usual | None = None
    past_s: tuple[float, ...] = ()
    fact: str = ""
    thinking: str = ""
    spending: Spending = Spending()  # noqa: RUF009  (a tuple)
    alive_s: float | None = None
    silent_s: float | None = None
    saved_s: float | None = None
    retries: int = 0
    goes_on_in_s: float | None = None
    sent: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    error: HouseError | None = None
    differs: str = ""
    kept: str = ""
    may_resume: bool = False

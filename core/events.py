"""What can happen while one question is being answered, in the order it happens.

A turn's events are: `Routed`, `TurnStarted`, then any of the middle ones, then exactly one of
`TurnFinished`, `TurnFailed` and `TurnCancelled`. `Routed` comes again when another model had to be taken,
or when the connection showed where the model really runs. A question that cannot be sent has no `Routed`.
`TurnStarted` comes later, among the text or behind it, when the database is busy; never, when it refuses (the
numbers in `TurnFinished` are then 0). `MaybeFound` comes before the first text. A stored answer's text comes
before `TurnStarted`: it waits for no store.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.messages import Route


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The question is on its way into the store; ids are the store's."""

    conversation: int
    turn: int
    answer: int


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """An earlier question, whose answer is used again or offered.

    Attributes:
        age_s: since that answer was made.
        differs: in what the two questions differ, in words; empty when in nothing that counts.
        is_deep: that answer was thought through.
    """

    question: str
    age_s: float
    differs: tuple[str, ...] = ()
    is_deep: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """Which way the answer is made, by what model, and where that model runs.

    Attributes:
        source: of a stored answer, the question it was given to; None for one that is made now.
    """

    route: Route
    model: str
    provider: str
    place: str
    source: StoredQuestion | None = None


@dataclass(frozen=True, slots=True)
class MaybeFound:
    """A stored answer to a similar question; it comes before the first text, and the answer is made as ever.

    Attributes:
        entry: its number in the answer cache.
        text: the stored answer, clean.
    """

    entry: int
    model: str
    text: str
    source: StoredQuestion


class WaitReason(StrEnum):
    """Why nothing has come yet, as far as it can be known."""

    LOADING = "loading"
    QUEUE = "queue"
    PROMPT = "prompt"
    THINKING = "thinking"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Still no first token, and why.

    Attributes:
        waited_ms: since the request was sent.
        usual_ms: how long this took the last time; None when not known.
    """

    reason: WaitReason
    waited_ms: float
    usual_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, to be appended as it stands; already clean."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """A piece of the model's reasoning; already clean."""

    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth knowing that is not part of the answer (a model was chosen, turns were dropped)."""

    text: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Tokens of this answer, as the provider counts them unless `is_estimate`.

    Attributes:
        window: tokens the model's window holds; 0 when not known.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    thinking_tokens: int = 0
    usd: float | None = None
    is_estimate: bool = False
    window: int = 0


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The answer is whole; no event of this turn follows.

    Attributes:
        reason: ``stop``, or ``length`` when it was cut by its token bound.
        wait, wait_ms: of a first text that was long in coming, what most of that was; None when not known.
    """

    turn: int
    answer: int
    ttft_ms: float
    total_ms: float
    output_tokens: int
    reason: str = "stop"
    wait: WaitReason | None = None
    wait_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The answer did not come, or not whole; no event of this turn follows.

    Attributes:
        kind: the error's stable word (see `core.errors`).
        is_partial: some text came, and is kept.
        turn: None when the question failed before it was stored.
    """

    kind: str
    message: str
    remedy: str
    is_partial: bool
    turn: int | None = None
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class TurnCancelled:
    """The person stopped it; no event of this turn follows."""

    is_partial: bool


class StageState(StrEnum):
    """Where a stage of a deep run stands."""

    WAITS = "waits"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    STRUCK = "struck"


@dataclass(frozen=True, slots=True)
class StageReported:
    """A stage of a deep run began or ended.

    Attributes:
        id: stable within the run: ``context``, ``plan``, ``part-2``, ``write``, ``check``.
        name: in words.
        index, count: its place among the run's stages, from 1; the count may grow once there is a plan.
        usual_ms: how long it takes in half of the runs; None while that cannot be said.
        usd: what it cost so far; None when not known.
        note: what came of it, or why it failed; empty while there is nothing to say.
    """

    id: str
    name: str
    index: int
    count: int
    state: StageState
    elapsed_ms: float
    usual_ms: float | None = None
    usd: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextRestarted:
    """The answer is being written again from its beginning; the text so far is no part of it."""

    reason: str


TurnEvent = (
    TurnStarted
    | Routed
    | MaybeFound
    | Waiting
    | TextDelta
    | ThinkingDelta
    | Noted
    | UsageReported
    | StageReported
    | TextRestarted
    | TurnFinished
    | TurnFailed
    | TurnCancelled
)

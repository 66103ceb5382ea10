"""What a deep call is: the request, the events on its way, and what a protocol is to the transport.

A call's events are: any of the middle ones, then exactly one of `Finished` and `Failed`. Between a
`Retrying` and the next event nothing of what came before is part of the answer. Events are named tuples:
their classes are made in a fraction of a dataclass's time (5 ms for all, against 13), and the first deep
question waits for them. A tuple is equal to any other with the same content; `own_kind` makes them equal
to their own kind alone, as values are everywhere in this house.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from core.events import Noted, TextDelta, ThinkingDelta
from core.messages import Message
from core.providers.deep.failures import DeepError

Kind = TypeVar("Kind", bound=type)


def _is_same(event: tuple[object, ...], other: object) -> bool:
    return type(event) is type(other) and tuple.__eq__(event, other)


def _is_other(event: tuple[object, ...], other: object) -> bool:
    return not _is_same(event, other)


_COMPARED = {"__eq__": _is_same, "__ne__": _is_other, "__hash__": tuple.__hash__}


def own_kind(kind: Kind) -> Kind:
    """A named tuple that is equal to no other kind's, whatever both hold."""
    for name, compare in _COMPARED.items():
        setattr(kind, name, compare)
    return kind


class Effort(StrEnum):
    """How much a model is to think, from the least; every provider knows a part of this ladder."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"

    @property
    def step_down(self) -> "Effort":
        """The next step down; the lowest stays."""
        ladder = tuple(Effort)
        return ladder[max(0, ladder.index(self) - 1)]


@dataclass(frozen=True, slots=True)
class DeepRequest:
    """One deep call.

    Attributes:
        messages: in order; system messages come first.
        max_tokens: of the answer, thinking included where the provider counts so.
        num_ctx: tokens of the window, for Ollama; 0 leaves it to the server.
        keep_alive: for Ollama, how long the model stays loaded.
    """

    model: str
    messages: tuple[Message, ...]
    effort: Effort = Effort.HIGH
    max_tokens: int = 16_384
    num_ctx: int = 0
    keep_alive: str = "30m"

    @property
    def rough_tokens(self) -> int:
        """About how many tokens are sent; only for how long reading them may take."""
        return sum(len(message.text) for message in self.messages) // 4


@dataclass(frozen=True, slots=True)
class Stance:
    """How a request is put to one model at one place, as far as that has been learnt from refusals.

    Attributes:
        most: the highest effort it takes; None when none has been refused.
        takes_effort: it knows a word about effort at all.
        is_older: it wants the protocol's older way of asking for thinking.
        omitted: optional fields that it refuses by name.
    """

    most: Effort | None = None
    takes_effort: bool = True
    is_older: bool = False
    omitted: frozenset[str] = frozenset()

    def effort(self, wanted: Effort) -> Effort:
        """The effort to ask for: what is wanted, but not above what is taken."""
        ladder = tuple(Effort)
        return min(wanted, self.most, key=ladder.index) if self.most else wanted


@own_kind
class DeepCall(NamedTuple):
    """One request, ready to be sent below the address; the key is the transport's to add."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@own_kind
class Started(NamedTuple):
    """The provider has begun: the model that really answers, and the id support would ask for.

    Attributes:
        remote_host: set when a cloud model answers through a server nearby; then nothing is local.
    """

    model: str
    request_id: str = ""
    remote_host: str = ""


@own_kind
class Queued(NamedTuple):
    """It is alive and has not begun; `said` are its own words, often empty."""

    said: str = ""


@own_kind
class Yields(NamedTuple):
    """Nothing is on its way: a question that somebody waits for goes first, as `said` tells.

    Empty when the call goes out again.
    """

    said: str = ""


@own_kind
class Heartbeat(NamedTuple):
    """Bytes came that hold nothing to show: life, and no progress."""

    size: int


@own_kind
class Silent(NamedTuple):
    """No content for a while, and how long ago any byte came.

    Attributes:
        limit_s: after so much silence the call is given up.
    """

    silent_s: float
    alive_s: float
    limit_s: float


@own_kind
class Retrying(NamedTuple):
    """The call failed before any text, or made way for a fast question, and is made again after a pause.

    Attributes:
        pause_s: until the new try; of one that made way, how long nobody must have asked (text may be lost).
        attempt, most: as in "retry 1 of 2"; new starts after making way are counted apart, and `most` is 0.
    """

    error: DeepError
    pause_s: float
    attempt: int
    most: int


@own_kind
class Usage(NamedTuple):
    """Tokens so far, as the provider counts them; each replaces the one before.

    Attributes:
        input_tokens: everything that was read, cached and cache-written tokens included.
        output_tokens: everything that was written, thinking included.
        usd: what the provider itself says it costs; None when it does not.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    thinking_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None


class Reason(StrEnum):
    """Why a provider ended its answer, in one word for all of them."""

    STOP = "stop"
    LENGTH = "length"
    CONTEXT = "context"
    FILTER = "filter"
    REFUSAL = "refusal"
    TOOL = "tool"
    PAUSED = "paused"
    PROVIDER = "provider"
    OTHER = "other"


@own_kind
class Finished(NamedTuple):
    """The protocol's own word that the answer is over; no event of this call follows.

    Attributes:
        said: the provider's own word for the reason.
        shortfall: what a person should know of an answer that is over and not whole; None for `STOP`.
    """

    reason: Reason
    said: str = ""
    shortfall: DeepError | None = None


@own_kind
class Failed(NamedTuple):
    """The answer did not come, or not to its end; no event of this call follows.

    Attributes:
        is_partial: text came, and is kept.
    """

    error: DeepError
    is_partial: bool = False


DeepEvent = (
    Started
    | Queued
    | Yields
    | Heartbeat
    | Silent
    | Retrying
    | Noted
    | ThinkingDelta
    | TextDelta
    | Usage
    | Finished
    | Failed
)


class Reader(Protocol):
    """Understands the body of one answer; knows no socket and no clock, and never raises."""

    @property
    def is_whole(self) -> bool:
        """Whether the answer is over by the protocol's own word, and only counts may follow."""
        ...

    def feed(self, data: bytes) -> Iterator[DeepEvent]:
        """Take bytes as they came; after a `Finished` or `Failed` nothing comes any more."""
        ...

    def finish(self) -> Iterator[DeepEvent]:
        """Take the end of the bytes; the last event of all is then a `Finished` or a `Failed`."""
        ...


class Wire(Protocol):
    """One protocol: how a request is written, and how its answer is read."""

    @property
    def spoken_to(self) -> str:
        """Whom errors speak of: the host."""
        ...

    @property
    def patience_s(self) -> float:
        """How long a model may think here without a byte of content; 0 is the usual time."""
        ...

    def build(self, request: DeepRequest, stance: Stance) -> DeepCall:
        """The request as path, headers and bytes."""
        ...

    def auth(self, key: str) -> dict[str, str]:
        """The headers that carry a key."""
        ...

    def reader(self, request: DeepRequest) -> Reader:
        """A new reader for the answer."""
        ...

    def adapt(self, request: DeepRequest, stance: Stance, refused: str) -> tuple[Stance, str] | None:
        """What to try after a refusal, and what to say of it; None when there is nothing to try.

        Args:
            refused: all that the refusal says, in lower case.
        """
        ...

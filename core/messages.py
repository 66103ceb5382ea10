"""What a question, an answer, a turn and a conversation *are*: frozen values, equal when equal."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who says a message, in the words providers use."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a provider is sent it."""

    role: Role
    text: str


class Route(StrEnum):
    """How an answer came.

    ``other`` is what is read of a route that this leadline does not know; it is never written.
    """

    EXACT_HIT = "exact-hit"
    PREFETCH_HIT = "prefetch-hit"
    SEMANTIC_HIT = "semantic-hit"
    MAYBE_KEPT = "maybe-kept"
    FAST = "fast"
    DEEP = "deep"
    DEEP_LOCAL = "deep-local"
    OTHER = "other"

    @property
    def is_stored(self) -> bool:
        """Whether the answer was there before the question."""
        return self in (Route.EXACT_HIT, Route.SEMANTIC_HIT, Route.MAYBE_KEPT)

    @property
    def is_deep(self) -> bool:
        """Whether depth was asked for."""
        return self in (Route.DEEP, Route.DEEP_LOCAL)


class Door(StrEnum):
    """Where a question came in: what is done with its answer can be seen on the screen alone."""

    SCREEN = "screen"
    ASK = "ask"


class AnswerState(StrEnum):
    """Where an answer stands; all but ``streaming`` are final."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes along with a question.

    Attributes:
        name: what the person called it: a path, ``diff``, or ``stdin``.
        sha256: of the UTF-8 bytes of `text`, in hex.
        origin: where it can be read again (``file:/home/me/a.py#10-40``, ``diff:/home/me/project``); empty
            for what was there once (stdin, the clipboard, a pane, a command's output).
    """

    name: str
    text: str
    sha256: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the person asks, and how they want it answered.

    Attributes:
        conversation: where it belongs; None starts a new conversation.
        again: the turn to answer once more, instead of adding a turn; `text` is then ignored.
        model: a model for this one question; None takes the chosen one.
        system: a system prompt for this one question; None takes the setting.
        fit: drop the oldest turns when the window is too small.
        use_cache: a stored answer may serve.
        takes_offers: who asks can be shown a stored answer that may fit.
        door: where it came in.
    """

    text: str
    attachments: tuple[Attachment, ...] = ()
    conversation: int | None = None
    again: int | None = None
    model: str | None = None
    system: str | None = None
    fit: bool = False
    use_cache: bool = True
    takes_offers: bool = True
    door: Door = Door.SCREEN


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a turn's question.

    Attributes:
        place: where the model ran: ``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``.
        started_at: Unix time in seconds.
        ttft_ms: time to first token; None when none came.
        load_ms, prefill_ms, thinking_ms, server_ms: what that was made of, see `core.metrics.waits.wait_of`;
            None where not known.
        reason: why it ended (``stop``, ``length``, or the kind of the error); empty while streaming.
        source, source_at: of an answer that was there before, the question it was first given to, and when.
        preset: of an answer that was thought through, now or before, how much was done; empty for others.
        usd: what it cost; None when not known, or nothing was asked for it.
        is_usd_exact: the provider itself said so; else it is about so much.
    """

    id: int
    turn: int
    route: Route
    model: str
    provider: str
    place: str
    state: AnswerState
    text: str
    started_at: float
    ttft_ms: float | None = None
    total_ms: float | None = None
    load_ms: float | None = None
    prefill_ms: float | None = None
    thinking_ms: float | None = None
    server_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reason: str = ""
    source: str = ""
    source_at: float | None = None
    preset: str = ""
    usd: float | None = None
    is_usd_exact: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answers, oldest first; at most one is current."""

    id: int
    conversation: int
    question: str
    asked_at: float
    attachments: tuple[Attachment, ...] = ()
    answers: tuple[Answer, ...] = ()
    current: Answer | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order.

    Attributes:
        directory: the project it was begun in; ``-c`` goes on with the last one of a project.
        updated_at: when it was last asked in; Unix time in seconds.
    """

    id: int
    title: str
    directory: str
    created_at: float
    updated_at: float = 0.0
    turns: tuple[Turn, ...] = ()

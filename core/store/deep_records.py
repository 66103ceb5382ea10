"""What the journal of deep runs is given, and what it gives back."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class NewDeepRun(NamedTuple):
    """A run that begins.

    Attributes:
        answer: of the store, which it writes.
        address: the URL it is sent to, without credentials.
        kinds: kinds of content that are sent (``turn``, ``source:file``, ``source:diff``, …), for asking only
            about what is new.
        pack: all that is sent, as JSON, so that a run can go on after a crash with the same bytes.
        state: as `core.deep.status.RunState`, or ``interrupted``.
    """

    answer: int
    preset: str
    effort: str
    provider: str
    model: str
    address: str
    host: str
    kinds: Sequence[str]
    pack: str
    state: str = "running"


class StageRecord(NamedTuple):
    """A stage as it is kept; a later one of the same id takes its place.

    Attributes:
        position: its place in the run, from 0.
        state: as `core.events.StageState`.
        request_sha256: of what was sent for it, in hex; a stage is only taken over for the same request.
        usage: token counts by name, as far as known.
    """

    id: str
    position: int
    kind: str
    title: str
    state: str
    text: str = ""
    thinking: str = ""
    note: str = ""
    request_sha256: str = ""
    elapsed_ms: float | None = None
    usage: Mapping[str, int] = MappingProxyType({})
    usd: float | None = None


class StoredDeepRun(NamedTuple):
    """A run read back.

    Attributes:
        question: its turn's.
        pack: as it was given, byte for byte; whoever shows a part of it cleans that.
        stages: in order.
        hints: what the person added on the way.
        created_at: when it began; a take-over moves it on by as long as nobody ran it.
        updated_at: when something was last heard of it.
    """

    id: int
    conversation: int
    turn: int
    answer: int
    question: str
    preset: str
    effort: str
    provider: str
    model: str
    address: str
    host: str
    pack: str
    state: str
    stages: tuple[StageRecord, ...]
    hints: tuple[str, ...]
    created_at: float
    updated_at: float

    @property
    def elapsed_s(self) -> float:
        """How long it has been going, as far as it is known; what lay between its leadlines is not in it."""
        return max(0.0, self.updated_at - self.created_at)

"""What a run is given: where it reads and writes, what it may spend, and how it is checked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.evidence_values import Evidence
from core.deep.money import Money
from core.deep.turns import Turns
from core.messages import Attachment, Message
from core.settings.model import DeepSettings
from core.store.conversations import Conversations
from core.store.deep_journal import DeepJournal, StoredDeepRun
from core.store.deep_ledger import DeepLedger

Check = Callable[[str, tuple[Attachment, ...]], Awaitable[Sequence[Evidence]]]
"""Looks at an answer without a model; with what was sent along."""
Compare = Callable[[str, str], str]
"""In a few words how an answer compares with the draft before it; empty when there is nothing to say."""


class Detour(NamedTuple):
    """How a run goes on that found no way to its place.

    Attributes:
        depth: where it is done instead, with the gate of that place; None leaves it where it is.
        wait: returns when there is a way again; at once looks again when the event is set.
    """

    depth: Depth | None = None
    gate: "Gate | None" = None
    wait: Callable[[asyncio.Event], Awaitable[None]] | None = None


FindDetour = Callable[[Prepared, bool], Awaitable[Detour]]
"""Asked when there is no way; with whether somebody sees the run, and can be asked."""


async def no_detour(prepared: Prepared, is_seen: bool) -> Detour:
    """The run fails, and the person decides."""
    return Detour()


async def check_nothing(text: str, sources: tuple[Attachment, ...]) -> Sequence[Evidence]:
    """Looks at nothing."""
    return ()


class Pace(NamedTuple):
    """How long a run waits by itself; one frozen value, so that a test can have shorter ones.

    Attributes:
        plan_s: a plan on the screen, until it goes on.
        save_s: text that came is on its way to the disk no later; of the half second that may be lost, the
            rest is for the way.
        commit_s: a busy store may hold back the first call for so long.
        beat_s: that the run goes on is kept no later, also when nothing comes.
    """

    plan_s: float = 3.0
    save_s: float = 0.4
    commit_s: float = 1.0
    beat_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Doors:
    """What every run of an engine is given.

    Attributes:
        clock: seconds that only grow.
        directory: where a conversation is begun.
        folders: where else conversations of the same project may have been begun.
        check: what an answer is held against, without a model.
        compare: of draft and answer, in this order.
        under_way: what calls of any run may cost that are not over yet; the day has to pay for them all.
    """

    settings: DeepSettings

    conversations: Conversations
    journal: DeepJournal
    ledger: DeepLedger
    money: Money
    clock: Callable[[], float]
    directory: str
    check: Check = check_nothing
    compare: Compare = lambda draft, answer: ""
    folders: tuple[str, ...] = ()
    detour: FindDetour = no_detour
    pace: Pace = Pace()  # noqa: RUF009  (frozen)
    under_way: dict[object, float] = field(default_factory=dict)


class Gate(NamedTuple):
    """One place's calls, bounded over all runs.

    Attributes:
        calls: as many as go out at a time.
        turns: of runs, one after another where the place serves one.
    """

    calls: asyncio.Semaphore
    turns: Turns


@dataclass(frozen=True, slots=True)
class Order:
    """One run, as it is wanted.

    Attributes:
        number: in this process' list.
        messages: all that is sent of the question, before any task.
        pack: the same as the journal keeps it.
        kinds: of content that is sent.
        waits_for_plan: somebody sees the plan, and may change it.
        left: what a run before has done of it.
    """

    number: int
    prepared: Prepared
    messages: tuple[Message, ...]
    pack: str = ""
    kinds: tuple[str, ...] = ()
    waits_for_plan: bool = True
    left: StoredDeepRun | None = None
    gate: Gate = field(default_factory=lambda: Gate(asyncio.Semaphore(5), Turns(1_000)))

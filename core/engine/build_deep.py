"""Everything that deep runs of an engine need, brought together; loaded with the first deep question."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core.cache.found import Wanted
from core.context.project import Project
from core.deep.doors import Doors
from core.deep.evidence_values import Evidence
from core.deep.money import Money
from core.engine.asked import Asked, Preparing
from core.engine.deepening import Deepening, WholeAnswer
from core.engine.depths import Depths
from core.engine.instructing import Instructing
from core.engine.models import Models
from core.engine.packing import Packing
from core.engine.recall import Recall
from core.lanes import Lanes
from core.messages import Attachment, Question
from core.providers.base import Provider
from core.settings.model import Settings
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.deep_journal import DeepJournal
from core.store.deep_ledger import DeepLedger


class House(NamedTuple):
    """What an engine has that deep runs use too.

    Attributes:
        wanted: a question as the answer cache knows it.
        project: at its root an answer's files are looked for, and conversations are begun.
        now: Unix seconds.
        clock: seconds that only grow.
        changed: told of a conversation in which another answer may be current.
    """

    settings: Settings
    environ: Mapping[str, str]
    provider: Provider
    models: Models
    lanes: Lanes
    preparing: Preparing
    conversations: Conversations
    database: Database
    instructing: Instructing
    recall: Recall
    wanted: Callable[[Asked], Wanted]
    project: Project
    now: Callable[[], float]
    clock: Callable[[], float]
    changed: Callable[[int], None]


def open_depth(house: House) -> Deepening:
    """The door to deep runs; nothing is read or connected to yet."""
    ledger, journal = DeepLedger(house.database), DeepJournal(house.database)
    settings = house.settings
    doors = Doors(
        settings.deep,
        house.conversations,
        journal,
        ledger,
        Money(settings.deep, settings.prices, ledger, house.now),
        house.clock,
        house.project.root,
        lambda text, sources: _check(house, text, sources),
        _compare,
        folders=house.project.places,
    )
    return Deepening(
        doors,
        Depths(settings, house.environ, house.provider, house.models, house.lanes),
        Packing(settings, house.conversations, journal, house.instructing),
        lambda whole: _keep_whole(house, whole),
        lambda turn: house.changed(house.conversations.turn(turn).conversation),
    )


async def _keep_whole(house: House, whole: WholeAnswer) -> None:
    """A whole deep answer may serve the same question when it is asked fast."""
    ready = house.models.in_use()
    if ready is None or any(item.is_struck for item in whole.prepared.pack.items):
        return
    asked = await house.preparing.gather(Question("", again=whole.turn), ready)
    house.recall.keep(house.wanted(asked)._replace(depth=whole.depth), whole.answer)


async def _check(house: House, text: str, sources: tuple[Attachment, ...]) -> Sequence[Evidence]:
    """What can be said of an answer without a model."""
    from core.deep.evidence import check  # at the end of a first run is soon enough

    return await check(text, Path(house.project.root), sources, environ=house.environ)


def _compare(draft: str, answer: str) -> str:
    """How an answer compares with its draft."""
    from core.deep.draft import differs

    return differs(draft, answer)

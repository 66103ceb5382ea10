"""Everything that deep runs of an engine need, brought together; loaded with the first deep question."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from core.deep.doors import Doors
from core.deep.money import Money
from core.engine.deepening import Deepening, WholeAnswer
from core.engine.depths import Depths
from core.engine.instructing import Instructing
from core.engine.models import Models
from core.engine.packing import Packing
from core.lanes import Lanes
from core.providers.base import Provider
from core.settings.model import Settings
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.deep_journal import DeepJournal
from core.store.deep_ledger import DeepLedger


class House(NamedTuple):
    """What an engine has that deep runs use too.

    Attributes:
        root: of the project, where an answer's files are looked for.
        directory: where a conversation is begun.
        now: Unix seconds.
        clock: seconds that only grow.
    """

    settings: Settings
    environ: Mapping[str, str]
    provider: Provider
    models: Models
    lanes: Lanes
    conversations: Conversations
    database: Database
    instructing: Instructing
    root: Path
    directory: str
    now: Callable[[], float]
    clock: Callable[[], float]


def open_depth(house: House, whole: Callable[[WholeAnswer], Awaitable[None]]) -> Deepening:
    """The door to deep runs; nothing is read or connected to yet.

    Args:
        whole: told of each whole answer.
    """
    ledger, journal = DeepLedger(house.database), DeepJournal(house.database)
    settings = house.settings
    doors = Doors(
        settings.deep,
        house.conversations,
        journal,
        ledger,
        Money(settings.deep, settings.prices, ledger, house.now),
        house.clock,
        house.directory,
    )
    return Deepening(
        doors,
        Depths(settings, house.environ, house.provider, house.models, house.lanes),
        Packing(settings, house.conversations, journal, house.instructing),
        whole,
    )

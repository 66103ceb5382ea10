"""Everything that speculation of an engine needs, brought together; loaded when the screen is up."""

from collections.abc import Callable

from core.cache.found import Wanted
from core.engine.ahead import MadeAhead
from core.engine.asked import Asked, Preparing
from core.engine.drafting import EngineDrafts
from core.engine.models import Models
from core.engine.recall import Recall
from core.lanes import Lanes
from core.providers.base import Provider
from core.settings.model import Settings
from core.speculation.modesty import Modesty
from core.speculation.power import read_power
from core.speculation.speculator import Speculator
from core.store.database import Database
from core.store.speculation import SpeculationStore


def open_speculation(
    settings: Settings,
    provider: Provider,
    models: Models,
    lanes: Lanes,
    preparing: Preparing,
    recall: Recall,
    database: Database,
    wanted: Callable[[Asked], Wanted],
    clock: Callable[[], float],
    now: Callable[[], float],
) -> MadeAhead:
    """What is done ahead; nothing is sent or read yet."""
    drafts = EngineDrafts(models, preparing, recall, wanted)
    store, modesty = SpeculationStore(database), Modesty(settings.speculation, clock, read_power)
    speculator = Speculator(provider, lanes, drafts, store, modesty, settings.speculation, clock, now)
    return MadeAhead(speculator, drafts)

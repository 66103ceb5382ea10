"""Everything that speculation of an engine needs, brought together; loaded when the screen is up."""

from collections.abc import Callable

from core.cache.found import Wanted
from core.engine.asked import Asked, Preparing
from core.engine.models import Models
from core.engine.recall import Recall
from core.lanes import Lanes
from core.providers.base import Provider
from core.settings.model import Settings
from core.speculation.speculator import Speculator
from core.store.conversations import Conversations
from core.store.database import Database


def open_speculation(
    settings: Settings,
    provider: Provider,
    models: Models,
    lanes: Lanes,
    preparing: Preparing,
    recall: Recall,
    conversations: Conversations,
    database: Database,
    wanted: Callable[[Asked], Wanted],
    clock: Callable[[], float],
    now: Callable[[], float],
) -> Speculator:
    """What is done ahead; nothing is sent or read yet."""
    raise NotImplementedError

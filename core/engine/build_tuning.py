"""Everything that measuring models needs of an engine; loaded when somebody wants to measure."""

from collections.abc import Callable

from core.lanes import Lanes
from core.providers.base import Provider
from core.providers.own_hosts import is_own
from core.settings.model import Settings
from core.store.database import Database
from core.store.tuned import TunedStore
from core.tuning.tuner import Tuner

WINDOW = 8192
"""Tokens of the window, where the settings name none: as the fast path begins."""


def open_tuner(
    settings: Settings, provider: Provider, database: Database, lanes: Lanes, clock: Callable[[], float]
) -> Tuner:
    """A tuner; nothing is sent yet."""
    return Tuner(
        provider,
        TunedStore(database),
        clock,
        lanes,
        settings.fast.num_ctx or WINDOW,
        is_own=is_own(provider.place(), settings.speculation.own_hosts),
    )

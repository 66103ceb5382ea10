"""How much would be done ahead here, told by who is no screen: the doctor, and the shell.

Nothing is asked over the network for it: settings, battery, and what the store last saw of the model.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from core.providers.whereabouts import Whereabouts
from core.settings.model import Settings
from core.speculation.modesty import Judgement, Modesty
from core.speculation.power import Power, read_power
from core.store.connection import connected_to_look
from core.store.model_facts import choice_in, fact_in, full_names


def standing(
    settings: Settings, provider: Whereabouts, database: Path, power: Callable[[], Power] = read_power
) -> Judgement:
    """What a screen that is looked at would do ahead now; it may take a moment to ask for the battery."""
    remote_host = _remote_host(settings.fast.model, provider.address, database)
    modesty = Modesty(settings.speculation, time.monotonic, power)
    place, keep_alive = provider.place(remote_host), settings.fast.keep_alive
    return modesty.judge(place=place, remote_host=remote_host, keep_alive=keep_alive)


def _remote_host(wanted: str, address: str, database: Path) -> str:
    """Where the model in use really runs; empty for one that runs at the address, or is not known."""
    model = "" if wanted == "auto" else wanted
    is_still = not database.with_name(f"{database.name}-wal").exists()
    connection = connected_to_look(str(database), is_still=is_still)
    if connection is not None:
        with closing(connection), suppress(sqlite3.Error):  # somebody has begun to write just now
            if not model and (choice := choice_in(connection, address)) is not None:
                model = choice.model
            for name in full_names(model):
                if (fact := fact_in(connection, address, name)) is not None:
                    return fact.remote_host
    if not model:
        return ""
    from core.providers.base import ModelInfo  # of a model that was never seen only its name is known
    from core.providers.choice import cloud_host

    return cloud_host(ModelInfo(model))

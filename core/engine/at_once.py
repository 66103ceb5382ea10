"""A stored answer for a command that ends at once: found before anything slow is imported.

No event loop, no HTTP, no provider: what the engine would find is found by the same look-up, on a connection
that cannot write. Whatever is not plain (no model chosen yet, a database to be brought up to date) is left to
the engine.
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from core.cache.lookup import look_up
from core.engine.ready import Ready, ready_from
from core.engine.wanted import wanted_for
from core.messages import Question
from core.settings.model import Settings
from core.store.connection import connected_to_look
from core.store.model_facts import choice_in, fact_in

if TYPE_CHECKING:
    from core.cache.found import Found

DEFAULT_ADDRESS = "http://127.0.0.1:11434"
DEMO_ADDRESS = "built in"


def stored_answer(
    question: Question,
    settings: Settings,
    database: str,
    root: str,
    environ: Mapping[str, str],
    *,
    is_demo: bool,
    now: float,
) -> "Found | None":
    """The stored answer that would be served for a new conversation's first question; None without one.

    Args:
        database: the file; it need not be there.
        root: of the project, where its instructions are.
        now: Unix time in seconds.
    """
    cache = settings.cache
    is_plain = question.conversation is None and question.again is None and question.use_cache
    if not (is_plain and cache.enabled and cache.ask):
        return None
    connection = connected_to_look(database)
    if connection is None:
        return None
    address = DEMO_ADDRESS if is_demo else _address(settings.fast.base_url, environ)
    with closing(connection):
        try:
            ready = _ready(connection, question, settings, address, is_demo=is_demo)
            if ready is None:
                return None
            wanted = wanted_for(
                question.text,
                question.attachments,
                (),
                settings.fast.system if question.system is None else question.system,
                _instructions(root, settings.context.instructions),
                address,
                ready,
                is_first_turn=True,
                conversation=None,
                semantic=cache.semantic,
            )
            found = look_up(connection, wanted, now)
        except sqlite3.Error:
            return None  # the engine says what is wrong with it
    return found if found is not None and found.is_served else None


def _ready(
    connection: sqlite3.Connection, question: Question, settings: Settings, address: str, *, is_demo: bool
) -> Ready | None:
    """The model that would answer, if the store knows it."""
    fast = settings.fast
    name = question.model or ("" if is_demo or fast.model == "auto" else fast.model)
    if not name:
        choice = choice_in(connection, address)
        name = choice.model if choice else ""
    for full in (name, f"{name}:latest") if name else ():
        fact = fact_in(connection, address, full)
        if fact is not None and (ready := ready_from(fact, 0 if is_demo else fast.num_ctx)):
            return ready
    return None


def _instructions(root: str, name: str) -> str:
    """The sha256 of what the project tells the model; empty when that is nothing."""
    if not name or not os.path.lexists(os.path.join(root, name)):
        return ""
    from core.context.instructions import sha256_of

    return sha256_of(root, name)


def _address(base_url: str, environ: Mapping[str, str]) -> str:
    """The provider's address as its facts are kept under; who set none need not wait for its reader."""
    if not base_url and not environ.get("OLLAMA_HOST"):
        return DEFAULT_ADDRESS
    from core.providers.address import find_address

    return find_address(base_url, environ).url

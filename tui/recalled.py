"""A stored answer on stdout, before anything slow is imported; the turn is written down behind it."""

import os
import time
from typing import TYPE_CHECKING

from core.context.project import directory_of, find_project
from core.engine.at_once import stored_answer
from core.errors import HouseError
from core.events import Noted, TurnStarted
from core.messages import Question
from core.settings.model import Settings
from tui.printing import Printer

if TYPE_CHECKING:
    from core.cache.found import Found
    from core.store.entries import Started


def answer_at_once(
    question: Question, settings: Settings, database: str, printer: Printer, *, is_demo: bool
) -> bool:
    """Print the stored answer to a question and keep the turn; False when there is none to serve."""
    begun = time.perf_counter()
    now = time.time()
    root = find_project(directory_of(os.environ)).root
    found = stored_answer(question, settings, database, root, os.environ, is_demo=is_demo, now=now)
    if found is None:
        return False
    from core.engine.stored import finished, told

    for event in told(found, now):
        printer.take(event)
    took_ms = (time.perf_counter() - begun) * 1000
    printer.take(finished(_kept(question, found, database, root, took_ms, printer), took_ms))
    return True


def _kept(
    question: Question, found: "Found", database: str, root: str, took_ms: float, printer: Printer
) -> "Started | None":
    """Keep the turn, and say so; a database that refuses is told, and undoes no answer."""
    try:
        started = _keep(question, found, database, root, took_ms)
    except HouseError as error:
        printer.take(Noted(f"not saved: {error.message}. {error.remedy}"))
        return None
    printer.take(TurnStarted(started.conversation, started.turn, started.answer))
    return started


def _keep(question: Question, found: "Found", database: str, root: str, took_ms: float) -> "Started":
    """Write the turn down, as the engine would.

    Raises:
        HouseError: The database refuses.
    """
    from pathlib import Path

    from core.cache.entries import Entries
    from core.engine.stored import as_answer, as_ending, route_of
    from core.store.conversations import Conversations
    from core.store.database import Database

    store = Database.open(Path(database), time.time)
    try:
        Entries(store).mark_served(found)
        return (
            Conversations(store)
            .ask(
                question.text,
                question.attachments,
                None,
                root,
                as_answer(found, route_of(found)),
                as_ending(found, took_ms),
            )
            .result()
        )
    finally:
        store.close()

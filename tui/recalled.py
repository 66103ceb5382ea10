"""A stored answer on stdout, before anything slow is imported; the turn is written down behind it."""

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from core.cache.exact import text_of
from core.context.bounds import LARGEST_BYTES
from core.context.project import directory_of, find_project
from core.engine.at_once import Plain, address_of, exact_answer
from core.sanitise import clean
from core.settings.places import find_places
from core.settings.quick import is_all_default

if TYPE_CHECKING:
    from core.cache.found import Found
    from core.messages import Question
    from core.settings.model import Settings
    from core.store.entries import Started
    from tui.printing import Printer


class _Scene(NamedTuple):
    """Where and when it is asked."""

    database: str
    root: str
    now: float
    begun: float


def recalled(arguments: argparse.Namespace) -> int | None:
    """Answer a question that was asked before in these very words; None when it is not so plain.

    Only of a question with nothing beside it, where nothing is set: everything else is for `answer_at_once`.
    What was read of stdin meanwhile is left in ``arguments.stdin``.
    """
    asked = " ".join(arguments.question)
    is_plain = bool(asked.strip()) and "@" not in asked and not (
        arguments.file or arguments.goes_on or arguments.json or arguments.extract or arguments.no_cache
    )  # fmt: skip
    if not is_plain:
        return None
    places = find_places(os.environ, arguments.demo)
    if not is_all_default(places, os.environ):
        return None
    if not sys.stdin.isatty():
        try:
            arguments.stdin = sys.stdin.buffer.read(LARGEST_BYTES + 1)  # one more shows that it is too much
        except OSError:
            return None  # said by who reads it next
        if arguments.stdin.strip():
            return None
    scene = _scene(places.database)
    plain = Plain(
        clean(asked.strip()),
        model=arguments.model or "",
        system=arguments.system or "",
        address=address_of("", "", os.environ, is_demo=arguments.demo),
    )
    row = exact_answer(plain, scene.database, scene.root, scene.now)
    shown = "" if row is None else text_of(row)
    if row is None or not shown.strip():
        return None
    is_shown = False
    try:
        _put(shown if shown.endswith("\n") else f"{shown}\n")
        is_shown = True
    finally:  # a reader who went away, or a disk that is full, has asked all the same
        _finish(plain, row, scene, is_shown)
    return 0


def answer_at_once(
    question: "Question", settings: "Settings", database: str, printer: "Printer", *, is_demo: bool
) -> bool:
    """Print the stored answer to a question and keep the turn; False when there is none to serve."""
    from contextlib import suppress

    from core.engine.at_once import stored_answer
    from core.engine.stored import finished, told
    from core.errors import HouseError
    from core.events import Noted, TurnStarted

    fast = settings.fast
    if not (question.use_cache and settings.cache.enabled and settings.cache.ask):
        return False
    scene = _scene(database)
    plain = Plain(
        question.text,
        [(attachment.name, attachment.sha256) for attachment in question.attachments],
        question.model or ("" if is_demo or fast.model == "auto" else fast.model),
        0 if is_demo else fast.num_ctx,
        fast.system if question.system is None else question.system,
        settings.context.instructions,
        address_of(fast.provider, fast.base_url, os.environ, is_demo=is_demo),
        settings.cache.semantic,
    )
    found = stored_answer(plain, scene.database, scene.root, scene.now)
    if found is None:
        return False
    try:
        for event in told(found, scene.now):
            printer.take(event)
    except (OSError, HouseError):  # a reader who went away, or a disk that is full, has asked all the same
        with suppress(HouseError):
            _keep(question, found, scene, (time.perf_counter() - scene.begun) * 1000)
        raise
    took_ms = (time.perf_counter() - scene.begun) * 1000
    started: Started | None = None
    try:
        started = _keep(question, found, scene, took_ms)
        printer.take(TurnStarted(started.conversation, started.turn, started.answer))
    except HouseError as error:
        printer.take(Noted(f"not saved: {error.message}. {error.remedy}"))
    printer.take(finished(started, took_ms))
    return True


def _scene(database: str) -> _Scene:
    root = find_project(directory_of(os.environ)).root
    return _Scene(database, root, time.time(), time.perf_counter())


def _put(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        from tui.printing import put

        put("")  # fails as well, in words


def _finish(plain: Plain, row: tuple[object, ...], scene: _Scene, is_shown: bool) -> None:
    """Say where the answer came from, and write the turn down: the person has their answer already."""
    from core.cache.found import Hit
    from core.cache.lookup import found_in
    from core.engine.stored import source_of
    from core.errors import HouseError
    from core.messages import Question, Route
    from tui.labels import stored_label
    from tui.printing import say

    took_ms = (time.perf_counter() - scene.begun) * 1000
    found = found_in(row, Hit.EXACT)
    assert found is not None, "its text was printed"
    source = source_of(found, scene.now)
    if is_shown:
        say(stored_label(Route.EXACT_HIT, found.model, source))
    try:
        _keep(Question(plain.text), found, scene, took_ms)
    except HouseError as error:
        say(f"not saved: {error.message}. {error.remedy}")


def _keep(question: "Question", found: "Found", scene: _Scene, took_ms: float) -> "Started":
    """Write the turn down, as the engine would.

    Raises:
        HouseError: The database refuses.
    """
    from pathlib import Path

    from core.cache.entries import Entries
    from core.engine.stored import as_answer, as_ending, route_of
    from core.messages import Door
    from core.store.conversations import Conversations
    from core.store.database import Database

    store = Database.open(Path(scene.database), time.time)
    try:
        Entries(store).mark_served(found)
        answer, ending = as_answer(found, route_of(found), Door.ASK), as_ending(found, took_ms)
        return (
            Conversations(store)
            .ask(question.text, question.attachments, None, scene.root, answer, ending)
            .result()
        )
    finally:
        store.close()

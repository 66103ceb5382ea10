"""A stored answer for a command that ends at once: found before anything slow is imported.

No event loop, no HTTP, no provider, and for the same question not even a dataclass: what the engine would
find is found by the same keys and the same look-up, on a connection that cannot write. Whatever is not plain
(no model chosen yet, a database to be brought up to date) is left to the engine.
"""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from core.cache.exact import Row, exact_row
from core.cache.scope import Keys, exact_key, keys_of
from core.context.system import BUILT_IN_SYSTEM, PROMPT_FORM
from core.store.connection import connected_to_look
from core.store.model_facts import ModelFact, choice_in, fact_in, full_names, think_in

if TYPE_CHECKING:
    from core.cache.found import Found

DEFAULT_ADDRESS = "http://127.0.0.1:11434"
DEMO_ADDRESS = "built in"


class Plain(NamedTuple):
    """A new conversation's first question, and what shapes its answer, as it was set.

    Attributes:
        attachments: name and sha256 of each, in the order they are sent.
        model: empty when none was named: then the one that was chosen at the address.
        num_ctx: tokens of the window that was asked for; 0 when none was.
        system: empty for the built-in one.
        instructions: the name of the project's own file; empty for none.
        address: of the provider, as its facts are kept under.
    """

    text: str
    attachments: Sequence[tuple[str, str]] = ()
    model: str = ""
    num_ctx: int = 0
    system: str = ""
    instructions: str = ".leadline.md"
    address: str = DEFAULT_ADDRESS
    semantic: bool = True


def exact_answer(plain: Plain, database: str, root: str, now: float) -> Row | None:
    """The stored answer to this very question; None without one.

    Args:
        database: the file; it need not be there.
        root: of the project.
        now: Unix time in seconds.
    """
    connection = connected_to_look(database)
    if connection is None:
        return None
    with closing(connection):
        try:
            keys = _keys(connection, plain, root)
            return None if keys is None else exact_row(connection, exact_key(*keys, plain.text), 0, now)
        except sqlite3.Error:
            return None  # the engine says what is wrong with it


def stored_answer(plain: Plain, database: str, root: str, now: float) -> "Found | None":
    """The stored answer that would be served, to this very question or to another wording of it."""
    connection = connected_to_look(database)
    if connection is None:
        return None
    from core.cache.found import Wanted
    from core.cache.lookup import look_up

    with closing(connection):
        try:
            keys = _keys(connection, plain, root)
            if keys is None:
                return None
            wanted = Wanted(
                plain.text, *keys, has_attachments=bool(plain.attachments), semantic=plain.semantic
            )
            found = look_up(connection, wanted, now)
        except sqlite3.Error:
            return None
    return found if found is not None and found.is_served else None


def address_of(provider: str, base_url: str, environ: Mapping[str, str], *, is_demo: bool) -> str:
    """The provider's address; who set none need not wait for its reader."""
    if is_demo:
        return DEMO_ADDRESS
    if not base_url and not environ.get("OLLAMA_HOST"):
        return DEFAULT_ADDRESS
    from core.providers.address import find_address, parse_address

    if provider == "openai":
        return parse_address(base_url, "fast.base_url").url
    return find_address(base_url, environ).url


def _keys(connection: sqlite3.Connection, plain: Plain, root: str) -> Keys | None:
    """Scope and model key; None when the store does not know which model would answer."""
    fact = _fact(connection, plain)
    if fact is None or not (window := fact.window(plain.num_ctx)):
        return None
    return keys_of(
        form=PROMPT_FORM,
        system=plain.system or BUILT_IN_SYSTEM,
        instructions=_sha256_of_instructions(root, plain.instructions),
        context="",
        attachments=plain.attachments,
        num_ctx=window,
        think=think_in(fact.think),
        address=plain.address,
        model=fact.model,
        digest=fact.digest,
    )


def _fact(connection: sqlite3.Connection, plain: Plain) -> ModelFact | None:
    name = plain.model
    if not name:
        choice = choice_in(connection, plain.address)
        name = choice.model if choice else ""
    found = (fact_in(connection, plain.address, full) for full in full_names(name))
    return next((fact for fact in found if fact is not None and fact.window(plain.num_ctx)), None)


def _sha256_of_instructions(root: str, name: str) -> str:
    """Of what the project tells the model; empty when that is nothing."""
    if not name or not os.path.lexists(os.path.join(root, name)):
        return ""
    from core.context.instructions import sha256_of

    return sha256_of(root, name)

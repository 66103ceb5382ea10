"""What a model was last seen to be, and which one was chosen, read from a connection at hand.

The values are tuples: a stored answer in the shell reads them before anything else is imported.
"""

import sqlite3
from typing import Literal, NamedTuple

from core.store import cells
from core.store.text import storable

LEAST_WINDOW = 512
"""No window that anyone uses is smaller; what says so is not believed."""


class ModelFact(NamedTuple):
    """What one model at one address was last seen to be.

    Attributes:
        num_ctx: tokens of the window it is used with; 0 when not known.
        largest: tokens of the largest window it can have; 0 when not known.
        load_ms: how long loading it took the last time; None when that was never seen.
        think: what is asked of its reasoning on the fast path, in the provider's words.
        remote_host: where a cloud model really runs; empty for one that runs at the address itself.
        bytes_per_token: of UTF-8 text, as the server's own counts have it; None before the first count.
    """

    address: str
    model: str
    digest: str
    num_ctx: int
    largest: int
    load_ms: float | None
    think: str
    remote_host: str = ""
    bytes_per_token: float | None = None

    def window(self, window_set: int) -> int:
        """Tokens of the window a request asks for; 0 when that is not known.

        Args:
            window_set: tokens that the person asked for; 0 when they did not.
        """
        window = window_set or self.num_ctx
        return min(window, self.largest) if self.largest else window


def think_in(word: str) -> Literal[False, "low"]:
    """What is asked of a model's reasoning, as it is kept; what nobody knows is asked of none."""
    return "low" if word == "low" else False


def full_names(name: str) -> tuple[str, ...]:
    """The names a model may be kept under: as it was said, then with the tag that stands for none."""
    return (name, f"{name}:latest") if name else ()


class Choice(NamedTuple):
    """The model that was chosen at an address, once, and why.

    Attributes:
        chosen_at: Unix time in seconds.
    """

    address: str
    model: str
    reason: str
    chosen_at: float


def fact_in(connection: sqlite3.Connection, address: str, model: str) -> ModelFact | None:
    """What is known about a model; None when nothing is."""
    row = connection.execute(
        "SELECT address, model, digest, num_ctx, largest, load_ms, think, remote_host, bytes_per_token"
        " FROM model_fact WHERE address = ? AND model = ?",
        (storable(address), storable(model)),
    ).fetchone()
    return None if row is None else _fact_of(row)


def choice_in(connection: sqlite3.Connection, address: str) -> Choice | None:
    """The model chosen at an address; None when none was."""
    row = connection.execute(
        "SELECT address, model, reason, chosen_at FROM choice WHERE address = ?", (storable(address),)
    ).fetchone()
    return None if row is None else _choice_of(row)


def _fact_of(row: sqlite3.Row) -> ModelFact:
    """A fact as it can be believed."""
    return ModelFact(
        address=cells.line(row["address"]),
        model=cells.line(row["model"]),
        digest=cells.line(row["digest"]),
        num_ctx=_window(row["num_ctx"]),
        largest=_window(row["largest"]),
        load_ms=cells.number(row["load_ms"]),
        think=cells.line(row["think"]),
        remote_host=cells.line(row["remote_host"]),
        bytes_per_token=cells.number(row["bytes_per_token"]),
    )


def _choice_of(row: sqlite3.Row) -> Choice | None:
    """A choice; one that names no model is none."""
    if not (model := cells.line(row["model"])):
        return None
    return Choice(
        cells.line(row["address"]), model, cells.line(row["reason"]), cells.moment(row["chosen_at"])
    )


def _window(value: object) -> int:
    tokens = cells.count(value) or 0
    return tokens if tokens >= LEAST_WINDOW else 0

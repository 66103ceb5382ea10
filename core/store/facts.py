"""What is known about models at an address, and which one was chosen there."""

import sqlite3
from concurrent.futures import Future

from core.store.database import Database
from core.store.model_facts import Choice, ModelFact, choice_in, fact_in
from core.store.text import storable

__all__ = ["Choice", "Facts", "ModelFact"]


class Facts:
    """Facts and choices in a database; reads are inline, writes are futures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def fact(self, address: str, model: str) -> ModelFact | None:
        """What is known about a model; None when nothing is."""
        return self._database.read(lambda connection: fact_in(connection, address, model))

    def remember(self, fact: ModelFact) -> Future[None]:
        """Keep a fact, in place of what was known before."""
        values = (
            storable(fact.address),
            storable(fact.model),
            storable(fact.digest),
            fact.num_ctx,
            fact.largest,
            fact.load_ms,
            storable(fact.think),
            storable(fact.remote_host),
            fact.bytes_per_token,
            self._database.clock(),
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO model_fact"
                " (address, model, digest, num_ctx, largest, load_ms, think, remote_host, bytes_per_token,"
                " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

        return self._database.submit(work)

    def choice(self, address: str) -> Choice | None:
        """The model chosen at an address; None when none was."""
        return self._database.read(lambda connection: choice_in(connection, address))

    def pin(self, choice: Choice) -> Future[None]:
        """Keep a choice, in place of the one before."""
        values = (
            storable(choice.address),
            storable(choice.model),
            storable(choice.reason),
            choice.chosen_at,
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO choice (address, model, reason, chosen_at) VALUES (?, ?, ?, ?)",
                values,
            )

        return self._database.submit(work)

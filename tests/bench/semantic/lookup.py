"""What the bench asks: the product's own answer cache, on a database in memory, without any model.

Every question has the same harmless answer, so that nothing is kept back because of what an answer would do.
"""

from dataclasses import dataclass

from core.cache import vectors
from core.cache.candidate import NewEntry
from core.cache.decide import Outcome
from core.cache.entries import Entries
from core.cache.found import Found, Hit, Wanted
from core.cache.scope import model_key, scope_of
from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.bench.semantic.embed import Embeddings

_NOW = 1_700_000_000.0
_SCOPE = scope_of("bench", "", "", (), {})
_MODEL = model_key("bench", "bench", "sha256:bench")
_DIGEST = "bench"
_OUTCOMES = {Hit.EXACT: Outcome.SURE, Hit.SURE: Outcome.SURE, Hit.MAYBE: Outcome.MAYBE}


@dataclass(frozen=True, slots=True)
class Told:
    """The stored question whose answer would be used, and how sure that is."""

    question: str
    outcome: Outcome


class Shelf:
    """An answer cache of its own; `close` it."""

    def __init__(self, embeddings: Embeddings | None = None) -> None:
        self._embeddings = embeddings
        self._database = Database.open(None, lambda: _NOW)
        self._entries = Entries(self._database)
        self._index: vectors.VectorIndex | None = None
        conversations = Conversations(self._database)
        new = NewAnswer(Route.FAST, "bench", "bench", "local")
        self._answer = conversations.ask("any", (), None, "/", new).result().answer
        ending = Ending(AnswerState.COMPLETE, "Like this.", reason="stop", total_ms=1.0)
        conversations.end(self._answer, ending, make_current=True).result()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def empty(self) -> None:
        """Forget every question."""
        self._entries.clear().result()
        self._index = None

    def put(self, question: str) -> None:
        """Store a question as answered; some never are, as in the product."""
        kept = self._entries.keep(NewEntry(self._answer, question, _SCOPE, _MODEL)).result()
        if self._embeddings is not None and kept.entry is not None:
            pairs = [(kept.entry, self._embeddings.vector(question))]
            rows = vectors.packed(_DIGEST, pairs)
            self._database.submit(lambda connection: vectors.store(connection, rows)).result()

    def ask(self, question: str) -> Told | None:
        """What the product would do with the question."""
        wanted = Wanted(question, _SCOPE, _MODEL)
        found = self._entries.look_up(wanted)
        if found is None and self._embeddings is not None:
            found = self._alike(wanted, self._embeddings.vector(question))
        return None if found is None else Told(found.question, _OUTCOMES[found.outcome])

    def _alike(self, wanted: Wanted, vector: list[float]) -> Found | None:
        """What an embedding adds, as `core.engine.embedding` looks it up."""
        if self._index is None:
            self._index = vectors.VectorIndex(_DIGEST, len(vector))
        while self._database.read(self._index.take_in):
            pass
        if not (near := self._index.nearest(vector)):
            return None
        cosines = self._database.read(lambda c: vectors.cosines_of(c, near, vector, _DIGEST))
        return self._database.read(lambda c: vectors.maybe_by_cosine(c, wanted, cosines, _NOW))

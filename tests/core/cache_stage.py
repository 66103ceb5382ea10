"""A store with answers in it, for the tests of the answer cache."""

from collections.abc import Sequence
from pathlib import Path

from core.cache.candidate import NewEntry
from core.cache.entries import Entries, Kept
from core.cache.found import Found, Wanted
from core.cache.scope import model_key, scope_of
from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer, Started
from core.store.database import Database

MODEL = model_key("ollama", "qwen3:4b", "sha256:abc")
OTHER_MODEL = model_key("ollama", "llama3.2:3b", "sha256:def")
SCOPE = scope_of("system", "", "", (), {})
DAY_S = 86_400.0


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """A database whose answers can be stored, looked up and objected to in one line each."""

    def __init__(self, path: Path | None = None) -> None:
        self.clock = Clock()
        self.database = Database.open(path, self.clock)
        self.conversations = Conversations(self.database)
        self.entries = Entries(self.database)

    def answer(
        self,
        question: str,
        text: str = "Like this.",
        state: AnswerState = AnswerState.COMPLETE,
        conversation: int | None = None,
        seconds: float = 4.0,
    ) -> Started:
        """A question with an answer that has ended."""
        new = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
        started = self.conversations.ask(question, (), conversation, "/work", new).result()
        ending = Ending(state, text, reason="stop", total_ms=seconds * 1000)
        self.conversations.end(started.answer, ending, make_current=True).result()
        return started

    def keep(
        self,
        question: str,
        text: str = "Like this.",
        scope: bytes = SCOPE,
        model: bytes = MODEL,
        depth: int = 0,
        has_attachments: bool = False,
        is_first_turn: bool = True,
        started: Started | None = None,
    ) -> Kept:
        """An answer that may serve again."""
        started = started or self.answer(question, text)
        new = NewEntry(started.answer, question, scope, model, depth, is_first_turn, has_attachments)
        return self.entries.keep(new).result()

    def look_up(
        self,
        question: str,
        scope: bytes = SCOPE,
        model: bytes = MODEL,
        depth: int = 0,
        conversation: int | None = None,
        is_first_turn: bool = True,
        has_attachments: bool = False,
        semantic: bool = True,
    ) -> Found | None:
        """What the cache has to say."""
        return self.entries.look_up(
            Wanted(question, scope, model, depth, conversation, is_first_turn, has_attachments, semantic)
        )

    def found(self, question: str) -> Found:
        """The same where something must be found."""
        found = self.look_up(question)
        assert found is not None
        return found

    def count(self, table: str) -> int:
        """Rows of a table."""
        number: int = self.database.read(
            lambda connection: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        )
        return number

    def run(self, sql: str, values: Sequence[object] = ()) -> None:
        """Change the database behind everyone's back."""
        self.database.submit(lambda connection: connection.execute(sql, values) and None).result()

"""Searching 100,000 turns: ``python -m tests.bench.history [--turns N]``."""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.messages import AnswerState, Route
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.entries import Ending, NewAnswer, insert_answer
from core.store.search import add_answer, add_question

_NOUNS = [
    "commit",
    "branch",
    "file",
    "directory",
    "docker",
    "container",
    "python",
    "list",
    "string",
    "json",
    "regex",
    "port",
    "process",
    "memory",
    "index",
    "table",
    "query",
    "async",
    "thread",
    "lock",
    "cache",
    "token",
    "socket",
    "server",
    "client",
    "test",
    "build",
    "deploy",
    "cluster",
    "pod",
    "volume",
    "network",
    "certificate",
    "key",
    "user",
    "group",
    "permission",
    "log",
    "error",
    "exception",
    "stack",
    "trace",
    "module",
    "package",
    "import",
]
_VERBS = [
    "undo",
    "list",
    "find",
    "sort",
    "merge",
    "delete",
    "create",
    "show",
    "rename",
    "copy",
    "move",
    "restart",
    "connect",
    "parse",
    "compare",
]
_FILLERS = [
    "how",
    "do",
    "I",
    "the",
    "a",
    "in",
    "with",
    "from",
    "to",
    "when",
    "why",
    "does",
    "not",
    "using",
    "without",
    "after",
    "before",
    "all",
    "one",
    "every",
]


def build(database: Database, turns: int, seed: int = 7) -> None:
    """Fill a database with made-up turns, twenty a conversation, words as unequal as in real texts."""
    draw = random.Random(seed)
    rare = [f"{draw.choice(_NOUNS)}{number}" for number in range(20_000)]

    def words(count: int) -> str:
        return " ".join(
            draw.choice(_FILLERS)
            if (dice := draw.random()) < 0.5
            else draw.choice(_NOUNS)
            if dice < 0.8
            else draw.choice(_VERBS)
            if dice < 0.95
            else draw.choice(rare)
            for _ in range(count)
        )

    conversations = Conversations(database)
    fast = NewAnswer(Route.FAST, "m", "ollama", "local")
    started = conversations.ask("how do I undo the last commit", (), None, "/x", fast).result()
    conversations.end(started.answer, Ending(AnswerState.COMPLETE, "git reset"), make_current=True).result()

    def fill(connection):  # type: ignore[no-untyped-def]  # a job of the writer's
        for number in range(2, turns + 1):
            home = 2 + number // 20
            now = 1_700_000_000.0 + number * 60
            if number % 20 == 0 or number == 2:
                connection.execute(
                    "INSERT OR IGNORE INTO conversation (id, title, directory, created_at, updated_at)"
                    " VALUES (?, 't', '/x', ?, ?)",
                    (home, now, now),
                )
            question, answer = words(10), words(60)
            connection.execute(
                "INSERT INTO turn (id, conversation_id, position, question, asked_at) VALUES (?, ?, ?, ?, ?)",
                (number, home, number, question, now),
            )
            add_question(connection, number, question)
            made = insert_answer(connection, number, fast, "o", now)
            connection.execute("UPDATE answer SET state = 'complete', text = ? WHERE id = ?", (answer, made))
            add_answer(connection, made, answer)

    database.submit(fill).result()


def quantiles(look: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median and p95 of a call, in milliseconds."""
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        look()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.95)]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.history", description=__doc__)
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "leadline.db", lambda: 1_710_000_000.0)
        build(database, given.turns)
        conversations = Conversations(database)
        print(f"{given.turns:,} turns           p50 ms   p95 ms   found")
        for name, query in (
            ("rare word", "commit7"),
            ("common word", "commit"),
            ("commonest", "how"),
            ("two words", "docker restart"),
            ("three common", "how do the"),
            ("a beginning", "com"),
            ("one letter", "d"),
            ("phrase", '"list the file"'),
            ("nothing", "zzzz"),
        ):
            p50, p95 = quantiles(lambda: conversations.search(query, 20), given.runs)  # noqa: B023
            print(f"{name:<20} {p50:>8.1f} {p95:>8.1f} {len(conversations.search(query, 20)):>7}")
        database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

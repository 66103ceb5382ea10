"""Looking up 100,000 stored answers: ``python -m tests.bench.cache``; `--database FILE` keeps what it made.

The questions are put together from what developers ask about, so that thousands share their words. Asked
are questions that are stored as they stand, in another order, with one word changed, and not at all.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path

from core.cache.candidate import NewEntry
from core.cache.entries import Entries
from core.cache.found import Wanted
from core.cache.keeping import keep
from core.cache.scope import model_key, scope_of
from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.entries import insert
from tests.bench.figures import Company, Figure, median, p95, table

ENTRIES = 100_000
ASKED = 1500
OPENED = 60
BATCH = 2000
SCOPE = scope_of("system", "", "", (), {})
MODEL = model_key("ollama", "qwen3:4b", "sha256:abc")
VERBS = (
    "list show count sort filter rename copy compare merge parse validate encode decode compress extract"
    " print convert download upload cache profile trace mock refactor format align split join reverse shuffle"
)
OBJECTS = (
    "commits branches files directories lines rows columns tables indexes users permissions processes threads"
    " sockets packets headers cookies sessions tokens images containers volumes pods services logs metrics"
    " strings lists dictionaries sets tuples dates durations numbers matrices vectors tensors queues stacks"
)
TOOLS = (
    "git bash python javascript typescript rust go java ruby php perl awk sed docker kubernetes terraform"
    " ansible postgres mysql sqlite redis nginx apache vim emacs tmux pandas numpy django flask react vue"
)
QUALIFIERS = (
    "by size|by date|without duplicates|in reverse|larger than 10 MB|older than 7 days|recursively"
    "|with a progress bar|in parallel|as json|as csv|with a timeout|from standard input|on windows|on macos"
    "|that match a pattern|that are empty|ignoring case|with line numbers|into one file"
)
ANSWER = (
    "Use this:\n\n```sh\ntool {0} --option value\n```\n\n" + "It reads what is there and prints it. " * 16
)


def questions(count: int, chance: random.Random) -> Iterator[str]:
    """So many different questions, in no order."""
    every = list(product(VERBS.split(), OBJECTS.split(), TOOLS.split(), QUALIFIERS.split("|")))
    for verb, thing, tool, qualifier in chance.sample(every, count):
        yield f"how do I {verb} {thing} {qualifier} in {tool}?"


def fill(database: Database, asked: list[str]) -> None:
    """Store an answer to each question as the product does, many in one transaction."""
    conversations, new = Conversations(database), NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local")
    started = conversations.ask("what else?", (), None, "/work", new).result()
    conversations.end(started.answer, Ending(AnswerState.COMPLETE, "x"), make_current=True).result()
    for first in range(0, len(asked), BATCH):
        batch = asked[first : first + BATCH]
        database.submit(partial(_store_all, batch=batch)).result()
    database.submit(lambda connection: connection.execute("PRAGMA optimize") and None).result()


def _store_all(connection: sqlite3.Connection, batch: list[str]) -> None:
    now = time.time()
    for question in batch:
        home = insert(
            connection,
            "INSERT INTO conversation (title, directory, created_at, updated_at) VALUES (?, '/work', ?, ?)",
            (question, now, now),
        )
        turn = insert(
            connection,
            "INSERT INTO turn (conversation_id, position, question, asked_at) VALUES (?, 1, ?, ?)",
            (home, question, now),
        )
        answer = insert(
            connection,
            "INSERT INTO answer (turn_id, route, model, provider, place, state, text, started_at, updated_at,"
            " total_ms, owner)"
            " VALUES (?, 'fast', 'qwen3:4b', 'ollama', 'local', 'complete', ?, ?, ?, 4000, '')",
            (turn, ANSWER.format(question), now, now),
        )
        keep(connection, NewEntry(answer, question, SCOPE, MODEL), now)


def reworded(question: str) -> str:
    """The same question in another order."""
    words = question.removeprefix("how do I ").removesuffix("?")
    rest, _, tool = words.rpartition(" in ")
    return f"in {tool}, {rest}"


def changed(question: str, chance: random.Random) -> str:
    """Another question with nearly the same words."""
    words = question.removesuffix("?").split()
    words[-1] = chance.choice([tool for tool in TOOLS.split() if tool != words[-1]])
    return " ".join(words) + "?"


def unknown(chance: random.Random) -> str:
    """A question nobody asked, of words that everybody used."""
    verb, thing = chance.choice(VERBS.split()), chance.choice(OBJECTS.split())
    tool, qualifier = chance.choice(TOOLS.split()), chance.choice(QUALIFIERS.split("|"))
    return f"why does {tool} {verb} its {thing} twice {qualifier}?"


def measure(database: Database, asked: list[str], chance: random.Random) -> list[Figure]:
    """Every kind of look-up, timed one by one."""
    entries = Entries(database)
    kinds: dict[str, Callable[[], str]] = {
        "exact": lambda: chance.choice(asked),
        "reworded": lambda: reworded(chance.choice(asked)),
        "one word changed": lambda: changed(chance.choice(asked), chance),
        "never asked": lambda: unknown(chance),
    }
    figures = []
    for name, make in kinds.items():
        times: list[float] = []
        own: list[float] = []
        outcomes: list[str] = []
        for question in [make() for _ in range(ASKED)]:
            began, worked = time.perf_counter(), time.thread_time()
            found = entries.look_up(Wanted(question, SCOPE, MODEL))
            times.append((time.perf_counter() - began) * 1000)
            own.append((time.thread_time() - worked) * 1000)
            outcomes.append("none" if found is None else found.outcome.value)
        told = ", ".join(f"{outcomes.count(each)} {each}" for each in sorted(set(outcomes)))
        p99 = sorted(times)[int(0.99 * len(times))]
        figures.append(Figure(f"{name}, p50", median(times), detail=told))
        figures.append(Figure(f"{name}, p95", p95(times), target=5.0, detail=f"p99 {p99:.2f} ms"))
        # What others on the machine take counts above; this is the look-up's own.
        figures.append(Figure(f"{name}, p95 of CPU", p95(own), target=5.0))
    return figures


def measure_opening(full: Path, empty: Path) -> Figure:
    """How much longer opening a full database takes than an empty one."""
    Database.open(empty, time.time).close()
    times: dict[Path, list[float]] = {full: [], empty: []}
    for _ in range(OPENED):
        for path, taken in times.items():
            began = time.perf_counter()
            database = Database.open(path, time.time)
            taken.append((time.perf_counter() - began) * 1000)
            database.close()
    more = median(times[full]) - median(times[empty])
    return Figure("opening, more than empty", more, target=5.0, detail=f"empty {median(times[empty]):.2f} ms")


def main(arguments: list[str] | None = None) -> int:
    """Make the database if there is none, measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cache", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--database", type=Path, help="where to keep it for another run")
    given = parser.parse_args(arguments)
    chance = random.Random(5)
    asked = list(questions(given.entries, chance))
    company = Company()
    with tempfile.TemporaryDirectory() as folder:
        path = given.database or Path(folder) / "leadline.db"
        database = Database.open(path, time.time)
        if Entries(database).stats().entries != given.entries:
            began = time.perf_counter()
            fill(database, asked)
            each = (time.perf_counter() - began) * 1e6 / given.entries
            print(f"stored {given.entries:,}: {each:.0f} us each; {path.stat().st_size / 1e6:.0f} MB")
        Entries(database).look_up(Wanted(unknown(chance), SCOPE, MODEL))  # what is imported once
        figures = measure(database, asked, chance)
        database.close()
        figures.append(measure_opening(path, Path(folder) / "empty.db"))
    print(company.words())
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Figures of 100,000 turns: ``python -m tests.bench.stats [--turns N] [--runs N]``.

The whole command as a person starts it, of the last week and of all there is, and where its time goes; beside
it what no command can do without. On a machine that others use, CPU time says more than the clock.
"""

import argparse
import math
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from core.cache.uses import uses
from core.engine.figures import gather
from core.engine.intelligence import intelligence
from core.metrics.coverage import deep_figures
from core.metrics.moments import division
from core.metrics.summary import summarise
from core.store.database import Database
from core.store.deep_ledger import DeepLedger
from core.store.speculation import SpeculationStore
from core.store.timings import Timings
from tests.bench.figures import Company, Figure, median, spread, table
from tests.bench.product import usual_command
from tui.stats_sections import View, sections_of

DAYS = 90
MOST_MS = 300.0
MODELS = (
    ("qwen3.5:4b", "local", 0.6),
    ("gpt-oss:20b", "lan gpu-box", 0.3),
    ("big-model", "REMOTE host", 0.1),
)
ROUTES = (("fast", 0.8), ("exact-hit", 0.1), ("semantic-hit", 0.06), ("deep", 0.04))
STATES = (("complete", 0.93), ("cancelled", 0.03), ("failed", 0.02), ("partial", 0.02))
WORDS = ("commit", "branch", "file", "index", "lock", "thread", "of", "the", "is", "where")


def build(path: Path, turns: int, seed: int = 7) -> None:
    """Make a database of so many turns, over ninety days until now, with texts of about a kilobyte."""
    now = time.time()
    Database.open(path, lambda: now).close()
    draw = random.Random(seed)
    moments = sorted(now - draw.random() * DAYS * 24 * 3600 for _ in range(turns))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO conversation (id, title, directory, created_at, updated_at)"
            " VALUES (?, 't', '/x', ?, ?)",
            ((1 + number // 20, moment, moment) for number, moment in enumerate(moments) if number % 20 == 0),
        )
        connection.executemany(
            "INSERT INTO turn (id, conversation_id, position, question, asked_at) VALUES (?, ?, ?, ?, ?)",
            (
                (1 + number, 1 + number // 20, number % 20, f"how do I undo {number}?", moment)
                for number, moment in enumerate(moments)
            ),
        )
        connection.executemany(
            "INSERT INTO answer (turn_id, route, model, provider, place, state, text, started_at, updated_at,"
            " ttft_ms, total_ms, output_tokens, load_ms, prefill_ms, decode_ms, server_ms, owner, paint_ms,"
            " thinking_ms, itl_ms, starved_ms, options_hash, effort, door)"
            " VALUES (?, ?, ?, 'ollama', ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 'o', ?, 0, ?, 0, 'abcdef012345',"
            " '', ?)",
            _answers(moments, draw),
        )
        connection.executemany(
            "INSERT INTO act (at, what, outcome, differs, seconds) VALUES (?, ?, ?, '', 3.0)",
            (
                (
                    moment,
                    *draw.choice(
                        (("served", "exact"), ("served", "sure"), ("shown", "maybe"), ("kept", "maybe"))
                    ),
                )
                for moment in moments[::6]
            ),
        )
        connection.executemany(
            "INSERT INTO offer (place, kind, shown_at, ended, taken_at) VALUES (1, 'yes', ?, ?, ?)",
            (
                (moment, number, moment + 5 if draw.random() < 0.1 else None)
                for number, moment in enumerate(moments[::2])
            ),
        )
        connection.executemany(
            "INSERT INTO deep_call (run, ended_at, provider, address, model, effort, preset, stage, size,"
            " total_ms, input_tokens, cached_tokens, thinking_tokens, output_tokens, usd, is_whole)"
            " VALUES (?, ?, 'anthropic', 'https://host', 'big-model', 'high', 'deep', ?, 12, ?, 4000, 0, 900,"
            " 700, 0.05, 1)",
            (
                (number, moment, stage, 40_000 * math.exp(draw.gauss(0, 0.4)))
                for number, moment in enumerate(moments[::100])
                for stage in ("write", "run")
            ),
        )
        # On three of four answers, some of them twice.
        connection.execute(
            "INSERT INTO signal (at, kind, answer, answered_at, model, effort, route, door)"
            " SELECT started_at + 9, CASE id % 4 WHEN 0 THEN 'copied' WHEN 1 THEN 'moved on'"
            " ELSE 'rephrased' END, id, started_at, model, effort, route, door FROM answer WHERE id % 4 < 3"
        )
        connection.execute(
            "INSERT INTO signal (at, kind, answer, answered_at, model, effort, route, door)"
            " SELECT at + 1, 'copied', answer, answered_at, model, effort, route, door FROM signal"
            " WHERE answer % 8 = 1"
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _answers(moments: list[float], draw: random.Random) -> Iterator[tuple[object, ...]]:
    for number, moment in enumerate(moments):
        model, place, _ = draw.choices(MODELS, [share for *_, share in MODELS])[0]
        (route,) = draw.choices([name for name, _ in ROUTES], [share for _, share in ROUTES])
        (state,) = draw.choices([name for name, _ in STATES], [share for _, share in STATES])
        door = "ask" if draw.random() < 0.2 else "screen"
        if route.endswith("hit"):
            ttft, decode, tokens = 5.0 * math.exp(draw.gauss(0, 0.5)), 0.0, 0
        else:
            ttft, tokens = 400.0 * math.exp(draw.gauss(0, 0.9)), draw.randint(20, 400)
            decode = tokens * draw.uniform(15, 40)
        text = " ".join(draw.choices(WORDS, k=200))
        yield (
            *(1 + number, route, model, place, state, text, moment, moment),
            *(ttft, ttft + decode, tokens, ttft * 0.7, decode, ttft + decode),
            *(ttft + 9.0 if door == "screen" else None, decode / tokens if tokens else None, door),
        )


def command_ms(home: Path, *arguments: str) -> tuple[float, float]:
    """Milliseconds from the start of the process to its end, and what it used of a processor."""
    environ = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ},
        "LEADLINE_HOME": str(home),
        "LANG": "C.UTF-8",
    }
    begun, used = time.perf_counter(), _used()
    subprocess.run([*usual_command(), *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begun) * 1000, (_used() - used) * 1000


def _used() -> float:
    """CPU seconds of children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def commands(home: Path, runs: int) -> list[Figure]:
    """All of them in turn, so that company is the same for each."""
    asked = {
        "nothing (--version)": ("--version",),
        "stats": ("stats",),
        "stats --json": ("stats", "--json"),
        "stats --since 52w": ("stats", "--since", "52w"),
        "stats --since 52w --json": ("stats", "--since", "52w", "--json"),
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _ in range(runs):
        for name, arguments in asked.items():
            took[name].append(command_ms(home, *arguments))
    figures = []
    for name, times in took.items():
        walls, used = [wall for wall, _ in times], [cpu for _, cpu in times]
        detail = f"{spread(walls)}; CPU median {median(used):.0f}, least {min(used):.0f}"
        target = MOST_MS if name.startswith("stats") else None
        figures.append(Figure(name, median(walls), target=target, detail=detail))
    return figures


def parts(path: Path, runs: int) -> list[Figure]:
    """Where the time goes, within one process that has everything loaded."""
    figures: list[Figure] = []

    def part(name: str, work: Callable[[], object]) -> None:
        times = []
        for _ in range(runs):
            begun = time.process_time()
            work()
            times.append((time.process_time() - begun) * 1000)
        figures.append(Figure(name, median(times), detail=f"CPU, least {min(times):.1f} ms"))

    with closing(Database.open(path, time.time)) as database:
        for span, days in (("a week", 7), ("all", 365)):
            _parts_of(database, span, time.time() - days * 24 * 3600, part)
    return figures


def _parts_of(
    database: Database, span: str, since: float, part: Callable[[str, Callable[[], object]], None]
) -> None:
    timings = Timings(database)
    counted = timings.counted(since)
    divided = division(timings.oldest(since) or 0.0, time.time())
    rows = timings.rows(since, divided, counted.every)
    view = View(gather(database, since), None)
    part(f"{span}: counting", lambda: timings.counted(since))
    part(f"{span}: reading", lambda: timings.rows(since, divided, counted.every))
    part(f"{span}: summing", lambda: summarise(rows, divided))
    part(f"{span}: stored, ahead, deep", lambda: _others(database, since))
    part(f"{span}: intelligence", lambda: intelligence(database, since))
    part(f"{span}: drawing", lambda: sections_of(view))


def _others(database: Database, since: float) -> None:
    database.read_aside(lambda connection: uses(connection, since))
    SpeculationStore(database).counts(since)
    deep_figures(DeepLedger(database), since)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stats", description=__doc__)
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("-n", "--runs", type=int, default=15)
    given = parser.parse_args(arguments)
    company = Company()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leadline.db"
        build(path, given.turns)
        figures = commands(Path(folder), given.runs) + parts(path, given.runs)
    print(f"{given.turns:,} turns over {DAYS} days")
    print(table(figures))
    print(company.words())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Figures of 100,000 turns: ``python -m tests.bench.stats [--turns N] [--runs N]``.

The whole command as a person starts it, of the last week and of all there is, and where its time goes.
"""

import math
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core.store.database import Database

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


def command_ms(home: Path, *arguments: str) -> float:
    """Milliseconds from the start of the process to its end."""
    environ = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ},
        "LEADLINE_HOME": str(home),
    }
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tui", *arguments], env=environ, stdout=subprocess.DEVNULL, check=True
    )
    return (time.perf_counter() - begun) * 1000

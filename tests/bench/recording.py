"""What measuring costs: ``python -m tests.bench.recording``.

One turn of so many pieces is measured as the product does it, and the same turn is gone through without: what
is between them is what the event loop spends on it, the hash of the options and the handing over to the
writer with it. In the writer, an answer is ended with its measures and without them, and what was painted is
added behind. The share is of a turn as short as the quickest model makes them.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from core.messages import AnswerState, Message, Role, Route
from core.metrics.times import Stopwatch
from core.metrics.waits import wait_of
from core.providers.base import Profile, Request, options_hash
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.measured import MeasuredStore
from tests.bench.figures import Company, Figure, median, p95, ratio, spread, table

PIECES = 200
"""Of an answer of 200 tokens, one piece each."""
QUICK_TURN_MS = 500.0
"""So long 200 tokens take at 400 a second; a slower model makes the share smaller."""
REQUEST = Request("m", (Message(Role.USER, "q"),), Profile(8192), 2048)
ENDING = Ending(AnswerState.COMPLETE, "word " * PIECES, ttft_ms=1.0, total_ms=2.0, server_ms=3.0)


def _took_ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _measured_turn(store: MeasuredStore, answer: int) -> None:
    """All that the loop does for measuring in one turn."""
    watch = Stopwatch(time.perf_counter)
    watch.thought()
    for _ in range(PIECES):
        watch.text(5)
    times = watch.times()
    wait_of(times.ttft_ms, 1.0, 2.0, times.thinking_ms, has_durations=True)
    replace(ENDING, options_hash=options_hash(REQUEST), itl_ms=times.itl_ms, starved_ms=times.starved_ms)
    store.painted(answer, 1.0)


def _plain_turn() -> None:
    """The same turn as it would be without: two readings of the clock, as any answer's time needs."""
    begun = time.perf_counter()
    for _ in range(PIECES):
        pass
    replace(ENDING, total_ms=time.perf_counter() - begun)


def on_the_loop(runs: int, folder: Path) -> list[Figure]:
    """With and without in turn, so that a busy machine is busy for both."""
    database = Database.open(folder / "loop.db", time.time)
    store, answer = MeasuredStore(database), _answer(Conversations(database))
    beyond = []
    for _ in range(runs):
        plain = _took_ms(_plain_turn)
        beyond.append(_took_ms(lambda: _measured_turn(store, answer)) - plain)
    database.close()
    cost = median(beyond)
    return [
        Figure("recording a turn, on the event loop", cost, "ms", 0.2, spread(beyond)),
        Figure("  its share of a turn of 0.5 s", cost / QUICK_TURN_MS * 100, "%", 1.0),
        Figure("  p95", p95(beyond)),
    ]


def in_the_writer(runs: int, folder: Path) -> list[Figure]:
    """Until the writer is through with it, commit and all; the same ending without its measures beside it."""
    database = Database.open(folder / "writer.db", time.time)
    conversations, store = Conversations(database), MeasuredStore(database)
    measured = replace(
        ENDING,
        thinking_ms=1.0,
        itl_ms=2.0,
        starved_ms=3.0,
        cached_tokens=4,
        options_hash="0123456789ab",
    )

    def end(ending: Ending, *, is_painted: bool) -> float:
        answer = _answer(conversations)
        took = _took_ms(lambda: conversations.end(answer, ending, make_current=True).result())
        return took + (_took_ms(lambda: store.painted(answer, 1.0).result()) if is_painted else 0.0)

    plain, ours = [], []
    for _ in range(runs):
        plain.append(end(ENDING, is_painted=False))
        ours.append(end(measured, is_painted=True))
    database.close()
    return [
        # The whole of it is held against the bound: without measures there is an end to be written too.
        Figure("recording a turn, in the writer, all of it", median(ours), "ms", 2.0, spread(ours)),
        Figure("  without its measures", median(plain), "ms", None, spread(plain)),
        Figure("  ratio", ratio(ours, plain), "x"),
    ]


def _answer(conversations: Conversations) -> int:
    answer = NewAnswer(Route.FAST, "m", "ollama", "local")
    return conversations.ask("question", (), None, "/here", answer).result().answer


def measure(runs: int = 200) -> list[Figure]:
    """Both, over a file of its own."""
    with TemporaryDirectory() as folder:
        return [*on_the_loop(runs, Path(folder)), *in_the_writer(runs, Path(folder))]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recording", description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="turns of each kind")
    given = parser.parse_args(arguments)
    company = Company()
    figures = measure(given.runs)
    print(company.words())
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

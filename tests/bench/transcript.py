"""The transcript alone, in this process: what a token costs, and how long the screen stands still.

A stream is fed at a rate into the real widget on a headless screen; every byte that a terminal would be
sent is made. What a token costs is CPU time of the whole process, less what the same screen costs idle.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from textual.app import App, ComposeResult
from textual.widgets import Static

from core.messages import AnswerState
from tests.bench.figures import Company, Figure, table
from tests.server import markdown
from tui.transcript.layout import warm
from tui.transcript.view import Transcript

RATES = (50, 200, 1_000)
TARGETS_US = {50: 3_500, 200: 1_250, 1_000: 500}
"""CPU for a token: the whole program's targets of 14, 5 and 2 s for 4,000 tokens."""

STALL_MS = 100.0


class Stage(App[None]):
    """The transcript above one line."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Static("prompt")

    def _display(self, screen: object, renderable: object) -> None:
        """Make what a terminal would be sent, which a headless screen leaves out."""
        render = getattr(renderable, "render_segments", None)
        if render is not None:
            render(self.console)


@asynccontextmanager
async def stage() -> AsyncIterator[Transcript]:
    """A transcript of 120 x 38 on a screen, with a question asked."""
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        view = app.query_one(Transcript)
        view.begin_turn(1, "question")
        view.begin_answer(1)
        await pilot.pause(0.1)
        yield view


def kinds(tokens: int) -> dict[str, list[str]]:
    """Replies of so many tokens, of one kind each."""
    words = [f"{word} " for word in markdown(tokens).split(" ")][:tokens]
    plain = ["the", "quick", "brown", "fox", "jumps", "over", "it", "and", "goes", "on", ""]
    flow = [f"{plain[number % len(plain)]} " for number in range(tokens)]
    line = ["    value", "_of", "_it", " =", " call", "(one", ", two", ")\n"]
    row = ["| name", " of it ", "| `value` ", "| what", " is said ", "about", " it ", "|\n"]
    item = ["- item ", "with ", "some ", "words ", "and ", "**bold** ", "ones", "\n"]
    return {
        "prose": words,
        "code": ["```python\n", *(line[number % 8] for number in range(tokens))],
        "table": ["| a | b | c |\n|---|---|---|\n", *(row[number % 8] for number in range(tokens))],
        "list": [item[number % 8] for number in range(tokens)],
        "paragraph": flow,
    }


async def feed(view: Transcript, pieces: Sequence[str], rate: float) -> float:
    """Stream pieces at a rate; CPU seconds from the first to the last."""
    began = time.monotonic()
    used = time.process_time()
    for number, piece in enumerate(pieces):
        view.append(1, piece)
        late = began + number / rate - time.monotonic()
        if late > 0:
            await asyncio.sleep(late)
        elif number % 20 == 0:
            await asyncio.sleep(0)
    return time.process_time() - used


async def idle(seconds: float, rate: float) -> float:
    """CPU seconds that waking up so often costs without a transcript."""
    began = time.monotonic()
    used = time.process_time()
    number = 0
    while time.monotonic() - began < seconds:
        number += 1
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
    return time.process_time() - used


async def cost_per_token(pieces: Sequence[str], rate: float) -> float:
    """Microseconds of CPU for a token."""
    async with stage() as view:
        spent = await feed(view, pieces, rate)
        spare = await idle(len(pieces) / rate, rate)
        view.end_answer(1, AnswerState.COMPLETE)
    return (spent - spare) / len(pieces) * 1e6


async def last_to_first(pieces: Sequence[str]) -> float:
    """What the last tenth costs, over what the first costs, behind the first screenful."""
    tenth = len(pieces) // 10
    async with stage() as view:
        await feed(view, pieces[:500], 1_000)
        parts = [await feed(view, pieces[at * tenth : (at + 1) * tenth], 1_000) for at in range(10)]
    return parts[-1] / parts[0]


async def longest_stall(act: Callable[[Transcript], None]) -> float:
    """Milliseconds for which nothing else could run, while something was shown to its end.

    In CPU time, so that other programs on the machine stall nobody here.
    """
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.process_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.process_time() - before)

    async with stage() as view:
        watcher = asyncio.create_task(watch())
        await asyncio.sleep(0.05)
        longest = 0.0
        act(view)
        await asyncio.sleep(0.2)
        while view.is_busy:  # noqa: ASYNC110  the widget says it to whoever looks, not to a waiter
            await asyncio.sleep(0.05)
        view.scroll_page_up()
        await asyncio.sleep(0.1)
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
    return longest * 1000


def hostile() -> dict[str, str]:
    """Answers that would hold up a screen."""
    block = "```python\ndef call(value: int) -> int:\n    return value + 1  # more\n```\n\n"
    rows = "".join(
        f"| row {number} | `value {number}` | and **some** words about it |\n" for number in range(2_000)
    )
    return {
        "1 MB on one line": "some **bold** words, `code` and [a link](https://example.org/a) " * 16_000,
        "1 MB without a space": "x" * 1_000_000,
        "500 code blocks": block * 500,
        "a table of 2,000 rows": "| a | b | c |\n|---|---|---|\n" + rows,
        "an open fence of 50,000 lines": "```python\n" + "value = call(1)  # a line\n" * 50_000,
        "1 MB in one fenced line": "```json\n" + '{"key": "value"}, ' * 55_000,
    }


def at_once(text: str) -> Callable[[Transcript], None]:
    """All of it in one piece, as an answer from the cache comes."""

    def act(view: Transcript) -> None:
        view.append(1, text)
        view.end_answer(1, AnswerState.COMPLETE)

    return act


def measure(tokens: int, *, kind: str = "") -> list[Figure]:
    """Every figure; a stream at 50 tokens a second is a quarter as long."""
    warm()
    figures = []
    for name, pieces in kinds(tokens).items():
        if kind and name != kind:
            continue
        for rate in RATES:
            some = pieces[: tokens // 4] if rate == RATES[0] else pieces
            spent = asyncio.run(cost_per_token(some, rate))
            figures.append(Figure(f"transcript: {name} at {rate} tok/s", spent, "us/token", TARGETS_US[rate]))
    for name, pieces in kinds(20_000).items():
        if not kind or name == kind:
            share = asyncio.run(last_to_first(pieces))
            figures.append(Figure(f"transcript: {name}, last tenth / first", share, "", 1.15))
    if not kind:
        for name, text in hostile().items():
            stall = asyncio.run(longest_stall(at_once(text)))
            figures.append(Figure(f"transcript: {name}, longest stall", stall, "ms", STALL_MS))
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.transcript", description=__doc__)
    parser.add_argument("--tokens", type=int, default=2_000, help="tokens of a reply")
    parser.add_argument("--kind", default="", help="only this kind: prose, code, table, list, paragraph")
    given = parser.parse_args(arguments)
    company = Company()
    figures = measure(given.tokens, kind=given.kind)
    print(company.words())
    print(table(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

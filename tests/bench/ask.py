"""From the start of ``leadline ask`` to its request at the server, beside a bare httpx script.

Warm: the second and later runs in one home, when the model is chosen and the database is there. The first
token is timed from the server's write to the bytes on stdout, and the total without what the server took.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figures import Company, Figure, median, p95, ratio, spread, table
from tests.bench.product import FLOOR, MODEL, CannotRun, Product, add_options, product
from tests.server import Loaded, Script

TOKENS = 40
RATE = 200.0
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One run, in milliseconds.

    Attributes:
        request: from the start of the process until the server had read the request.
        first_text: from the first token's write until its bytes were on stdout.
        beyond: the whole run without the time from request to last byte.
        requests_before: requests that went out before the question.
    """

    request: float
    first_text: float
    beyond: float
    requests_before: int


def shoot(command: Sequence[str], environ: Mapping[str, str], where: Product) -> Shot:
    """Run once, to the end.

    Raises:
        CannotRun: It failed, or asked nothing.
    """
    known = len(where.server.log)
    started_at = time.monotonic()
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=where.directory,
        env=dict(environ),
    )
    assert process.stdout is not None
    text = os.read(process.stdout.fileno(), 65536)
    text_at = time.monotonic()
    try:
        rest, complaint = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise CannotRun(f"{' '.join(command)} did not end within {PATIENCE_S:.0f} s") from None
    ended_at = time.monotonic()
    if process.returncode or not (text + rest).strip():
        said = complaint.decode(errors="replace").strip()[-800:]
        raise CannotRun(f"{' '.join(command)} ended with {process.returncode}: {said or 'no answer'}")
    fresh = where.server.log[known:]
    chats = [record for record in fresh if record.path == "/api/chat"]
    if not chats:
        raise CannotRun(f"{' '.join(command)} asked nothing: {[record.path for record in fresh]}")
    chat = where.server.wait_for(lambda record: record.id == chats[0].id and record.last_byte_at)
    assert chat.first_token_at is not None
    assert chat.last_byte_at is not None
    return Shot(
        (chat.at - started_at) * 1000,
        (text_at - chat.first_token_at) * 1000,
        (ended_at - started_at - (chat.last_byte_at - chat.at)) * 1000,
        fresh.index(chats[0]),
    )


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """Run both in turn, after two runs of each that do not count.

    Raises:
        CannotRun: One of them does not answer.
    """
    script = Script(
        loaded=(Loaded(MODEL, 8192),), reply=["word "] * TOKENS, tokens_per_s=RATE, ttft_s=0.02, slots=4
    )
    ours: list[Shot] = []
    floor: list[Shot] = []
    with product(command, script) as where:
        bare = (sys.executable, str(FLOOR / "httpx_oneshot.py"), where.server.url)
        question = (*where.command, "ask", "--no-cache", "how do I undo the last commit?")
        for number in range(runs + 2):
            floor_shot = shoot(bare, where.environ, where)
            our_shot = shoot(question, where.environ, where)
            if number >= 2:
                floor.append(floor_shot)
                ours.append(our_shot)
    return _figures(ours, floor)


def _figures(ours: list[Shot], floor: list[Shot]) -> list[Figure]:
    our_requests = [shot.request for shot in ours]
    floor_requests = [shot.request for shot in floor]
    texts = [shot.first_text for shot in ours]
    beyond = [shot.beyond for shot in ours]
    floor_beyond = [shot.beyond for shot in floor]
    return [
        Figure("ask: start -> /api/chat, ratio to bare httpx", ratio(our_requests, floor_requests), "x", 1.5),
        Figure("  leadline ask, warm", median(our_requests), detail=spread(our_requests)),
        Figure("  bare httpx script", median(floor_requests), detail=spread(floor_requests)),
        Figure(
            "  requests before the question",
            max((shot.requests_before for shot in ours), default=0),
            "",
            0,
        ),
        Figure("ask: first token written -> on stdout", median(texts), detail=f"p95 {p95(texts):.1f} ms"),
        Figure(
            "ask: total beyond the server's time",
            median(beyond),
            detail=f"p95 {p95(beyond):.1f} ms; bare httpx {median(floor_beyond):.1f} ms",
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ask", description=__doc__)
    add_options(parser, 10)
    given = parser.parse_args(arguments)
    company = Company()
    try:
        figures = measure(given.command, given.runs)
    except CannotRun as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(company.words())
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

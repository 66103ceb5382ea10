"""Whether it stays as quick as it was: a long reply, and a long conversation."""

from dataclasses import replace

from tests.bench.figures import median, p95
from tests.bench.screen.compared import Row, Target
from tests.bench.screen.contestants import LINES, OURS, contestants
from tests.bench.screen.depth import Depth
from tests.bench.screen.replies import mixed
from tests.bench.screen.stream import Streamed
from tests.bench.screen.streaming import all_through, sat_through

RATE = 1000
TOKENS = 4000


def measure_reply(depth: Depth) -> list[Row]:
    """CPU of the last tenth of a long reply against the first."""
    near = replace(depth, names=frozenset({OURS, LINES}), repeats=1)
    found = all_through(near, 0, mixed(depth.long_tokens), RATE)
    return [
        Row(
            f"{depth.long_tokens} tokens: CPU of the last tenth over the first",
            "x",
            {who: median(one.growth for one in each) for who, each in found.items()},
            Target(1.15),
            f"echo p95 {p95(found[OURS][0].echo):.0f} ms, peak {found[OURS][0].rss_peak:.0f} MiB",
        )
    ]


def measure_conversation(depth: Depth) -> list[Row]:
    """The same reply with no turns before and with very many."""
    (ours,) = contestants(frozenset({OURS}))
    fresh: list[Streamed] = []
    late: list[Streamed] = []
    for _ in range(depth.repeats):
        for turns, kept in ((0, fresh), (depth.turns, late)):
            if (streamed := sat_through(depth, ours, turns, mixed(TOKENS), RATE)) is not None:
                kept.append(streamed)
    cpu = median(one.cpu_streaming for one in late) / median(one.cpu_streaming for one in fresh)
    echo = p95([time for one in late for time in one.echo])
    return [
        Row(
            f"{depth.turns} turns before: CPU over none before",
            "x",
            {OURS: cpu},
            Target(1.2),
            f"from first token to last, {TOKENS} tokens at {RATE}/s",
        ),
        Row(f"{depth.turns} turns before: key echo p95", "ms", {OURS: echo}, Target(50, 21)),
    ]

"""Replies at three speeds, and of the worst kinds: key echo, lag behind the server, CPU and memory."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tests.bench.dialect import Traits
from tests.bench.figures import median, p95
from tests.bench.screen.asking import TURNS_BEFORE
from tests.bench.screen.compared import Row, Target
from tests.bench.screen.contestants import LINES, OURS, Contestant, seat
from tests.bench.screen.depth import Depth
from tests.bench.screen.person import Times, sitting
from tests.bench.screen.replies import WORST, Reply, mixed
from tests.bench.screen.stream import Streamed, stream

ECHO = {(200, 0): 22.0, (1000, 0): 21.0, (200, TURNS_BEFORE): 28.0, (1000, TURNS_BEFORE): 21.0}
"""What the floor took for a key echo (p95) where the targets were set, by tokens/s and turns before."""
CPU = {
    (50, 4000): (14.0, 10.1),
    (50, 1000): (3.5, 2.5),
    (200, 4000): (5.0, 3.0),
    (1000, 4000): (2.0, 1.2),
    (1000, 2000): (1.0, 0.6),
}
"""The most a reply may cost, and what it cost the floor, by tokens a second and tokens."""
KIND_RATE, KIND_TOKENS = 500, 4000


def sat_through(
    depth: Depth, contestant: Contestant, turns: int, reply: Reply, rate: float
) -> Streamed | None:
    """One reply in a process of its own; None when the contestant cannot be given turns before."""
    with seat(contestant, depth.command, turns) as at:
        if at is None:
            return None
        with sitting(at.command, at.where, at.environ, Traits(kitty=True)) as person:
            person.read_one(Times())
            return stream(person, reply, rate)


def all_through(depth: Depth, turns: int, reply: Reply, rate: float) -> dict[str, list[Streamed]]:
    """The same reply for everybody, in turn, as often as is asked for."""
    found: dict[str, list[Streamed]] = {}
    for _ in range(depth.repeats):
        for contestant in depth.contestants:
            if (streamed := sat_through(depth, contestant, turns, reply, rate)) is not None:
                found.setdefault(contestant.name, []).append(streamed)
    return found


def measure(depth: Depth) -> list[Row]:
    """Each speed, in a new conversation and in one of 200 messages."""
    rows: list[Row] = []
    for turns in (0, TURNS_BEFORE):
        for rate, tokens in depth.rates:
            if turns and rate == 50:
                continue  # nothing that the faster ones do not tell
            found = all_through(depth, turns, mixed(tokens), rate)
            behind = f", {2 * turns} messages before" if turns else ""
            rows += _rows(found, rate, tokens, turns, f"{rate}/s{behind}: ")
    return rows


def _rows(found: dict[str, list[Streamed]], rate: int, tokens: int, turns: int, name: str) -> Iterable[Row]:
    echo_then = ECHO.get((rate, turns))
    ours = found[OURS]
    keys = len(_echoes(ours))
    cpu = CPU.get((rate, tokens))
    echo_target = Target(50, echo_then, times_floor=2.0) if echo_then else None
    echo_p95 = {who: p95(_echoes(each)) for who, each in found.items()}
    yield Row(f"{name}key echo p50", "ms", {who: median(_echoes(each)) for who, each in found.items()})
    yield Row(
        f"{name}key echo p95",
        "ms",
        echo_p95,
        echo_target,
        f"{keys} keys, max {max(_echoes(ours), default=math.nan):.0f}",
    )
    lag_p95 = {who: p95(_lags(each)) for who, each in found.items()}
    lags = _lags(ours)
    detail = f"p50 {median(lags):.0f}, max {max(lags, default=math.nan):.0f}"
    yield Row(f"{name}token lag p95", "ms", lag_p95, Target(60, 50), detail)
    end_lag = {who: median(one.end_lag for one in each) for who, each in found.items()}
    yield Row(f"{name}end lag", "ms", end_lag, Target(40, 14) if rate == 1000 else None)
    unseen = {who: float(sum(one.unseen for one in each)) for who, each in found.items()}
    marks = sum(len(one.lag) for one in ours)
    yield Row(f"{name}marks never in view, of {marks}", "", unseen, Target(0))
    yield Row(
        f"{name}CPU for {tokens} tokens",
        "s",
        {who: median(one.cpu for one in each) for who, each in found.items()},
        Target(cpu[0], cpu[1]) if cpu and not turns else None,
    )
    start = {who: median(one.rss_before for one in each) for who, each in found.items()}
    peak = {who: median(one.rss_peak for one in each) for who, each in found.items()}
    yield Row(f"{name}RSS before, after one question", "MiB", start)
    yield Row(f"{name}RSS peak", "MiB", peak, Target(70, 44) if not turns else None)


def measure_kinds(depth: Depth) -> list[Row]:
    """One block without an end, of each kind."""
    rows: list[Row] = []
    for kind, make in WORST.items():
        found = all_through(_without_rest(depth), 0, make(KIND_TOKENS), KIND_RATE)
        ours = found[OURS]
        rows += [
            Row(
                f"one {kind}, {KIND_RATE}/s: key echo p95",
                "ms",
                {who: p95(_echoes(each)) for who, each in found.items()},
                Target(80, 22),
                f"max {max(_echoes(ours), default=math.nan):.0f}",
            ),
            Row(
                f"one {kind}, {KIND_RATE}/s: CPU for {KIND_TOKENS} tokens",
                "s",
                {who: median(one.cpu for one in each) for who, each in found.items()},
                detail=f"last tenth {median(one.growth for one in ours):.2f}x the first",
            ),
            Row(
                f"one {kind}, {KIND_RATE}/s: token lag p95",
                "ms",
                {who: p95(_lags(each)) for who, each in found.items()},
                detail=f"{sum(one.unseen for one in ours)} marks never in view",
            ),
        ]
    return rows


def _without_rest(depth: Depth) -> Depth:
    """Ours and the floor only: the kinds have no figures of others to be held against."""
    return replace(depth, names=frozenset({OURS, LINES}))


def _echoes(each: Sequence[Streamed]) -> list[float]:
    return [time for one in each for time in one.echo]


def _lags(each: Sequence[Streamed]) -> list[float]:
    """Of the marks that were seen."""
    return [time for one in each for time in one.lag if not math.isnan(time)]

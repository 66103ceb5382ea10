"""Enter to the first token on the screen, without what the server took; the key echo when nothing streams."""

from tests.bench.dialect import Traits
from tests.bench.figures import median, p95, spread
from tests.bench.screen.compared import Row, Target
from tests.bench.screen.contestants import OURS, seat
from tests.bench.screen.depth import Depth
from tests.bench.screen.person import Times, sitting

TURNS_BEFORE = 100
LIMITS = {0: Target(15, 9), TURNS_BEFORE: Target(20, 13)}


def measure(depth: Depth) -> list[Row]:
    """Ask short questions, in a new conversation and in one of 200 messages."""
    rows: list[Row] = []
    for turns, target in LIMITS.items():
        times: dict[str, Times] = {}
        for contestant in depth.contestants:
            with seat(contestant, depth.command, turns) as at:
                if at is None:
                    continue
                kept = times[contestant.name] = Times()
                with sitting(at.command, at.where, at.environ, Traits(kitty=True)) as person:
                    person.read_one(Times())  # the first question pays for imports
                    person.type_keys(12, kept.idle_echo)
                    for _ in range(depth.asks):
                        person.read_one(kept)
        behind = f", {2 * turns} messages before" if turns else ""
        ours = times[OURS]
        rows += [
            Row(
                f"TTFT overhead{behind}",
                "ms",
                {name: median(_overheads(kept)) for name, kept in times.items()},
                target,
                f"send {median(ours.send):.1f} + show {median(ours.show):.1f}; {spread(_overheads(ours))}",
            ),
            Row(
                f"key echo at rest p95{behind}",
                "ms",
                {name: p95(kept.idle_echo) for name, kept in times.items()},
                detail=spread(ours.idle_echo),
            ),
        ]
    return rows


def _overheads(times: Times) -> list[float]:
    return [send + show for send, show in zip(times.send, times.show, strict=True)]

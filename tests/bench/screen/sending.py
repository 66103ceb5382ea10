"""Sending, showing and stopping: what the person's own keys wait for.

Enter to the request at the server; a token written by the server to its word on the screen; Ctrl+C and Esc
to the moment the server sees the connection close. The last two with a terminal that speaks the kitty
keyboard protocol, then Esc once more with one that does not: there Textual waits 100 ms for more to come.
"""

from tests.bench.dialect import Traits
from tests.bench.figures import Figure, median, p95, spread
from tests.bench.product import MODEL, product
from tests.bench.screen.person import ECHO_RATE, Times, sitting
from tests.server import Loaded, Script

_SIZE = (100, 30)


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """Two sittings, one at each kind of terminal.

    Raises:
        CannotRun: The screen does not do what is to be measured.
    """
    times = Times()
    script = Script(loaded=(Loaded(MODEL, 8192),), ttft_s=0.02, slots=2)

    with product(command, script) as where:
        with sitting(where.command, where, where.environ, Traits(kitty=True), _SIZE) as person:
            person.read_one(Times())  # the first question of a process pays for imports; told apart below
            person.type_keys(12, times.idle_echo)
            for _ in range(runs):
                person.read_one(times)
            for _ in range(runs):
                person.stop_one("ctrl+c", times.ctrl_c)
                person.stop_one("escape", times.kitty_escape)
            person.type_meanwhile(times.echo)
        with sitting(where.command, where, where.environ, Traits(), _SIZE) as person:
            for _ in range(runs):
                person.stop_one("escape", times.plain_escape)
    return [
        Figure("screen: enter -> request at the server", median(times.send), "ms", 15, spread(times.send)),
        Figure("screen: first token written -> shown", median(times.show), "ms", 20, spread(times.show)),
        Figure("screen: Ctrl+C -> server sees close, p95", p95(times.ctrl_c), "ms", 10, spread(times.ctrl_c)),
        Figure(
            "screen: Esc (kitty) -> server sees close, p95",
            p95(times.kitty_escape),
            "ms",
            10,
            spread(times.kitty_escape),
        ),
        Figure(
            "screen: Esc (plain) -> server sees close",
            p95(times.plain_escape),
            "ms",
            110,
            spread(times.plain_escape),
        ),
        Figure("screen: key echo at rest, p95", p95(times.idle_echo), detail=spread(times.idle_echo)),
        Figure(f"screen: key echo at {ECHO_RATE:.0f} tok/s, p95", p95(times.echo), detail=spread(times.echo)),
    ]

"""What a deep run is in the way of: fast answers and echoed keys while four of its parts stream."""

import random

from tests.bench.deep.seated import PATH, answered_ms, seated
from tests.bench.figures import Figure, median, p95, ratio, spread
from tests.bench.product import CannotRun
from tests.core.deep_wire import four_parts
from tests.server import OllamaServer

_PACE = 100.0
_WORDS = 9_000
"""More than is heard: the run is ended when everything has been measured."""
_PLAN_S = 30


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """One person, first without and then beside a run in four parts.

    Raises:
        CannotRun: leadline does not do what is to be measured.
    """
    chance = random.Random(7)
    idle_echo: list[float] = []
    echo: list[float] = []
    with OllamaServer(four_parts(_WORDS, _PACE)) as deep, seated(command, deep) as person:
        idle = [answered_ms(person, chance) for _ in range(runs)]
        person.type_keys(2 * runs, idle_echo)
        person.terminal.type("/deeper why is it so?\r")
        try:
            deep.wait_for(lambda record: record.path == PATH and record.first_token_at, _PLAN_S, 5)
        except TimeoutError as error:
            raise CannotRun(f"four parts never streamed: {error}") from None
        person.type_keys(2 * runs, echo)
        beside = [answered_ms(person, chance) for _ in range(runs)]
        if any(record.ended_at for record in deep.log[1:]):
            raise CannotRun("the parts ended before everything was measured")
        person.terminal.type("/end\r")
        deep.wait_for(lambda record: record.client_gone_at, count=4)
    streams = f"4 parts at {_PACE:.0f} tok/s"
    return [
        Figure(f"fast answer beside {streams}, to idle", ratio(beside, idle), "x", 1.1),
        Figure("  enter -> first word shown, idle", median(idle), detail=spread(idle)),
        Figure("  the same beside the run", median(beside), detail=spread(beside)),
        Figure(f"key echo beside {streams}, to idle", ratio(echo, idle_echo), "x", 2),
        Figure("  echo at rest, p95", p95(idle_echo), detail=spread(idle_echo)),
        Figure("  echo beside the run, p95", p95(echo), detail=spread(echo)),
    ]

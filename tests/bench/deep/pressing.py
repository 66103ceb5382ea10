"""From the key that ends a run to its last socket's end at the server, by a person at a real terminal."""

import time

from tests.bench.deep.seated import PATH, seated
from tests.bench.figures import Figure, p95, spread
from tests.bench.product import CannotRun
from tests.bench.screen.person import Person
from tests.core.deep_wire import four_parts
from tests.server import OllamaServer, Record

_PACE = 100.0
_WORDS = 9_000
_PLAN_S = 30
_CALLS = 5
"""Of a run that is ended while its parts stream: the plan and four parts."""

WAYS = ("e", "esc esc", "/end")


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """So many ends by each way, while four parts stream.

    Raises:
        CannotRun: leadline does not do what is to be measured.
    """
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    with OllamaServer(four_parts(_WORDS, _PACE)) as deep, seated(command, deep) as person:
        for number in range(runs):
            for way in WAYS:
                took[way].append(_ended_ms(person, deep, way, f"why is it so, {way} {number}?"))
    every = [each for times in took.values() for each in times]
    return [
        Figure("deep: key that ends -> all sockets closed, p95", p95(every), "ms", 50, spread(every)),
        *(Figure(f"  by {way}", p95(times), detail=spread(times)) for way, times in took.items()),
    ]


def _ended_ms(person: Person, deep: OllamaServer, way: str, question: str) -> float:
    terminal = person.terminal
    known = len(deep.log)
    terminal.type(f"/deeper {question}\r")
    try:
        deep.wait_for(
            lambda record: record.path == PATH and record.first_token_at, _PLAN_S, _streaming(deep) + _CALLS
        )
    except TimeoutError as error:
        raise CannotRun(f"four parts never streamed: {error}") from None
    time.sleep(0.3)  # all four parts are in full flow
    if way == "/end":
        terminal.type("/end")
        terminal.settle()
        pressed_at = terminal.press("enter")
    else:
        terminal.press("shift+tab")
        terminal.settle()
        if way == "e":
            pressed_at = terminal.type("e")
        else:
            terminal.press("escape")
            pressed_at = terminal.press("escape")
    try:
        deep.wait_for(lambda record: record.client_gone_at, _PLAN_S, _gone(deep) + 4)
    except TimeoutError as error:
        raise CannotRun(f"{way} did not end the run: {error}") from None
    closed_at = max(record.client_gone_at or 0.0 for record in deep.log[known:])
    terminal.press("ctrl+l")
    terminal.settle(0.4)
    return (closed_at - pressed_at) * 1000


def _streaming(deep: OllamaServer) -> int:
    return sum(1 for record in deep.log if _is_chat(record) and record.first_token_at)


def _gone(deep: OllamaServer) -> int:
    return sum(1 for record in deep.log if record.client_gone_at)


def _is_chat(record: Record) -> bool:
    return record.path == PATH

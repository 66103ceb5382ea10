"""From ctrl+t to the panel's frame and first fact, the first time in a process: with its imports."""

from tests.bench.deep.seated import PATH, seated
from tests.bench.figures import Figure, p95, spread
from tests.bench.product import CannotRun
from tests.bench.terminal import drawn
from tests.core.deep_wire import four_parts
from tests.server import OllamaServer

_ROW = drawn("reading what would go along")
"""The panel's first frame, one row of it: it comes before what deep calls need is imported."""
_FRAME = drawn("elapsed")
_FACT = drawn("secrets")
"""Of the row that says what is sent: how much, and with how many secrets."""


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """A process for each.

    Raises:
        CannotRun: No panel came.
    """
    rows: list[float] = []
    frames: list[float] = []
    facts: list[float] = []
    requests: list[float] = []
    for _ in range(max(3, runs // 2)):
        with OllamaServer(four_parts(4_000, 100.0)) as deep, seated(command, deep) as person:
            terminal = person.terminal
            since = terminal.end
            pressed_at = terminal.press("ctrl+t")
            try:
                row = terminal.wait_for(_ROW, since)
                frame = terminal.wait_for(_FRAME, since)
                fact = terminal.wait_for(_FACT, since)
                asked = deep.wait_for(lambda record: record.path == PATH)
            except TimeoutError as error:
                raise CannotRun(f"ctrl+t: {error}") from None
            rows.append((row.at - pressed_at) * 1000)
            frames.append((frame.at - pressed_at) * 1000)
            facts.append((fact.at - pressed_at) * 1000)
            requests.append((asked.at - pressed_at) * 1000)
            terminal.type("/end\r")
            deep.wait_for(lambda record: record.client_gone_at)
            terminal.settle()
    return [
        Figure("deep: ctrl+t -> panel's first row, p95", p95(rows), "ms", 100, spread(rows)),
        Figure("  ctrl+t -> all of the panel, p95", p95(frames), detail=spread(frames)),
        Figure("deep: ctrl+t -> first fact, p95", p95(facts), "ms", 300, spread(facts)),
        Figure("  ctrl+t -> request at the server, p95", p95(requests), detail=spread(requests)),
    ]

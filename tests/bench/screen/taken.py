"""From the key that takes a follow-up question whose answer is ready to its first word on the screen."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from tests.bench.dialect import Traits
from tests.bench.figures import Figure, p95, spread
from tests.bench.product import MODEL, CannotRun, Product, product
from tests.bench.screen.person import Person, sitting
from tests.bench.terminal import drawn
from tests.server import Loaded, Script
from tests.server.runner import Pace

LAPTOP = Pace(prefill_per_s=400, decode_per_s=40, overhead_s=0.025)
_ASKS = "There are two ways. Both keep what you have written, and one of them is shorter. Shall I show it?"
_READY = drawn("1 ●")


def _ahead(where: Product) -> AbstractContextManager[Person]:
    """Someone for whom things are made ahead."""
    environ = where.environ | {"LEADLINE_SPECULATION__ENABLED": "true"}
    return sitting(where.command, where, environ, Traits())


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """One process; each answer asks something, and "yes" is answered ahead.

    Raises:
        CannotRun: No answer became ready, or a ready one was not shown.
    """
    words: list[str] = []

    def reply(body: Mapping[str, object]) -> str:
        messages = body.get("messages")
        last = messages[-1] if isinstance(messages, list) and messages else {}
        is_yes = isinstance(last, dict) and str(last.get("content")).lower() == "yes"
        return f"{words[-1]} and that is all there is to it." if is_yes else _ASKS

    script = Script(loaded=(Loaded(MODEL, 8192),), reply=reply, pace=LAPTOP)
    times: list[float] = []
    with product(command, script) as where, _ahead(where) as person:
        terminal = person.terminal
        for number in range(runs):
            words.append(f"zq{number:06}qz")
            since = terminal.end
            terminal.type(f"question number {number} of many?")
            terminal.settle()
            terminal.press("enter")
            try:
                terminal.wait_for(_READY, since, timeout=30)
                terminal.settle()
                since = terminal.end
                pressed_at = terminal.send(b"\x1b1")  # alt+1
                seen = terminal.wait_for(drawn(words[-1]), since)
            except TimeoutError as error:
                raise CannotRun(f"a follow-up: {error}") from None
            times.append((seen.at - pressed_at) * 1000)
            terminal.settle()
    return [Figure("ready follow-up taken -> painted, p95", p95(times), "ms", 50, spread(times))]

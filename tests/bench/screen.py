"""The screen's own share of the waiting: sending, showing, stopping, and typing meanwhile.

Enter to the request at the server; a token written by the server to its word on the screen; Ctrl+C and Esc
to the moment the server sees the connection close. The last two with a terminal that speaks the kitty
keyboard protocol, then Esc once more with one that does not: there Textual waits 100 ms for more to come.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.bench.dialect import Traits
from tests.bench.figures import Company, Figure, median, p95, spread, table
from tests.bench.product import MODEL, CannotRun, Product, add_options, product
from tests.bench.start import KEY, leave
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn
from tests.server import Loaded, Record, Script, markdown

LONG_RATE = 50.0
ECHO_RATE = 200.0
ECHO_KEYS = 40
STRANGE = [chr(code) for code in range(0x410, 0x450)]
"""Letters that no answer holds, each typed once a line, so that each is seen by itself."""


@dataclass(slots=True)
class Times:
    """What was measured, in milliseconds."""

    send: list[float] = field(default_factory=list)
    show: list[float] = field(default_factory=list)
    ctrl_c: list[float] = field(default_factory=list)
    kitty_escape: list[float] = field(default_factory=list)
    plain_escape: list[float] = field(default_factory=list)
    idle_echo: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)


class Person:
    """Someone at the terminal, who asks, reads, stops and types."""

    def __init__(self, terminal: Terminal, where: Product, chance: random.Random) -> None:
        self._terminal = terminal
        self._where = where
        self._chance = chance
        self._asked = 0

    def come_in(self) -> None:
        """Wait until what is typed is shown, and nothing moves any more.

        Raises:
            CannotRun: It never is.
        """
        try:
            entered = self._terminal.wait_for(ALTERNATE_SCREEN)
            self._terminal.settle(0.4)  # keys typed at once are the start benchmark's affair
            self._terminal.type(KEY)
            self._terminal.wait_for(drawn(KEY), since=entered.end)
        except TimeoutError as error:
            raise CannotRun(f"the screen does not take a key: {error}") from None
        self._terminal.press("backspace")
        self._terminal.settle(0.4)

    def ask(self, reply: list[str], rate: float) -> tuple[float, Record]:
        """Ask, and wait for the request; when enter was pressed, and the request."""
        server = self._where.server
        server.script = replace(server.script, reply=reply, tokens_per_s=rate)
        self._asked += 1
        known = len(server.requests("/api/chat"))
        self._terminal.type(f"question number {self._asked}?")
        self._terminal.settle()
        pressed_at = self._terminal.press("enter")
        try:
            return pressed_at, server.wait_for(lambda r: r.path == "/api/chat", count=known + 1)
        except TimeoutError:
            lines = "\n".join(self._terminal.lines())
            raise CannotRun(f"enter sent nothing; the screen:\n{lines}") from None

    def read_one(self, times: Times) -> None:
        """One question and its first word on the screen."""
        word = f"zq{self._chance.randrange(10**6):06}qz"
        since = self._terminal.end
        pressed_at, request = self.ask([f"{word} ", *(["and more "] * 8)], LONG_RATE)
        times.send.append((request.at - pressed_at) * 1000)
        try:
            seen = self._terminal.wait_for(drawn(word), since)
        except TimeoutError as error:
            raise CannotRun(f"the answer was not shown: {error}") from None
        request = self._where.server.wait_for(lambda r: r.id == request.id and r.last_byte_at)
        assert request.first_token_at is not None
        times.show.append((seen.at - request.first_token_at) * 1000)
        self._terminal.settle()

    def stop_one(self, key: str, kept: list[float]) -> None:
        """One question, and the answer stopped in the middle."""
        since = self._terminal.end
        _, request = self.ask([f"word{number} " for number in range(2000)], LONG_RATE)
        self._terminal.wait_for(drawn("word0"), since)
        time.sleep(self._chance.uniform(0.05, 0.25))  # people press at any moment of the stream's beat
        pressed_at = self._terminal.press(key)
        try:
            gone = self._where.server.wait_for(lambda r: r.id == request.id and r.client_gone_at)
        except TimeoutError:
            lines = "\n".join(self._terminal.lines())
            raise CannotRun(f"{key} did not stop the answer; the screen:\n{lines}") from None
        assert gone.client_gone_at is not None
        kept.append((gone.client_gone_at - pressed_at) * 1000)
        self._terminal.settle(0.25)

    def type_keys(self, keys: int, kept: list[float]) -> None:
        """Type letters, each waited for, at the pace of a person."""
        for letter in STRANGE[:keys]:
            since = self._terminal.end
            pressed_at = self._terminal.type(letter)
            seen = self._terminal.wait_for(drawn(letter), since)
            kept.append((seen.at - pressed_at) * 1000)
            time.sleep(self._chance.uniform(0.05, 0.12))
        self._terminal.press("ctrl+u")
        self._terminal.settle(timeout=0.4)

    def type_meanwhile(self, kept: list[float]) -> None:
        """Type while a long answer in Markdown streams in."""
        since = self._terminal.end
        _, request = self.ask([f"{word} " for word in markdown(4000).split(" ")], ECHO_RATE)
        self._where.server.wait_for(lambda r: r.id == request.id and r.first_token_at)
        time.sleep(0.5)  # a screenful, so that the view scrolls
        assert self._terminal.end > since
        self.type_keys(ECHO_KEYS, kept)
        self._terminal.press("ctrl+c")
        self._where.server.wait_for(lambda r: r.id == request.id and (r.client_gone_at or r.last_byte_at))
        self._terminal.settle()


def sit_down(where: Product, traits: Traits, act: Callable[[Person], None]) -> None:
    """Start the screen, do something at it, and quit."""
    with Terminal(
        where.command, where.environ, columns=100, rows=30, traits=traits, directory=where.directory
    ) as terminal:
        person = Person(terminal, where, random.Random(7))
        person.come_in()
        act(person)
        leave(terminal)


def measure(command: tuple[str, ...], runs: int) -> list[Figure]:
    """Two sittings, one at each kind of terminal.

    Raises:
        CannotRun: The screen does not do what is to be measured.
    """
    times = Times()
    script = Script(loaded=(Loaded(MODEL, 8192),), ttft_s=0.02, slots=2)

    def with_kitty(person: Person) -> None:
        person.read_one(Times())  # the first question of a process pays for imports; told apart below
        person.type_keys(12, times.idle_echo)
        for _ in range(runs):
            person.read_one(times)
        for _ in range(runs):
            person.stop_one("ctrl+c", times.ctrl_c)
            person.stop_one("escape", times.kitty_escape)
        person.type_meanwhile(times.echo)

    def without(person: Person) -> None:
        for _ in range(runs):
            person.stop_one("escape", times.plain_escape)

    with product(command, script) as where:
        sit_down(where, Traits(kitty=True), with_kitty)
        sit_down(where, Traits(), without)
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


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.screen", description=__doc__)
    add_options(parser, 20)
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

"""Someone at the terminal, who asks, reads, stops and types."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.bench.dialect import Traits
from tests.bench.product import CannotRun, Product
from tests.bench.start import KEY, leave
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn
from tests.server import Record, markdown

SIZE = (120, 40)
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
        self.terminal = terminal
        self.where = where
        self._chance = chance

    def come_in(self) -> None:
        """Wait until what is typed is shown, and nothing moves any more.

        Raises:
            CannotRun: It never is.
        """
        try:
            entered = self.terminal.wait_for(ALTERNATE_SCREEN, timeout=30)
            self.terminal.settle(0.4)  # keys typed at once are the start benchmark's affair
            self.terminal.type(KEY)
            self.terminal.wait_for(drawn(KEY), since=entered.end)
        except TimeoutError as error:
            raise CannotRun(f"the screen does not take a key: {error}") from None
        self.terminal.press("backspace")
        self.terminal.settle(0.4)

    def pause(self, least_s: float, most_s: float = 0.0) -> None:
        """Do nothing for a while."""
        time.sleep(self._chance.uniform(least_s, max(least_s, most_s)))

    def ask(self, reply: Sequence[str], rate: float) -> tuple[float, Record]:
        """Ask, and wait for the request; when enter was pressed, and the request."""
        server = self.where.server
        server.script = replace(server.script, reply=reply, tokens_per_s=rate)
        known = len(server.requests("/api/chat"))
        # Never asked before in this home, where a stored answer would come without a request.
        self.terminal.type(f"question number {time.monotonic_ns()}?")
        self.terminal.settle()
        pressed_at = self.terminal.press("enter")
        try:
            return pressed_at, server.wait_for(lambda r: r.path == "/api/chat", count=known + 1)
        except TimeoutError:
            lines = "\n".join(self.terminal.lines())
            raise CannotRun(f"enter sent nothing; the screen:\n{lines}") from None

    def read_one(self, times: Times) -> None:
        """One question and its first word on the screen."""
        word = f"zq{self._chance.randrange(10**6):06}qz"
        since = self.terminal.end
        pressed_at, request = self.ask([f"{word} ", *(["and more "] * 8)], LONG_RATE)
        times.send.append((request.at - pressed_at) * 1000)
        try:
            seen = self.terminal.wait_for(drawn(word), since)
        except TimeoutError as error:
            raise CannotRun(f"the answer was not shown: {error}") from None
        request = self.where.server.wait_for(lambda r: r.id == request.id and r.last_byte_at)
        assert request.first_token_at is not None
        times.show.append((seen.at - request.first_token_at) * 1000)
        self.terminal.settle()

    def stop_one(self, key: str, kept: list[float]) -> None:
        """One question, and the answer stopped in the middle."""
        since = self.terminal.end
        _, request = self.ask([f"word{number} " for number in range(2000)], LONG_RATE)
        self.terminal.wait_for(drawn("word0"), since)
        time.sleep(self._chance.uniform(0.05, 0.25))  # people press at any moment of the stream's beat
        pressed_at = self.terminal.press(key)
        try:
            gone = self.where.server.wait_for(lambda r: r.id == request.id and r.client_gone_at)
        except TimeoutError:
            lines = "\n".join(self.terminal.lines())
            raise CannotRun(f"{key} did not stop the answer; the screen:\n{lines}") from None
        assert gone.client_gone_at is not None
        kept.append((gone.client_gone_at - pressed_at) * 1000)
        self.terminal.settle(0.25)

    def type_keys(self, keys: int, kept: list[float]) -> None:
        """Type letters, each waited for, at the pace of a person."""
        for letter in STRANGE[:keys]:
            since = self.terminal.end
            pressed_at = self.terminal.type(letter)
            seen = self.terminal.wait_for(drawn(letter), since)
            kept.append((seen.at - pressed_at) * 1000)
            time.sleep(self._chance.uniform(0.05, 0.12))
        self.terminal.press("ctrl+u")
        self.terminal.settle(timeout=0.4)

    def type_meanwhile(self, kept: list[float]) -> None:
        """Type while a long answer in Markdown streams in."""
        since = self.terminal.end
        _, request = self.ask([f"{word} " for word in markdown(4000).split(" ")], ECHO_RATE)
        self.where.server.wait_for(lambda r: r.id == request.id and r.first_token_at)
        time.sleep(0.5)  # a screenful, so that the view scrolls
        assert self.terminal.end > since
        self.type_keys(ECHO_KEYS, kept)
        self.terminal.press("ctrl+c")
        self.where.server.wait_for(lambda r: r.id == request.id and (r.client_gone_at or r.last_byte_at))
        self.terminal.settle()


@contextmanager
def sitting(
    command: Sequence[str],
    where: Product,
    environ: Mapping[str, str],
    traits: Traits,
    size: tuple[int, int] = SIZE,
) -> Iterator[Person]:
    """Someone at a program that takes keys, who quits at the end of the block."""
    with Terminal(
        command, environ, columns=size[0], rows=size[1], traits=traits, directory=where.directory
    ) as terminal:
        person = Person(terminal, where, random.Random(7))
        person.come_in()
        yield person
        leave(terminal)

"""One reply that streams in while someone types: what they wait for, and what it costs."""

import math
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.bench.product import CannotRun
from tests.bench.screen.burden import Meter, cpu_s, rss_mib
from tests.bench.screen.person import STRANGE, Person
from tests.bench.screen.replies import LAST_MARK, Reply
from tests.bench.terminal import SEQUENCE, Terminal, drawn
from tests.server import Record

PATIENCE_S = 20.0
"""For the end to come into view after the server's last token; what comes later did not come."""
LOST_ECHO_S = 5.0


@dataclass(frozen=True, slots=True)
class Streamed:
    """What one reply took, in milliseconds, seconds and MiB.

    Attributes:
        echo: from each typed key to its letter on the screen.
        lag: from each mark's due time at the server to the screen; not a number when it never was.
        end_lag: the same for the last token, from its being written.
        cpu: of the process, for the whole reply.
        cpu_streaming: the same from the first token to the last.
        growth: CPU of the last tenth of the tokens over that of the first.
        rss_before, rss_peak: when the question was asked, and at most until the end.
    """

    echo: tuple[float, ...]
    lag: tuple[float, ...]
    end_lag: float
    cpu: float
    cpu_streaming: float
    growth: float
    rss_before: float
    rss_peak: float

    @property
    def unseen(self) -> int:
        """How many marks never came into view."""
        return sum(map(math.isnan, self.lag))


def stream(person: Person, reply: Reply, rate: float, does_type: bool = True) -> Streamed:
    """Ask, type until the reply is over, and wait for its end on the screen.

    Raises:
        CannotRun: Nothing was asked, or no token came.
    """
    terminal, server = person.terminal, person.where.server
    pid = terminal.process.pid
    rss_before, cpu_before = rss_mib(pid), cpu_s(pid)
    since = terminal.end
    with Meter(pid) as meter:
        _, asked = person.ask(reply.pieces, rate)
        try:
            request = server.wait_for(lambda r: r.id == asked.id and r.first_token_at, timeout=30)
        except TimeoutError as error:
            raise CannotRun(f"no answer was begun: {error}") from None
        until = time.monotonic() + len(reply.pieces) / rate
        echo = tuple(_typed(person, until)) if does_type else ()
        left = max(0.0, until - time.monotonic()) + PATIENCE_S
        request = server.wait_for(lambda r: r.id == asked.id and r.last_byte_at, timeout=left)
        with suppress(TimeoutError):  # told by the marks
            terminal.wait_for(drawn(LAST_MARK), since, timeout=PATIENCE_S)
        terminal.settle(0.15, timeout=1.0)
        cpu = cpu_s(pid) - cpu_before
        rss_peak = rss_mib(pid, is_peak=True)
        terminal.press("ctrl+u")
        terminal.settle(timeout=0.4)
    assert request.first_token_at is not None
    assert request.last_byte_at is not None
    sightings = first_sightings(terminal, since, [word for word, _ in reply.marks])
    due = [request.first_token_at + number / rate for _, number in reply.marks]
    lag = tuple(
        (sightings.get(word, math.nan) - at) * 1000 for (word, _), at in zip(reply.marks, due, strict=True)
    )
    written = max(due[-1], request.last_byte_at - 1 / rate)
    end_lag = (sightings.get(LAST_MARK, math.nan) - written) * 1000
    growth = _growth(meter, request, len(reply.pieces), rate)
    streaming = meter.between(request.first_token_at, request.last_byte_at)
    return Streamed(echo, lag, end_lag, cpu, streaming, growth, rss_before, rss_peak)


def first_sightings(terminal: Terminal, since: int, words: Sequence[str]) -> dict[str, float]:
    """When each word was first drawn; one pass over what came."""
    output = terminal.output
    found: dict[str, float] = {}
    # One pattern for all of them, as there are many, and attributes may change between their letters.
    letter = SEQUENCE + b"[a-z0-9]"
    pattern = re.compile(SEQUENCE.join([b"z", b"q(?:" + letter + b")+?", b"q", b"z"]))
    wanted = set(words)
    for match in pattern.finditer(output, since):
        word = re.sub(SEQUENCE, b"", match[0]).decode()
        if word in wanted and word not in found:
            found[word] = terminal.moment_of(match.end())
    return found


def _typed(person: Person, until: float) -> list[float]:
    """Type a letter now and then until the time is up, each waited for; the echoes in milliseconds."""
    terminal, echoes = person.terminal, []
    person.pause(0.4)  # a screenful first, so that the view scrolls
    while time.monotonic() < until:
        for letter in STRANGE:
            if time.monotonic() > until:
                break
            since = terminal.end
            pressed_at = terminal.type(letter)
            try:
                seen_at = terminal.wait_for(drawn(letter), since, timeout=LOST_ECHO_S).at
            except TimeoutError:
                seen_at = pressed_at + LOST_ECHO_S
            echoes.append((seen_at - pressed_at) * 1000)
            person.pause(0.05, 0.12)
        terminal.press("ctrl+u")
        person.pause(0.25)
    return echoes


def _growth(meter: Meter, request: Record, tokens: int, rate: float) -> float:
    """CPU of the last tenth over the first."""
    begun = request.first_token_at or math.nan
    tenth = tokens / 10 / rate
    whole = tokens / rate
    first = meter.between(begun, begun + tenth)
    return meter.between(begun + whole - tenth, begun + whole) / first if first else math.nan

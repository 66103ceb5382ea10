"""From the start of the process to the first frame, and to the first typed key; and that no key is lost."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench.dialect import Traits
from tests.bench.figures import median, spread
from tests.bench.product import CannotRun
from tests.bench.screen.burden import rss_mib
from tests.bench.screen.compared import Row, Target
from tests.bench.screen.contestants import OURS, Seat, seat
from tests.bench.screen.depth import Depth
from tests.bench.screen.person import SIZE, STRANGE
from tests.bench.start import KEY, leave
from tests.bench.terminal import ALTERNATE_SCREEN, FIRST_FRAME, Terminal, drawn

AT_ONCE = "§né日"
"""Typed before anything has happened; the last two take more bytes than one, the last more columns."""
KEYS = 40
KEY_EVERY_S = 0.015
PAINT_MS = 15.0
"""What a frame painted by hand may take beyond an interpreter that does nothing."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in milliseconds from the process's own.

    Attributes:
        taken: the alternate screen is there; with a frame painted by hand, so is that.
        frame: Textual has painted.
        echo: a key that was typed at once is drawn.
        rss: MiB by then.
    """

    taken: float
    frame: float
    echo: float
    rss: float


def started(at: Seat) -> Start:
    """Start it once, and quit.

    Raises:
        CannotRun: It did not come up, or lost the key.
    """
    with Terminal(
        at.command,
        at.environ,
        columns=SIZE[0],
        rows=SIZE[1],
        directory=at.where.directory,
        traits=Traits(kitty=True),
        typed_at_once=KEY,
    ) as terminal:
        try:
            entered = terminal.wait_for(ALTERNATE_SCREEN, timeout=30)
            frame = terminal.wait_for(FIRST_FRAME, since=entered.end)
            seen = terminal.wait_for(drawn(KEY), since=entered.end)
            rss = rss_mib(terminal.process.pid)
        except TimeoutError as error:
            raise CannotRun(f"{' '.join(at.command)}: {error}") from None
        terminal.settle(timeout=1.0)
        leave(terminal)
        taken, painted, echo = ((at - terminal.started_at) * 1000 for at in (entered.at, frame.at, seen.at))
        return Start(taken, painted, echo, rss)


def bare_python(at: Seat) -> float:
    """Milliseconds that the same interpreter takes to do nothing."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], env=at.environ, check=True)
    return (time.monotonic() - began) * 1000


def keeps_all(at: Seat) -> bool:
    """Whether all that is typed from the first moment on, past the first frame, is in the prompt."""
    with Terminal(
        at.command,
        at.environ,
        columns=SIZE[0],
        rows=SIZE[1],
        directory=at.where.directory,
        typed_at_once=AT_ONCE,
    ) as terminal:
        for letter in STRANGE[:KEYS]:
            terminal.send(letter.encode())
            time.sleep(KEY_EVERY_S)
        wanted = AT_ONCE + "".join(STRANGE[:KEYS])
        try:
            terminal.wait_until(lambda lines: _is_shown(wanted, lines), timeout=5)
        except TimeoutError:
            return False
        finally:
            leave(terminal)
        return True


def _is_shown(text: str, lines: Sequence[str]) -> bool:
    return any(text in line for line in lines)


def measure(depth: Depth) -> list[Row]:
    """Start all in turn, after one start of each that does not count."""
    starts: dict[str, list[Start]] = {}
    nothing: list[float] = []
    with ExitStack() as stack:
        seats = {each.name: stack.enter_context(seat(each, depth.command)) for each in depth.contestants}
        for number in range(depth.starts + 1):
            for name, at in seats.items():
                assert at is not None
                start = started(at)
                if number:
                    starts.setdefault(name, []).append(start)
                    nothing.append(bare_python(at))
        ours = seats[OURS]
        assert ours is not None
        lost = sum(not keeps_all(ours) for _ in range(depth.kept_starts))
    return [
        _row("start -> first Textual frame, ms", starts, lambda start: start.frame, Target(times_floor=1.3)),
        _row("start -> key typed at once is drawn, ms", starts, lambda start: start.echo, None),
        _row("RSS at the first key, MiB", starts, lambda start: start.rss, Target(50, 35)),
        Row(
            "start -> screen taken",
            "ms",
            {name: median(start.taken for start in each) for name, each in starts.items()},
            _if_painted(starts[OURS], median(nothing) + PAINT_MS),
            f"python -c pass takes {median(nothing):.0f}",
        ),
        Row(
            f"starts that lost a key, of {depth.kept_starts}",
            "",
            {OURS: lost},
            Target(0),
            f"{len(AT_ONCE) + KEYS} keys each, the first before the process did anything",
        ),
    ]


def _row(
    name: str, starts: Mapping[str, Sequence[Start]], figure: Callable[[Start], float], target: Target | None
) -> Row:
    """One figure's medians."""
    what, _, unit = name.rpartition(", ")
    values = {who: median(map(figure, each)) for who, each in starts.items()}
    return Row(what, unit, values, target, spread([figure(start) for start in starts[OURS]], unit))


def _if_painted(starts: Sequence[Start], at_most: float) -> Target | None:
    """A target only where a frame is painted by hand: the screen is then taken long before Textual paints."""
    is_painted = median(start.taken for start in starts) < median(start.frame for start in starts) / 2
    return Target(at_most) if is_painted else None

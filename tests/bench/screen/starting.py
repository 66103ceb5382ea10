"""From the start of the process to the first frame, and to the first typed key; and that no key is lost."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from tests.bench.dialect import Traits
from tests.bench.figures import median, spread
from tests.bench.product import CannotRun
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


def started(at: Seat) -> tuple[float, float]:
    """Milliseconds to the first frame, and to a key that was typed at once.

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
        except TimeoutError as error:
            raise CannotRun(f"{' '.join(at.command)}: {error}") from None
        terminal.settle(timeout=1.0)
        leave(terminal)
        return (frame.at - terminal.started_at) * 1000, (seen.at - terminal.started_at) * 1000


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
    frames: dict[str, list[float]] = {}
    echoes: dict[str, list[float]] = {}
    with ExitStack() as stack:
        seats = {each.name: stack.enter_context(seat(each, depth.command)) for each in depth.contestants}
        for number in range(depth.starts + 1):
            for name, at in seats.items():
                assert at is not None
                frame, echo = started(at)
                if number:
                    frames.setdefault(name, []).append(frame)
                    echoes.setdefault(name, []).append(echo)
        ours = seats[OURS]
        assert ours is not None
        lost = sum(not keeps_all(ours) for _ in range(depth.kept_starts))
    return [
        Row(
            "start -> first Textual frame",
            "ms",
            {name: median(times) for name, times in frames.items()},
            Target(times_floor=1.3),
            spread(frames[OURS]),
        ),
        Row(
            "start -> key typed at once is drawn",
            "ms",
            {name: median(times) for name, times in echoes.items()},
            detail=spread(echoes[OURS]),
        ),
        Row(
            f"starts that lost a key, of {depth.kept_starts}",
            "",
            {OURS: lost},
            Target(0),
            f"{len(AT_ONCE) + KEYS} keys each, the first before the process did anything",
        ),
    ]

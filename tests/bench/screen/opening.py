"""Opening a stored conversation, and leafing back in it."""

from dataclasses import dataclass

from tests.bench.dialect import Traits
from tests.bench.figures import median, p95, spread
from tests.bench.product import CannotRun
from tests.bench.screen.burden import rss_mib
from tests.bench.screen.compared import Row, Target
from tests.bench.screen.contestants import OURS, Seat, contestants, seat
from tests.bench.screen.depth import Depth
from tests.bench.screen.person import SIZE
from tests.bench.start import leave
from tests.bench.terminal import ALTERNATE_SCREEN, FIRST_FRAME, Terminal, drawn

PAGES = 10
KEPT = drawn("kept")


def measure(depth: Depth) -> list[Row]:
    """Go on with a stored conversation: the first frame to its last turn in view, and leafing back."""
    short = _opened(depth, 1, pages=0)
    opened = _opened(depth, depth.turns, pages=PAGES)
    what = f"opening {depth.turns} turns"
    told = f"{spread(opened.times)}; one turn alone {median(short.times):.0f} ms"
    return [
        Row(
            f"{what}: first frame -> last turn in view p50",
            "ms",
            {OURS: median(opened.times)},
            Target(100),
            told,
        ),
        Row(f"{what}: the same p95", "ms", {OURS: p95(opened.times)}, Target(200)),
        Row(f"{what}: RSS", "MiB", {OURS: opened.rss}, Target(57.2), "60 MB"),
        Row(f"{what}: page up p95", "ms", {OURS: p95(opened.pages)}, Target(33), spread(opened.pages)),
    ]


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that was opened some times; milliseconds and MiB."""

    times: tuple[float, ...]
    pages: tuple[float, ...]
    rss: float


def _opened(depth: Depth, turns: int, pages: int) -> Opened:
    (ours,) = contestants(frozenset({OURS}))
    times: list[float] = []
    leafed: list[float] = []
    rss: list[float] = []
    with seat(ours, depth.command, turns) as at:
        assert at is not None
        for number in range(depth.starts + 1):
            opened = _open(at, turns, pages)
            if number:  # the first start pays for a cold file
                times.append(opened.times[0])
                leafed += opened.pages
                rss.append(opened.rss)
    return Opened(tuple(times), tuple(leafed), median(rss))


def _open(at: Seat, turns: int, pages: int) -> Opened:
    """Once.

    Raises:
        CannotRun: The last turn did not come into view.
    """
    last = drawn(f"kept{turns - 1:05}q")
    with Terminal(
        at.command,
        at.environ,
        columns=SIZE[0],
        rows=SIZE[1],
        directory=at.where.directory,
        traits=Traits(kitty=True),
    ) as terminal:
        try:
            frame = terminal.wait_for(FIRST_FRAME, since=terminal.wait_for(ALTERNATE_SCREEN).end)
            shown = terminal.wait_for(last, since=0)
            terminal.settle(0.4)
            rss = rss_mib(terminal.process.pid)
            leafed = tuple(_page_up(terminal) for _ in range(pages))
        except TimeoutError as error:
            raise CannotRun(f"the stored conversation did not open: {error}") from None
        leave(terminal)
    return Opened(((shown.at - frame.at) * 1000,), leafed, rss)


def _page_up(terminal: Terminal) -> float:
    """Milliseconds until earlier turns are drawn."""
    since = terminal.end
    pressed_at = terminal.press("page_up")
    seen = terminal.wait_for(KEPT, since)
    terminal.settle(0.1, timeout=1.0)
    return (seen.at - pressed_at) * 1000

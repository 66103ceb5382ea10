"""How much is measured: a minute's worth, some minutes', or as much as the targets ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.screen.compared import Row
from tests.bench.screen.contestants import LINES, OURS, Contestant, contestants


@dataclass(frozen=True, slots=True)
class Depth:
    """What a run takes on.

    Attributes:
        command: what starts leadline.
        names: who is measured; None is everybody who is here.
        starts: timed starts of each.
        kept_starts: starts of ours at which what is typed is looked for on the screen.
        asks: questions timed for their first token.
        repeats: replies streamed for each figure.
        rates: tokens a second, and how many tokens a reply has at that rate.
        long_tokens: of the reply whose tenths are compared.
        turns: stored before the long conversation goes on.
    """

    command: tuple[str, ...]
    names: frozenset[str] | None
    starts: int
    kept_starts: int
    asks: int
    repeats: int
    rates: tuple[tuple[int, int], ...]
    long_tokens: int
    turns: int

    @property
    def contestants(self) -> tuple[Contestant, ...]:
        """Who is measured, ours first."""
        return contestants(self.names)


Measure = Callable[[Depth], list[Row]]


def quick(command: tuple[str, ...]) -> Depth:
    """For the report: ours and the floor."""
    names = frozenset({OURS, LINES})
    return Depth(command, names, 3, 2, 3, 1, ((1000, 2000),), 6000, 2000)


def usual(command: tuple[str, ...]) -> Depth:
    """Everything once."""
    return Depth(command, None, 7, 10, 10, 1, ((50, 1000), (200, 4000), (1000, 4000)), 20_000, 10_000)


def full(command: tuple[str, ...]) -> Depth:
    """What the targets are stated for."""
    return Depth(command, None, 20, 50, 20, 3, ((50, 4000), (200, 4000), (1000, 4000)), 20_000, 10_000)

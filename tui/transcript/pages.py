"""Pages of turns: what is stored is read when someone comes near, and given up when they are far."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from core.messages import Turn
from tui.transcript.entry import Entry
from tui.transcript.stack import Part, Stack, Tall

PAGE = 30
"""So many stored turns are read at a time."""

_GUESS = 12


class TurnSource(Protocol):
    """A stored conversation, read from its end."""

    def keys(self) -> Sequence[int]:
        """The ids of all turns, oldest first."""
        ...

    def page(self, before: int | None, last: int) -> Sequence[Turn]:
        """At most so many turns, the newest that came before a turn, or the newest of all; oldest first."""
        ...


class Turns:
    """Turns that are there already, as a source."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._at = {turn.id: index for index, turn in enumerate(turns)}

    def keys(self) -> Sequence[int]:
        """The ids of all turns, oldest first."""
        return [turn.id for turn in self._turns]

    def page(self, before: int | None, last: int) -> Sequence[Turn]:
        """At most so many turns, the newest that came before a turn, or the newest of all; oldest first."""
        end = len(self._turns) if before is None else self._at[before]
        return self._turns[max(0, end - last) : end]


class Page(Stack[Entry]):
    """Neighbouring turns.

    Attributes:
        keys: of the stored turns on it; none when they were asked on this screen.
        is_read: its entries are here.
        is_touched: something on it is not as it was stored, so that it may not be given up.
    """

    def __init__(self, keys: Sequence[int] = (), fetch: Callable[[], Iterable[Entry]] = tuple) -> None:
        self.keys = keys
        self.is_read = not keys
        self.is_touched = not keys
        self._fetch = fetch
        self._unread_height = len(keys) * _GUESS
        super().__init__()

    @property
    def height(self) -> int:
        """How many lines there are, as far as it is known."""
        return super().height if self.is_read else self._unread_height

    def guess(self, height: int) -> None:
        """So many lines may be on it."""
        self._unread_height = height

    def read(self) -> None:
        """Fetch its turns, if they are not here."""
        if not self.is_read:
            self.items = list(self._fetch())
            self.is_read = True
            self.measure(0)

    def fetched(self) -> list[Entry]:
        """Its turns as they are stored, without holding them."""
        return list(self._fetch())

    def give_up(self) -> None:
        """Hold its turns no longer."""
        self._unread_height = self.height
        self.is_read = False
        self.items = []
        self.measure(0)

    def lay_out(self, first: int, last: int, width: int, laid: list[Part]) -> bool:
        """Read it, and lay out what is between two lines."""
        was_read = self.is_read
        self.read()
        return super().lay_out(first, last, width, laid) or not was_read

    def path_at(self, y: int) -> tuple[tuple[Tall, ...], int]:
        """What is at a line; nothing, while its turns are not here."""
        return super().path_at(y) if self.is_read else ((), y)

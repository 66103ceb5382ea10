"""Who goes first where a place serves one run after another."""

import asyncio


class Turns:
    """A line of runs, in the order in which they came.

    Args:
        most: that may go on at the same time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._line: list[asyncio.Event] = []

    def join(self) -> asyncio.Event:
        """A place in the line; it is set when it is its turn, perhaps at once."""
        ticket = asyncio.Event()
        self._line.append(ticket)
        self._grant()
        return ticket

    def leave(self, ticket: asyncio.Event) -> None:
        """Make room, whether it had its turn or not."""
        if ticket in self._line:
            self._line.remove(ticket)
            self._grant()

    def _grant(self) -> None:
        for ticket in self._line[: self._most]:
            ticket.set()

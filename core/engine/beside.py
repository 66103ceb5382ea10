"""What may be offered above an answer: found at once, or by an embedding while no text has come yet."""

import asyncio
from collections.abc import Coroutine

from core.cache.found import Found


class Beside:
    """A look-up that runs beside an answer; what it finds after the first text is nobody's any more."""

    def __init__(self, found: Found | None, search: "Coroutine[None, None, Found | None] | None") -> None:
        self._found = found
        self._search = None if search is None else asyncio.ensure_future(search)

    def take(self) -> Found | None:
        """What is to be offered now; once."""
        found, self._found = self._found, None
        search = self._search
        if found is None and search is not None and search.done():
            self._search = None
            found = None if search.cancelled() else search.result()
        return found

    def close(self) -> None:
        """Text has come, or nobody waits: an offer would move what is being read."""
        if self._search is not None and not self._search.done():
            self._search.cancel()

"""What may be offered above an answer: found at once, or by an embedding while no text has come yet."""

import asyncio
from collections.abc import Coroutine

from core.cache.found import Found


class Beside:
    """A look-up that runs beside an answer; what it finds after the first text is nobody's any more."""

    def __init__(self, found: Found | None, search: "Coroutine[None, None, Found | None] | None") -> None:
        self._found = found
        self._search = None if search is None else asyncio.ensure_future(search)
        if self._search is not None:
            self._search.add_done_callback(_hear)

    def take(self) -> Found | None:
        """What is to be offered now; once."""
        found, self._found = self._found, None
        search = self._search
        if found is None and search is not None and search.done():
            self._search = None
            # The worker's edge: whatever goes wrong here, a bug too, must not cost the answer beside it.
            found = None if search.cancelled() or search.exception() is not None else search.result()
        return found

    def close(self) -> None:
        """Text has come, or nobody waits: an offer would move what is being read."""
        if self._search is not None and not self._search.done():
            self._search.cancel()


def _hear(search: "asyncio.Future[Found | None]") -> None:
    """Take what went wrong, so that asyncio does not complain of an error that nobody took."""
    if not search.cancelled():
        search.exception()

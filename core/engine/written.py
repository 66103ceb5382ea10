"""Whether a question is in the store yet, and what the store says of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from core.errors import HouseError, StoreUnavailable
from core.events import Noted, TurnEvent, TurnStarted
from core.sanitise import clean_line
from core.store.conversations import Started


class Written:
    """A question on its way into the store.

    Args:
        store: hands it over.

    Attributes:
        started: where it was put; zeros while that is not known, or for good when the store refuses.
    """

    def __init__(self, store: "Callable[[], Future[Started]]") -> None:
        self._store = store
        self._storing: Future[Started] | None = None
        self._is_heard = False
        self.started = Started(0, 0, 0)

    def begin(self) -> bool:
        """Hand it over; whether that was not done before."""
        is_new = self._storing is None
        self._storing = self._storing or self._store()
        return is_new

    async def wait(self, patience_s: float | None) -> list[TurnEvent]:
        """Wait until the question is in the file, or until the patience is at its end."""
        if self._storing is not None and not self._storing.done():
            waiting = asyncio.wrap_future(self._storing)
            try:
                await asyncio.wait({waiting}, timeout=patience_s)
            finally:
                if not waiting.cancel():  # which unsays no write
                    waiting.exception()  # heard, so that asyncio does not complain of it
            if not self._storing.done():
                return [Noted("not saved yet: another program keeps the database busy")]
        return self.hear()

    def hear(self) -> list[TurnEvent]:
        """What the store says of the question, once; an unwritable store is said, and stops no answer."""
        if self._is_heard or self._storing is None or not self._storing.done():
            return []
        self._is_heard = True
        try:
            self.started = self._storing.result()
        except StoreUnavailable as error:
            return [not_saved(error)]
        except HouseError:
            raise
        except Exception as error:  # noqa: BLE001 - the writer's edge: a bug there costs no answer
            return [not_saved(error)]
        return [TurnStarted(self.started.conversation, self.started.turn, self.started.answer)]


def not_saved(error: Exception) -> Noted:
    """That something could not be written, and why."""
    if isinstance(error, HouseError):
        return Noted(f"not saved: {error.message}. {error.remedy}")
    said = clean_line(str(error))[:200]
    return Noted(f"not saved: {type(error).__name__}: {said}. This is a bug of leadline; please report it.")

"""The one transport of deep calls: it alone does I/O. Every call ends in one `Finished` or `Failed`."""

import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from core.providers.deep.attempt import Attempt
from core.providers.deep.calls import DeepEvent, DeepRequest, Failed
from core.providers.deep.connection import Connection, Place
from core.providers.deep.failures import DeepError
from core.providers.deep.limits import DeepLimits
from core.providers.deep.stances import Stances


class DeepCaller:
    """Makes calls to one place, as many at a time as are wanted.

    Args:
        stances: what has been learnt of models; share one, so that it is learnt once.
        chance: 0 to 1, for spreading new tries.
    """

    def __init__(
        self,
        place: Place,
        environ: Mapping[str, str],
        stances: Stances | None = None,
        limits: DeepLimits = DeepLimits(),  # noqa: B008  (frozen)
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._connection = Connection(place, environ, limits)
        self._stances = stances or Stances()
        self._limits = limits
        self._chance = chance

    @property
    def address(self) -> str:
        """The place's URL, without credentials."""
        return self._connection.address

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; a name not looked up yet counts as remote."""
        return self._connection.place(remote_host)

    def lacks_key(self, model: str) -> DeepError | None:
        """Why there is no use in asking; None when there is."""
        return self._connection.lacks_key(model)

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Ask; the last event is a `Finished` or a `Failed`. Closing the generator closes the socket."""
        if missing := self.lacks_key(request.model):
            yield Failed(missing)
            return
        attempt = Attempt(self._connection, request, self._stances, self._limits, self._chance)
        async with aclosing(attempt.events()) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        """Give back connections."""
        await self._connection.aclose()

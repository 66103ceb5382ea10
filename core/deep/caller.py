"""Who makes deep calls: a provider's transport, the demo's, or one that first waits for its turn."""

from collections.abc import AsyncGenerator
from typing import Protocol

from core.providers.deep.calls import DeepEvent, DeepRequest


class Caller(Protocol):
    """One place that answers deep calls, several at a time where it can."""

    @property
    def address(self) -> str:
        """The place's URL, without credentials."""
        ...

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``."""
        ...

    def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Ask; the last event is a `Finished` or a `Failed`. Closing the generator closes the socket.

        Between a `Retrying` and the next event nothing of what came before is part of the answer.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...

"""One request on its way through the server: what it was, what it may use, and where its answer goes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.server.faults import Fault
from tests.server.journal import Journal
from tests.server.memory import Memory
from tests.server.models import Model
from tests.server.runner import Read
from tests.server.script import Script
from tests.server.wire import Outlet


@dataclass(slots=True)
class Call:
    """A request with the script as it was when the request came.

    Attributes:
        number: its id in the log.
        fault: what goes wrong with this one.
    """

    number: int
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]
    script: Script
    models: tuple[Model, ...]
    fault: Fault | None
    memory: Memory
    outlet: Outlet
    journal: Journal
    _has_spoken: bool = field(default=False, init=False)

    def queued(self) -> None:
        """Note that it waits for a slot."""
        self.journal.queued(self.number)

    def granted(self) -> None:
        """Note that it has a slot."""
        self.journal.granted(self.number)

    def has_read(self, read: Read) -> None:
        """Note what of its prompt was there already."""
        self.journal.read(self.number, read)

    async def speaks(self) -> None:
        """Hand over what is waiting; the first time is the first token's."""
        at = time.monotonic()
        await self.outlet.flush()
        if not self._has_spoken:
            self._has_spoken = True
            self.journal.first_token(self.number, at)

"""What deep runs ask of the rooms beside them: where they go, and what is sent along."""

import asyncio
from typing import Protocol

from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, Pack
from core.engine.depths import AfterOffline
from core.messages import Message


class Places(Protocol):
    """Where deep questions go."""

    async def find(self, question: DeepQuestion) -> Depth:
        """Where this one would go; sends nothing. Raises `HouseError`."""
        ...

    def offer(self) -> str:
        """One line about a vendor's key in the environment; empty without one."""
        ...

    def take_offer(self) -> str:
        """Use it from now on; what to say of it."""
        ...

    async def after_offline(self, prepared: Prepared, *, can_ask: bool = True) -> AfterOffline:
        """What to do with a run that found no way. Raises `HouseError`."""
        ...

    async def wait_for_way(self, depth: Depth, again: asyncio.Event) -> None:
        """Return when a place can be reached again."""
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...


class Packing(Protocol):
    """What is sent along with a question, and how it is kept."""

    async def build(self, question: DeepQuestion, depth: Depth) -> Pack:
        """All that would be sent. Raises `HouseError`."""
        ...

    def fits(self, pack: Pack, depth: Depth) -> bool:
        """Whether the window holds it, with room for an answer."""
        ...

    def asks(self, question: DeepQuestion, pack: Pack, depth: Depth, estimate: Estimate) -> tuple[str, ...]:
        """Why the person is asked first; empty when the run may begin."""
        ...

    def messages(self, pack: Pack) -> tuple[Message, ...]:
        """The pack as it is sent."""
        ...

    def tokens(self, pack: Pack) -> int:
        """About how many tokens are sent."""
        ...

    def kinds(self, pack: Pack) -> tuple[str, ...]:
        """Kinds of content that are sent."""
        ...

    def to_json(self, pack: Pack) -> str:
        """The pack for the journal."""
        ...

    def from_json(self, text: str) -> Pack:
        """The same pack again. Raises `HouseError`."""
        ...

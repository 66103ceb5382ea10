"""Follow-up questions under an answer: found by rules, then by the model, then answered ahead."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from core.providers.base import Provider, Request
from core.settings.model import SpeculationSettings
from core.speculation.background import Background
from core.speculation.chip import Chip, Offer
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.ports import Adopted, Answered, Drafts
from core.speculation.speeds import Speeds
from core.store.speculation import SpeculationStore


class Suggesting:
    """One answer's chips, from the moment it ended to the first key."""

    def __init__(
        self,
        provider: Provider,
        background: Background,
        drafts: Drafts,
        store: SpeculationStore,
        settings: SpeculationSettings,
        speeds: Speeds,
        held: Held,
        judge: Callable[[Request], Level],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        pass

    async def after(self, answered: Answered, warm: Callable[[], Awaitable[None]]) -> None:
        """Offer by rules at once; then, while nothing is typed, ask the model, write heads, extend the best.

        Returns when nothing is left to do. Cancelled by `end`.
        """
        await warm()

    def end(self) -> None:
        """The first key: the chip call and answers ahead end; what is there already stays on offer."""

    def keeps(self, question: str) -> bool:
        """Whether what runs now answers this very text, so that it may go on while it stands there."""
        return False

    def adopt(self, request: Request) -> Adopted | None:
        """The answer that was made ahead for this very request: whole, running, or its head; else None."""
        return None

    def took(self, chip: Chip) -> None:
        """The person chose it."""

    def ignored(self) -> None:
        """The person asked something else."""

    async def watch(self) -> AsyncGenerator[Offer, None]:
        """Every new state of what is on offer, from now on."""
        yield Offer(0)

"""Follow-up questions under an answer: found by rules, then by the model, then answered ahead."""

from collections.abc import AsyncGenerator

from core.providers.base import Request
from core.speculation.chip import Chip, Offer
from core.speculation.ports import Adopted, Answered


class Suggesting:
    """One answer's chips, from the moment it ended to the first key."""

    async def after(self, answered: Answered) -> None:
        """Offer by rules at once; then, while nothing is typed, ask the model, write heads, extend the best.

        Returns when nothing is left to do. Cancelled by `end`.
        """
        raise NotImplementedError

    def end(self) -> None:
        """The first key: the chip call and answers ahead end; what is there already stays on offer."""
        raise NotImplementedError

    def keeps(self, question: str) -> bool:
        """Whether what runs now answers this very text, so that it may go on while it stands there."""
        raise NotImplementedError

    def adopt(self, request: Request) -> Adopted | None:
        """The answer that was made ahead for this very request: whole, running, or its head; else None."""
        raise NotImplementedError

    def took(self, chip: Chip) -> None:
        """The person chose it."""
        raise NotImplementedError

    def ignored(self) -> None:
        """The person asked something else."""
        raise NotImplementedError

    def watch(self) -> AsyncGenerator[Offer, None]:
        """Every new state of what is on offer, from now on."""
        raise NotImplementedError

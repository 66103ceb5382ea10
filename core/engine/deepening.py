"""Depth when asked: prepares runs, starts them, and knows those that a crash left behind."""

from dataclasses import dataclass

from core.deep.arming import Prepared
from core.deep.question import DeepQuestion
from core.deep.run import Run


@dataclass(frozen=True, slots=True)
class LeftRun:
    """A run that was interrupted, or waits for a way to its provider.

    Attributes:
        run: of the store.
        done, count: finished stages, of all.
        stage: the name of the one it was in.
    """

    run: int
    turn: int
    conversation: int
    question: str
    model: str
    host: str
    state: str
    done: int
    count: int
    stage: str


class Deepening:
    """Deep runs of one engine."""

    async def prepare(self, question: DeepQuestion) -> Prepared:
        """What would be sent where; nothing is sent, and no name is looked up.

        Raises:
            HouseError: It cannot be asked in depth: no model is set, no key, no such turn.
        """
        raise NotImplementedError

    def strike(self, prepared: Prepared, item: str) -> Prepared:
        """The same without an item of its pack, or with it again."""
        raise NotImplementedError

    def start(self, prepared: Prepared) -> Run:
        """Begin it; it goes on by itself, whoever listens."""
        raise NotImplementedError

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run of this process that is not over, and the last ones that are; oldest first."""
        raise NotImplementedError

    def left(self) -> tuple[LeftRun, ...]:
        """Runs of this project that a crash interrupted, or that wait for a way to their provider."""
        raise NotImplementedError

    async def resume(self, run: int) -> Run:
        """Go on with one; finished stages are not paid for again. Raises `HouseError`."""
        raise NotImplementedError

    async def keep(self, run: int) -> None:
        """Leave it as it is, as a partial answer; it is not offered again. Raises `HouseError`."""
        raise NotImplementedError

    async def drop(self, run: int) -> None:
        """Forget it with what it wrote. Raises `HouseError`."""
        raise NotImplementedError

    def offer(self) -> str:
        """One line about a vendor's key found in the environment; empty when there is nothing to offer."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """End what runs, and keep what came."""
        raise NotImplementedError

"""A speculator that does what a test says, and remembers what it was told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

from core.cache.found import Wanted
from core.engine.ahead import MadeAhead
from core.engine.asked import Asked, Preparing
from core.engine.drafting import EngineDrafts
from core.engine.models import Models
from core.engine.recall import Recall
from core.lanes import Lanes
from core.messages import Question, Route
from core.providers.base import Ended, Piece, Provider, Request
from core.settings.model import Settings
from core.speculation.chip import Chip, Offer
from core.speculation.level import Level
from core.speculation.modesty import Judgement
from core.speculation.ports import Adopted, Answered
from core.store.database import Database

Step = Piece | Exception | asyncio.Event


class Prepared:
    """A stream made ahead: what it says, and whether it was closed by who read it.

    Args:
        route, origin, age_s: as `Adopted` has them.
    """

    def __init__(
        self,
        *steps: Step,
        route: Route = Route.PREFETCH_HIT,
        origin: str = "full",
        age_s: float = 12.0,
    ) -> None:
        self.steps = steps
        self.is_closed = False
        self.adopted = Adopted(self._stream(), route, origin, age_s)

    async def _stream(self) -> AsyncGenerator[Piece, None]:
        try:
            for step in self.steps:
                match step:
                    case Exception():
                        raise step
                    case asyncio.Event():
                        await step.wait()
                    case _:
                        yield step
        finally:
            self.is_closed = True


class StagedSpeculator:
    """The face of `core.speculation.speculator.Speculator`, with nothing behind it.

    Attributes:
        ready: what the next question finds made ahead; taken once.
        told: each call that the engine made, in order.
        drafts: the engine's own.
        lanes: the engine's own.
        was_wanted: whether the foreground was taken already when it was asked to make way.
        on_answered: is called with each answer.
    """

    def __init__(self, lanes: Lanes, drafts: EngineDrafts) -> None:
        self.ready: Prepared | None = None
        self.told: list[tuple[str, object]] = []
        self.drafts = drafts
        self.lanes = lanes
        self.was_wanted: list[bool] = []
        self.on_answered: Callable[[Answered], None] = lambda answered: None

    def begin(self, conversation: int | None) -> None:
        self.told.append(("begin", conversation))

    def typed(self, question: Question) -> None:
        raise AssertionError("the engine types nothing")

    def focused(self, has_focus: bool) -> None:
        raise AssertionError("the engine has no focus")

    def took(self, chip: Chip) -> None:
        raise AssertionError("the engine takes no chip")

    async def watch(self) -> AsyncGenerator[Offer, None]:
        raise AssertionError("the engine shows nothing")
        yield

    def judgement(self) -> Judgement:
        return Judgement(Level.ALL)

    def adopt(self, request: Request) -> Adopted | None:
        self.told.append(("adopt", request))
        self.was_wanted.append(self.lanes.is_wanted)
        ready, self.ready = self.ready, None
        return None if ready is None else ready.adopted

    def answered(self, answered: Answered, ended: Ended | None) -> None:
        self.was_wanted.append(self.lanes.is_wanted)
        self.told.append(("answered", answered))
        self.on_answered(answered)

    def passed(self, *, is_lost: bool = False) -> None:
        self.told.append(("passed", is_lost))

    def queued(self) -> None:
        self.told.append(("queued", None))

    async def aclose(self) -> None:
        self.told.append(("closed", None))

    @property
    def words(self) -> list[str]:
        """The names of the calls."""
        return [name for name, _ in self.told]

    def all(self, kind: type[Answered]) -> list[Answered]:
        """What was told of answers."""
        return [value for _, value in self.told if isinstance(value, kind)]


def stage(
    settings: Settings,
    provider: Provider,
    models: Models,
    lanes: Lanes,
    preparing: Preparing,
    recall: Recall,
    database: Database,
    wanted: Callable[[Asked], Wanted],
    *clocks: Callable[[], float],
) -> MadeAhead:
    """What `open_speculation` gives, with the staged one."""
    drafts = EngineDrafts(models, preparing, recall, wanted)
    return MadeAhead(StagedSpeculator(lanes, drafts), drafts)  # type: ignore[arg-type]  # the same face


def said(*texts: str, reason: str = "stop") -> Iterable[Piece]:
    """A whole answer's pieces."""
    from core.events import TextDelta

    yield from map(TextDelta, texts)
    yield Ended(reason, input_tokens=10, output_tokens=len(texts))

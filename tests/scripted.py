"""A provider that says what you wrote, with the pauses you wrote, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from core.events import TextDelta, ThinkingDelta, Waiting
from core.providers.base import Ended, ModelInfo, Piece, PullProgress, Request, ServerState


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait of so many seconds."""

    seconds: float


Step = str | Piece | Pause | asyncio.Event | Exception
"""Text, any piece, a pause, a door that opens when the event is set, or what goes wrong."""

CHAT = frozenset({"completion"})
SCRIPTED = ModelInfo("scripted:1b", size_bytes=1_000_000, context_length=32_768, capabilities=CHAT)


class ScriptedProvider:
    """Says its answers in order, and the last one again and again.

    An answer that neither ends nor fails by itself ends well.

    Args:
        answers: each a list of steps.
        models: what `look` finds; may be replaced at any time, by an exception as well.

    Attributes:
        requests: what it was asked.
        looks: how often it was looked at.
        waits: set as soon as it stands before a door.
        closed: how many streams were left before their end, by whoever read them.
        place_word: where its models run.
    """

    name = "scripted"
    fetches = True
    address = "scripted://here"

    def __init__(self, *answers: Sequence[Step], models: tuple[ModelInfo, ...] = (SCRIPTED,)) -> None:
        self.answers = list(answers) or [["Hel", "lo"]]
        self.models: tuple[ModelInfo, ...] | Exception = models
        self.requests: list[Request] = []
        self.looks = 0
        self.closed = 0
        self.waits = asyncio.Event()
        self.is_given_back = False
        self.place_word = "local"

    def place(self, remote_host: str = "") -> str:
        """Where its models run."""
        return f"REMOTE {remote_host}" if remote_host else self.place_word

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Say the next answer."""
        self.requests.append(request)
        steps = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        spoken = 0
        try:
            for step in steps:
                match step:
                    case str():
                        spoken += 1
                        yield TextDelta(step)
                    case Pause(seconds):
                        await asyncio.sleep(seconds)
                    case asyncio.Event():
                        self.waits.set()
                        await step.wait()
                    case Exception():
                        raise step
                    case TextDelta() | ThinkingDelta() | Waiting() | Ended():
                        yield step
                        if isinstance(step, Ended):
                            return
            yield Ended("stop", input_tokens=10, output_tokens=spoken)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def look(self) -> ServerState:
        """What it has."""
        self.looks += 1
        if isinstance(self.models, Exception):
            raise self.models
        return ServerState("1.0", self.models)

    async def show(self, model: ModelInfo) -> ModelInfo:
        """The same model: nothing is left out."""
        return model

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Fetch it in two steps."""
        yield PullProgress("pulling", 1, 2)
        yield PullProgress("success", 2, 2)

    async def aclose(self) -> None:
        """Note that it was given back."""
        self.is_given_back = True

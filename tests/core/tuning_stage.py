"""Four models on one simulated machine: the test server's own runner in process, on a virtual clock."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from core.errors import ProviderError
from core.events import TextDelta
from core.messages import Role
from core.providers.base import Ended, ModelInfo, Piece, PullProgress, Request, ServerState
from tests.server.quiz import Pupil
from tests.server.runner import Pace, Read, Runner

LOAD_S = 2.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """One model.

    Attributes:
        share: of the quiz that it answers rightly.
        ttft_s: what every request takes before its first token.
    """

    name: str
    share: float
    ttft_s: float
    seed: int = 0
    size_bytes: int = 2_000_000_000


class Machine:
    """A provider of such models, of which one is in memory.

    Attributes:
        asked: the models that were asked something, in order.
        breaks: raised by the next request, once.
        holds: a request waits for it before it says anything, where it is set.
    """

    name = "ollama"
    fetches = True
    address = "http://127.0.0.1:11434"

    def __init__(self, models: Sequence[Simulated]) -> None:
        self._models = {model.name: model for model in models}
        self._pupils = {model.name: Pupil(model.share, model.seed) for model in models}
        self._runners = {
            model.name: Runner(Pace(prefill_per_s=4000, decode_per_s=60, overhead_s=model.ttft_s))
            for model in models
        }
        self.loaded = ""
        self.asked: list[str] = []
        self.breaks: ProviderError | None = None
        self.holds: asyncio.Event | None = None
        self.where = "local"

    def place(self, remote_host: str = "") -> str:
        """On this machine, unless a test says otherwise."""
        return self.where

    async def look(self) -> ServerState:
        """All of them, the one in memory marked."""
        return ServerState("0.33.0", tuple(self._info(model) for model in self._models.values()))

    def _info(self, model: Simulated) -> ModelInfo:
        in_memory = model.size_bytes if model.name == self.loaded else 0
        return ModelInfo(
            model.name,
            digest=f"sha256:{model.name}",
            size_bytes=model.size_bytes,
            context_length=32_768,
            capabilities=frozenset({"completion"}),
            loaded_ctx=8192 if in_memory else 0,
            loaded_bytes=in_memory,
            loaded_vram_bytes=in_memory // 2,
        )

    async def show(self, model: ModelInfo) -> ModelInfo:
        """Nothing more is known."""
        return model

    async def unload(self, model: str) -> None:
        """Out of memory."""
        if self.loaded == model:
            self.loaded = ""

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to fetch."""
        yield PullProgress("done")

    async def aclose(self) -> None:
        """Nothing is open."""

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer as the model's pupil does."""
        self.asked.append(request.model)
        if (error := self.breaks) is not None:
            self.breaks = None
            raise error
        load_ms = 0.0
        if self.loaded != request.model:
            await asyncio.sleep(LOAD_S)
            self.loaded, load_ms = request.model, LOAD_S * 1000
        if self.holds is not None:
            await self.holds.wait()
        if not request.messages:
            yield Ended("stop", load_ms=load_ms)
            return
        text = self._pupils[request.model].says(request.messages[-1].text)
        words = [f"{word} " for word in text.split(" ")][: request.num_predict]
        prompt = "\n".join(message.text for message in request.messages if message.role is not Role.ASSISTANT)
        read = Read(0, 0, 0.0, 0.0)
        async with aclosing(self._runners[request.model].run(prompt, words)) as steps:
            async for step in steps:
                if isinstance(step, Read):
                    read = step
                else:
                    yield TextDelta("".join(step.pieces))
        yield Ended(
            "stop",
            input_tokens=read.cached + read.computed,
            cached_tokens=read.cached,
            output_tokens=len(words),
            load_ms=load_ms,
            prefill_ms=read.prefill_s * 1000,
            decode_ms=max(1, len(words) - 1) / 60 * 1000,
        )

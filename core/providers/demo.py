"""The demo model: a provider inside the program, with prepared answers and the pace of a real model.

It is there so that leadline can be tried without a model, a key or a network. It is offered and plainly
labelled, never put in the place of a real model, and it says so when it does not know an answer.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from core.errors import ModelMissing, RequestRejected
from core.events import TextDelta
from core.messages import Message
from core.providers.base import Ended, ModelInfo, Piece, PullProgress, Request, ServerState
from core.providers.demo_prompt import parse, render
from core.providers.demo_speech import Speaker, load_speaker

MODEL_NAME = "demo model"
WINDOW = 8192


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the demo model speaks; as delivered, like a small model on a good laptop."""

    ttft_s: float = 0.12
    tokens_per_s: float = 60.0


class DemoProvider:
    """Answers from what was prepared, without any connection.

    Args:
        sleep: how it waits between pieces.
        now: a clock in seconds.

    Attributes:
        pace: how fast it speaks.
    """

    name = "demo"
    fetches = True

    def __init__(
        self,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.pace = pace or Pace()
        self._sleep = sleep
        self._now = now
        self._speaker: Speaker | None = None

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return "built in"

    def place(self, remote_host: str = "") -> str:
        """Where its model runs; `remote_host` cannot apply."""
        return "demo"

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer the last question, word by word; closing the generator ends it at once.

        Raises:
            ModelMissing: Another model was named; answering in its place would be a lie.
        """
        _refuse_others(request.model)
        if not request.messages:  # it is always loaded
            yield Ended("stop")
            return
        async with aclosing(self._speak(request, request.messages)) as pieces:
            async for piece in pieces:
                yield piece

    async def render(self, request: Request) -> str:
        """The whole prompt of a request, as text."""
        _refuse_others(request.model)
        return render(request.messages)

    async def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        """Go on from a prompt as it stands, word by word."""
        _refuse_others(request.model)
        async with aclosing(self._speak(request, parse(prompt) or ())) as pieces:
            async for piece in pieces:
                yield piece

    async def _speak(self, request: Request, messages: tuple[Message, ...]) -> AsyncGenerator[Piece, None]:
        """Say what belongs behind these messages, at the pace of a model."""
        started = self._now()
        # In a thread: the first import of rapidfuzz takes longer than a frame.
        speaker = await self._recall()
        text = await asyncio.to_thread(speaker.say, messages, request.schema)
        await self._sleep(self.pace.ttft_s)
        first = self._now()
        spoken, reason = 0, "stop"
        for piece in split_words(text):
            tokens = estimate_tokens(piece)
            if 0 < request.num_predict < spoken + tokens:
                reason = "length"
                break
            if spoken:
                await self._sleep(tokens / self.pace.tokens_per_s)
            spoken += tokens
            yield TextDelta(piece)
        ended = self._now()
        yield Ended(
            reason=reason,
            input_tokens=sum(estimate_tokens(message.text) for message in messages),
            output_tokens=spoken,
            prefill_ms=(first - started) * 1000,
            decode_ms=(ended - first) * 1000,
            server_ms=(ended - started) * 1000,
        )

    async def look(self) -> ServerState:
        """Name the one model, which is always loaded."""
        model = ModelInfo(
            name=MODEL_NAME,
            family="demo",
            context_length=WINDOW,
            capabilities=frozenset({"completion"}),
            loaded_ctx=WINDOW,
        )
        return ServerState(version="demo", models=(model,))

    async def show(self, model: ModelInfo) -> ModelInfo:
        """Give the model back as it is: `look` leaves nothing out."""
        return model

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Refuse: the demo fetches nothing.

        Raises:
            RequestRejected: Always.
        """
        fetched: tuple[PullProgress, ...] = ()
        for progress in fetched:  # a generator, as the protocol has it
            yield progress
        raise RequestRejected(
            "the demo model cannot fetch other models",
            f"Install Ollama (https://ollama.com/download), then run `leadline pull {model}` without --demo.",
        )

    async def aclose(self) -> None:
        """Give back nothing: there are no connections."""

    async def _recall(self) -> Speaker:
        if self._speaker is None:
            self._speaker = await asyncio.to_thread(load_speaker)
        return self._speaker


def _refuse_others(model: str) -> None:
    if model != MODEL_NAME:
        raise ModelMissing(
            f'the demo has only the "{MODEL_NAME}", not "{model}"',
            "Run leadline without --demo to use a real model.",
        )


def estimate_tokens(text: str) -> int:
    """Estimate tokens as for English text; a word has at least one."""
    return max(1, round(len(text) / 4)) if text else 0


def split_words(text: str) -> list[str]:
    """Cut a text into word-sized pieces, each with the space before it; together they are the text."""
    return re.findall(r"\s*\S+", text)

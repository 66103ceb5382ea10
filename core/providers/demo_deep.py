"""Deep calls of the demo model: prepared thinking, plans, parts and answers, at the pace of a real one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from core.events import TextDelta, ThinkingDelta
from core.providers.deep.calls import (
    DeepEvent,
    DeepRequest,
    Effort,
    Failed,
    Finished,
    Reason,
    Started,
    Usage,
)
from core.providers.deep.failures import ModelUnknown
from core.providers.demo import MODEL_NAME, Pace, estimate_tokens, split_words
from core.providers.demo_answers import Repertoire, load_repertoire
from core.providers.demo_scenes import Scene, Speech, load_scenes, speech_for

_BEGINS_LATER = 3.0
_SPEAKS_FASTER = 2.4
"""A strong model far away takes longer to begin and writes faster; and a demo must not bore."""


class DemoCaller:
    """Answers deep calls from what was prepared, without any connection.

    Args:
        pace: of the quick answers; the deep ones have their own by it.
        sleep: how it waits between pieces.
    """

    address = "built in"

    def __init__(
        self, pace: Pace | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._pace = pace or Pace()
        self._sleep = sleep
        self._prepared: tuple[Repertoire, Mapping[str, Scene]] | None = None

    def place(self, remote_host: str = "") -> str:
        """Where its model runs; `remote_host` cannot apply."""
        return "demo"

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Think, then answer, word by word; closing the generator ends it at once."""
        if request.model != MODEL_NAME:
            yield Failed(
                ModelUnknown(
                    f'the demo has only the "{MODEL_NAME}", not "{request.model}"',
                    "Run leadline without --demo to use a real model.",
                )
            )
            return
        # In a thread: the first import of rapidfuzz takes longer than a frame.
        speech = await asyncio.to_thread(self._speech, request)
        await self._sleep(self._pace.ttft_s * _BEGINS_LATER)
        yield Started(MODEL_NAME)
        thinking = split_words(speech.thinking) if request.effort is not Effort.NONE else []
        for piece in thinking:
            await self._breathe(piece)
            yield ThinkingDelta(piece)
        for piece in split_words(speech.text):
            await self._breathe(piece)
            yield TextDelta(piece)
        thought = sum(map(estimate_tokens, thinking))
        yield Usage(
            input_tokens=sum(estimate_tokens(message.text) for message in request.messages),
            thinking_tokens=thought,
            output_tokens=thought + estimate_tokens(speech.text),
        )
        yield Finished(Reason.STOP, "stop")

    async def aclose(self) -> None:
        """Give back nothing: there are no connections."""

    async def _breathe(self, piece: str) -> None:
        await self._sleep(estimate_tokens(piece) / (self._pace.tokens_per_s * _SPEAKS_FASTER))

    def _speech(self, request: DeepRequest) -> Speech:
        self._prepared = self._prepared or (load_repertoire(), load_scenes())
        return speech_for(*self._prepared, request.messages)

"""The demo model: a provider inside the program, with prepared answers and the pace of a real model.

It is there so that leadline can be tried without a model, a key or a network. It is offered and plainly
labelled, never put in the place of a real model, and it says so when it does not know an answer.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from core.errors import ModelMissing, RequestRejected
from core.events import TextDelta
from core.messages import Message, Role
from core.providers.base import Ended, ModelInfo, Piece, PullProgress, Request, ServerState
from core.providers.demo_answers import LONGEST_QUESTION, Repertoire, load_repertoire
from core.providers.demo_failures import explain_failure

MODEL_NAME = "demo model"
WINDOW = 8192

# How a prompt marks where the files end and the question begins.
_END_OF_FILES = "</file>\n\n"

_GET_A_MODEL = """\
To get a real model:

1. Install Ollama from <https://ollama.com/download>.
2. Start it, if it does not run already: `ollama serve`
3. Fetch a small model: `leadline pull qwen3:4b`
4. Run `leadline`, without `--demo`."""


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
        self._repertoire: Repertoire | None = None

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
        if request.model != MODEL_NAME:
            raise ModelMissing(
                f'the demo has only the "{MODEL_NAME}", not "{request.model}"',
                "Run leadline without --demo to use a real model.",
            )
        started = self._now()
        # In a thread: the first import of rapidfuzz takes longer than a frame.
        text = await asyncio.to_thread(compose, await self._recall(), last_question(request.messages))
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
            input_tokens=sum(estimate_tokens(message.text) for message in request.messages),
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

    async def _recall(self) -> Repertoire:
        if self._repertoire is None:
            self._repertoire = await asyncio.to_thread(load_repertoire)
        return self._repertoire


def compose(repertoire: Repertoire, message: str) -> str:
    """Give the prepared answer or what a failing test says of itself, or say honestly that there is none."""
    files, _, question = message.rpartition(_END_OF_FILES)
    if files and (said := explain_failure(question, files)) is not None:
        return said
    known = repertoire.find(question)
    if known is not None and files:
        return f"What you sent along I cannot read; this is what I had prepared.\n\n{known.text}"
    if known is not None:
        return known.text
    parts = ["I am the demo model: I only know some thirty prepared answers, and this is not one of them."]
    if files or carries_more(question):
        parts.append("If you sent a file or pasted text along: I cannot read it.")
    proposals = "\n".join(f"- {ask}" for ask in repertoire.nearest(question, 3))
    return f"{' '.join(parts)}\n\n{_GET_A_MODEL}\n\nThree questions that I do know:\n\n{proposals}"


def last_question(messages: tuple[Message, ...]) -> str:
    """Find what the person said last; empty when they said nothing."""
    return next((message.text for message in reversed(messages) if message.role is Role.USER), "")


def carries_more(question: str) -> bool:
    """Say whether a message looks as if a file or pasted text came along with the question."""
    return len(question) > LONGEST_QUESTION or "\n" in question.strip() or "```" in question


def estimate_tokens(text: str) -> int:
    """Estimate tokens as for English text; a word has at least one."""
    return max(1, round(len(text) / 4)) if text else 0


def split_words(text: str) -> list[str]:
    """Cut a text into word-sized pieces, each with the space before it; together they are the text."""
    return re.findall(r"\s*\S+", text)

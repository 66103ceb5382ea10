"""The server is made to read the beginning of a prompt, a slice at a time, so that the rest is short.

A prompt that is cut in its last message does for most models. Hybrid ones (recurrent layers) cannot be cut
back: what the template puts behind the last message would have to be unread. For these the prompt is rendered
once for each state of the conversation, with a mark in the place of the person's text, and goes out raw, up
to the text itself. So it does where reading is slow: there each token that the template adds is felt.
"""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from core.errors import ProviderError
from core.messages import Message, Role
from core.providers.base import Piece, Provider, Renders, Request
from core.speculation.background import Background, Job, Purpose
from core.speculation.held import Held
from core.speculation.speeds import Speeds

_HYBRIDS = (
    "qwen3.5", "qwen35", "qwen3next", "lfm2", "nemotron_h", "nemotronh", "granitehybrid", "granite-hybrid",
    "falcon-h1", "falcon_h1", "falconh1", "jamba", "mamba",
)  # fmt: skip
"""How the families begin whose slot cannot be cut back to an arbitrary token."""


class Reading:
    """Starts the requests whose only use is what the server has read afterwards.

    Args:
        family: of a model by its name, in the server's words; empty while it is not known.
    """

    def __init__(
        self,
        provider: Provider,
        background: Background,
        held: Held,
        speeds: Speeds,
        family: Callable[[str], str],
    ) -> None:
        self._provider = provider
        self._background = background
        self._held = held
        self._speeds = speeds
        self._family = family
        self._mark = f"mark-{os.urandom(8).hex()}"
        self._plain: set[str] = set()
        self._head: tuple[Request, str] | None = None

    def may_lose(self, request: Request) -> bool:
        """Whether a slice of it may make the server let go of more than it would read."""
        return self._held.may_lose(request, self._background.most_uncached)

    def start(self, purpose: Purpose, request: Request) -> Job:
        """Have as much of a request's prompt read as one speculative request may; only while it is free."""
        most = self._background.most_uncached
        sliced = replace(request, messages=self._held.next_slice(request, most), num_predict=1)
        uncached = self._held.uncached_tokens(sliced)
        provider = self._provider
        if self._needs_raw(request.model) and isinstance(provider, Renders):
            whole = replace(request, num_predict=1)
            return self._background.start(
                purpose, lambda: self._raw(provider, whole, sliced), uncached, request=sliced
            )
        sent = _as_history(sliced)
        return self._background.start(purpose, lambda: self._provider.stream(sent), uncached, request=sliced)

    def _needs_raw(self, model: str) -> bool:
        if model in self._plain:
            return False
        return self._speeds.is_slow or self._family(model).casefold().startswith(_HYBRIDS)

    async def _raw(self, provider: Renders, whole: Request, sliced: Request) -> AsyncGenerator[Piece, None]:
        """The slice as raw text; as a chat where this server, or this template, does not show its prompt."""
        try:
            head = await self._head_of(provider, whole)
        except ProviderError:
            head = None
        if head is None:
            self._plain.add(whole.model)
            async with aclosing(self._provider.stream(_as_history(sliced))) as pieces:
                async for piece in pieces:
                    yield piece
            return
        prompt = head + whole.messages[-1].text.strip()
        if left_out := _size(whole) - _size(sliced):
            prompt = prompt[: max(len(prompt) - left_out, 1)]
        async with aclosing(provider.stream_raw(sliced, prompt)) as pieces:
            async for piece in pieces:
                yield piece

    async def _head_of(self, provider: Renders, whole: Request) -> str | None:
        """All that stands before the person's text; None when the mark does not come back just once."""
        if whole.messages[-1].role is not Role.USER:
            return None
        marked = replace(whole, messages=(*whole.messages[:-1], Message(Role.USER, self._mark)))
        if self._head is None or self._head[0] != marked:
            rendered = await provider.render(marked)
            if rendered.count(self._mark) != 1:
                return None
            self._head = (marked, rendered[: rendered.index(self._mark)])
        return self._head[1]


def _as_history(sliced: Request) -> Request:
    """A slice that ends in an answer, with a question behind it: else it would be an answer to go on with.

    That one stands otherwise in some prompts (a thinking model's has an empty thought before it), and nothing
    of what was read would be of use to the next question.
    """
    if sliced.messages[-1].role is not Role.ASSISTANT:
        return sliced
    return replace(sliced, messages=(*sliced.messages, Message(Role.USER, "")))


def _size(request: Request) -> int:
    return sum(len(message.text) for message in request.messages)

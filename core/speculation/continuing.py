"""Goes on behind the head of an answer, where the model is then given exactly what it would have had itself.

A prompt that ends in the assistant's own words is closed by some templates, trimmed or thought about anew by
others. So the request is shown as the model is given it, the head put behind it, and the model goes on from
that text as it stands. Where a server does not show its prompts, or shows something else than what was to be
sent, a head is not gone on with: the answer is made anew.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from core.errors import ProviderError, RequestRejected
from core.events import TextDelta
from core.messages import Message, Role
from core.providers.base import Ended, Piece, Provider, Renders, Request

_MOST_REMEMBERED = 8
_SPACE = frozenset(" \n\t\r")
_WITHOUT_SPACES = "\u2e80"
"""From here on scripts put no space between words: each of their characters ends one."""


class Continuing:
    """Says how a model's answers can be gone on with, and goes on."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._prompts: dict[Request, str] = {}
        self._refused: set[str] = set()

    async def learn(self, request: Request) -> bool:
        """Whether a head of this request's answer can be gone on with; asks the server, writes nothing."""
        provider = self._provider
        if request in self._prompts:
            return True
        if not isinstance(provider, Renders) or request.model in self._refused:
            return False
        try:
            prompt = await provider.render(request)
        except RequestRejected:
            self._refused.add(request.model)
            return False
        except ProviderError:
            return False
        if not _holds_all(prompt, request):
            self._refused.add(request.model)
            return False
        while len(self._prompts) >= _MOST_REMEMBERED:
            del self._prompts[next(iter(self._prompts))]
        self._prompts[request] = prompt
        return True

    def is_known(self, request: Request) -> bool:
        """Whether it was learnt that a head of this request's answer can be gone on with."""
        return request in self._prompts

    def rest(
        self, request: Request, head: str, tokens: int
    ) -> Callable[[], AsyncGenerator[Piece, None]] | None:
        """Opens the stream of what comes behind a head of so many tokens; None where that is not possible."""
        provider, prompt = self._provider, self._prompts.get(request)
        if prompt is None or not isinstance(provider, Renders):
            return None
        return lambda: provider.stream_raw(behind(request, head, tokens), prompt + head)


def behind(request: Request, head: str, tokens: int) -> Request:
    """The request that goes on behind a head: its bound is what the head has left of it."""
    left = request.num_predict if request.num_predict < 0 else max(1, request.num_predict - tokens)
    return replace(request, messages=(*request.messages, Message(Role.ASSISTANT, head)), num_predict=left)


def cut_at_word(text: str) -> str:
    """The text up to its last finished word, without the space behind it.

    A model's words mostly begin with their space, so what goes on behind a bare space, or within a word, is
    not what would have been written there.
    """
    end = len(text)
    while end and text[end - 1] not in _SPACE:
        if text[end - 1] >= _WITHOUT_SPACES:
            return text[:end]
        end -= 1
    while end and text[end - 1] in _SPACE:
        end -= 1
    return text[:end]


async def with_head(head: str, tokens: int, rest: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
    """A head at once, then what comes behind it, ended as one answer."""
    async with aclosing(rest):
        if head:
            yield TextDelta(head)
        async for piece in rest:
            yield one_answer(piece, tokens) if isinstance(piece, Ended) else piece


async def at_once(text: str, ended: Ended) -> AsyncGenerator[Piece, None]:
    """A whole answer."""
    yield TextDelta(text)
    yield ended


def one_answer(ended: Ended, head_tokens: int) -> Ended:
    """How an answer ended that was made in two parts.

    Without durations: what was done before the question was asked says nothing of how fast the model is.
    """
    return Ended(
        ended.reason,
        input_tokens=max(0, ended.input_tokens - head_tokens),
        output_tokens=ended.output_tokens + head_tokens,
        remote_host=ended.remote_host,
    )


def _holds_all(prompt: str, request: Request) -> bool:
    """Whether a prompt has every message, in their order, and the last one at its end but for marks."""
    at = 0
    for message in request.messages:
        text = message.text.strip()
        found = prompt.find(text, at)
        if found < 0:
            return False
        at = found + len(text)
    return bool(request.messages)

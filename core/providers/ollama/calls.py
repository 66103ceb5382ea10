"""What may be streamed: a chat, or what follows a prompt as it stands; they differ in nothing but shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from core.events import TextDelta, ThinkingDelta
from core.providers.base import Ended, Request
from core.providers.fields import number_of, object_in, text_of
from core.providers.ollama.body import chat_body, raw_body
from core.sanitise import clean_line

Said = TextDelta | ThinkingDelta | Ended


class Call(Protocol):
    """One request of the hot path.

    Attributes:
        path: where it goes.
        chars: of its prompt, about.
    """

    @property
    def request(self) -> Request:
        """What it was made from."""
        ...

    @property
    def path(self) -> str: ...  # noqa: D102  (said above)

    @property
    def chars(self) -> int: ...  # noqa: D102

    def body(self, *, has_think: bool) -> bytes:
        """What is sent; without a word about thinking to a server that would refuse it."""
        ...

    def said(self, fields: dict[str, Any]) -> Iterator[Said]:
        """One line of the answer as pieces."""
        ...


@dataclass(frozen=True, slots=True)
class ChatCall:
    """Messages, rendered by the server."""

    request: Request
    path = "/api/chat"

    @property
    def chars(self) -> int:
        """Of all messages."""
        return sum(len(message.text) for message in self.request.messages)

    def body(self, *, has_think: bool) -> bytes:
        """What is sent."""
        return chat_body(self.request, has_think=has_think)

    def said(self, fields: dict[str, Any]) -> Iterator[Said]:
        """One line of the answer as pieces."""
        message = object_in(fields, "message")
        yield from _pieces(text_of(message, "thinking"), text_of(message, "content"), fields)


@dataclass(frozen=True, slots=True)
class RawCall:
    """A prompt as it stands."""

    request: Request
    prompt: str
    path = "/api/generate"

    @property
    def chars(self) -> int:
        """Of the prompt."""
        return len(self.prompt)

    def body(self, *, has_think: bool) -> bytes:
        """What is sent; it never asks for thinking."""
        return raw_body(self.request, self.prompt)

    def said(self, fields: dict[str, Any]) -> Iterator[Said]:
        """One line of the answer as pieces."""
        yield from _pieces(text_of(fields, "thinking"), text_of(fields, "response"), fields)


def _pieces(thinking: str, text: str, fields: dict[str, Any]) -> Iterator[Said]:
    if thinking:
        yield ThinkingDelta(thinking)
    if text:
        yield TextDelta(text)
    if fields.get("done") is True:
        yield _ended(fields)


def _ended(fields: dict[str, Any]) -> Ended:
    """The last line: why it ended, and the server's own counts and durations (nanoseconds)."""
    return Ended(
        reason="length" if fields.get("done_reason") == "length" else "stop",
        input_tokens=int(number_of(fields, "prompt_eval_count")),
        output_tokens=int(number_of(fields, "eval_count")),
        load_ms=number_of(fields, "load_duration") / 1e6,
        prefill_ms=number_of(fields, "prompt_eval_duration") / 1e6,
        decode_ms=number_of(fields, "eval_duration") / 1e6,
        server_ms=number_of(fields, "total_duration") / 1e6,
        remote_host=clean_line(text_of(fields, "remote_host")),
    )

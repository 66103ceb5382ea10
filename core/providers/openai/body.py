"""What a request says, as path and bytes, and what it leaves unsaid for a server that would not take it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.messages import Message
from core.providers.base import Request

CHAT_PATH = "/chat/completions"
OPTIONAL = ("stream_options", "chat_template_kwargs", "max_completion_tokens", "max_tokens")
"""What may be left out when a server refuses it by name; the longer of two alike comes first."""
WISHES = ("response_format", "temperature")
"""What a request may ask for besides; models that think take no temperature, and older servers no schema."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server wants its requests.

    Attributes:
        limit_key: how it calls the most tokens of an answer.
        can_stop_thinking: it takes ``chat_template_kwargs``, by which a template is told not to think.
    """

    limit_key: str = "max_tokens"
    can_stop_thinking: bool = False


PLAIN = Dialect()


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be sent below the address."""

    path: str
    body: bytes


def build(request: Request, dialect: Dialect = PLAIN, omitted: frozenset[str] = frozenset()) -> Call:
    """A streamed chat; the usage is asked for, as without it no tokens are told."""
    body = chat_fields(request.model, request.messages, dialect.limit_key, request.num_predict)
    if dialect.can_stop_thinking and request.think is False:
        body["chat_template_kwargs"] = {"enable_thinking": False}
    if request.schema:
        shape = {"name": "answer", "strict": True, "schema": json.loads(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    if request.temperature is not None:
        body["temperature"] = request.temperature
    return Call(CHAT_PATH, json.dumps({key: body[key] for key in body if key not in omitted}).encode())


def chat_fields(model: str, messages: Iterable[Message], limit_key: str, most: int) -> dict[str, Any]:
    """What every streamed chat says, however deep it is to go."""
    return {
        "model": model,
        "messages": [{"role": message.role.value, "content": message.text} for message in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        limit_key: max(1, most),
    }


def refused_field(said: str, omitted: frozenset[str], optional: tuple[str, ...] = OPTIONAL) -> str:
    """The optional field that a refusal names, and that had not been left out yet; empty when none is."""
    return next((name for name in optional if name in said and name not in omitted), "")

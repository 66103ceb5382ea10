"""What a request says, and what it leaves unsaid on purpose."""

import json
import re
from typing import Any

from core.providers.base import Request


def chat_body(request: Request, *, has_think: bool = True) -> bytes:
    """The body of ``POST /api/chat``; without messages it only loads the model.

    `think` is always sent, since absent means *on*; `truncate` is false, since a shortened prompt would be
    shortened silently. ``shift`` is left alone: it is part of what makes a model reload, and others who use
    this server leave it alone too.
    """
    body = _common(request) | {
        "messages": [{"role": message.role.value, "content": message.text} for message in request.messages],
        "think": request.think,
    }
    if not has_think:
        del body["think"]
    if not request.messages:  # nothing is written, and so there is nothing to bound
        del body["options"]["num_predict"]
    return json.dumps(body).encode()


def raw_body(request: Request, prompt: str) -> bytes:
    """The body of ``POST /api/generate`` that goes on from a prompt as it stands.

    `think` is false whatever the request says: else the server would look for thoughts in what is written,
    and hold it back meanwhile.
    """
    return json.dumps(_common(request) | {"prompt": prompt, "raw": True, "think": False}).encode()


def render_body(request: Request) -> bytes:
    """The body of ``POST /api/chat`` that is answered with the prompt, and with one token by old servers."""
    body: dict[str, Any] = json.loads(chat_body(request))
    body["options"]["num_predict"] = 1
    return json.dumps(body | {"stream": False, "_debug_render_only": True}).encode()


def unload_body(model: str) -> bytes:
    """The body of ``POST /api/chat`` that asks for nothing and lets the model go."""
    return json.dumps({"model": model, "messages": [], "stream": False, "keep_alive": 0}).encode()


def is_unloading(keep_alive: str) -> bool:
    """Whether a model is not to stay at all: what asks for no answer then unloads it, for everybody."""
    return any(char.isdigit() for char in keep_alive) and not re.search("[1-9]", keep_alive)


def keep_alive_word(text: str) -> str | int:
    """How long a model stays: a bare number is seconds for Ollama only when it is sent as a number."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text


def _common(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model,
        "stream": True,
        "truncate": False,
        "keep_alive": keep_alive_word(request.keep_alive),
        "options": _options(request),
    }
    return body | {"format": json.loads(request.schema)} if request.schema else body


def _options(request: Request) -> dict[str, float]:
    """A window of 0 is left to the server; of the others, none makes a model reload."""
    options: dict[str, float] = {"num_predict": max(1, request.num_predict)}
    if request.profile.num_ctx:
        options["num_ctx"] = request.profile.num_ctx
    if request.temperature is not None:
        options["temperature"] = request.temperature
    return options

"""What a chat request says, and what it leaves unsaid on purpose."""

import json
import re
from typing import Any

from core.providers.base import Request


def chat_body(request: Request, *, has_think: bool = True) -> bytes:
    """The body of ``POST /api/chat``.

    `think` is always sent, since absent means *on*; `truncate` is false, since a shortened prompt would be
    shortened silently. ``shift`` is left alone: it is part of what makes a model reload, and others who use
    this server leave it alone too.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role.value, "content": message.text} for message in request.messages],
        "stream": True,
        "think": request.think,
        "truncate": False,
        "keep_alive": keep_alive_word(request.keep_alive),
        "options": _options(request),
    }
    if not has_think:
        del body["think"]
    return json.dumps(body).encode()


def _options(request: Request) -> dict[str, int]:
    """A window of 0 is left to the server."""
    num_ctx, num_predict = request.profile.num_ctx, max(1, request.num_predict)
    return {"num_ctx": num_ctx, "num_predict": num_predict} if num_ctx else {"num_predict": num_predict}


def keep_alive_word(text: str) -> str | int:
    """How long a model stays: a bare number is seconds for Ollama only when it is sent as a number."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text

"""The fields of one chunk, by all the names that servers have for them."""

import json
from typing import Any

from core.errors import ProtocolBroken
from core.providers.fields import text_of
from core.sanitise import clean_line

_THINKING_FIELDS = ("reasoning_content", "reasoning")


def thinking_of(delta: dict[str, Any]) -> str:
    """A piece of reasoning; a server that has two of these fields says the same in both."""
    thought = next((text for name in _THINKING_FIELDS if (text := text_of(delta, name))), "")
    return thought or _details(delta.get("reasoning_details"))


def _details(value: object) -> str:
    """OpenRouter's list of reasoning parts, where the plain fields are missing."""
    parts = [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
    return "".join(text_of(part, "text") or text_of(part, "summary") for part in parts)


def object_of(data: bytes) -> dict[str, Any]:
    """The JSON object in the data of an event.

    Raises:
        ProtocolBroken: There is none.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        what = clean_line(data[:40].decode("utf-8", "replace"))
        raise ProtocolBroken(
            f"what arrived is not the OpenAI-compatible protocol: {what!r} is no JSON object",
            "Check fast.base_url, and that nothing in between changes its answers.",
        )
    return value

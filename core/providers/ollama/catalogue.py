"""``/api/tags`` and ``/api/ps`` as values, whatever a server of any age leaves out."""

import re
from typing import Any

from core.providers.base import ModelInfo
from core.sanitise import clean_line

LEAST_WINDOW = 512
LARGEST_WINDOW = 2**31 - 1
"""What is sent back as ``num_ctx`` is read into 32 bits there."""


def read_catalogue(tags: dict[str, Any], running: dict[str, Any]) -> tuple[ModelInfo, ...]:
    """Every model the server lists, with what it says of the loaded ones."""
    loaded = {str(entry.get("name")): entry for entry in _entries(running)}
    return tuple(
        read_model(entry, loaded.get(str(entry.get("name")), {}))
        for entry in _entries(tags)
        if _text(entry, "name")
    )


def read_model(entry: dict[str, Any], running: dict[str, Any]) -> ModelInfo:
    """One entry of the list."""
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    return ModelInfo(
        name=_text(entry, "name"),
        digest=_text(entry, "digest"),
        size_bytes=_whole(entry, "size"),
        parameters=read_parameters(_text(details, "parameter_size")),
        family=_text(details, "family"),
        context_length=read_window(details.get("context_length")),
        modified_at=_text(entry, "modified_at"),
        remote_host=_text(entry, "remote_host"),
        capabilities=read_capabilities(entry.get("capabilities")),
        loaded_ctx=read_window(running.get("context_length")),
        loaded_bytes=_whole(running, "size"),
        loaded_vram_bytes=_whole(running, "size_vram"),
    )


def read_capabilities(value: object) -> frozenset[str] | None:
    """The server's words; None when it says none at all, as an older one."""
    if not isinstance(value, list):
        return None
    return frozenset(clean_line(word) for word in value if isinstance(word, str))


def read_parameters(text: str) -> float:
    """How many weights: 4.7e9 for "4.7B", 0 when it is not said."""
    match = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]*)?)\s*([KMBT])\s*", text, re.IGNORECASE)
    if not match:
        return 0.0
    return float(match[1]) * {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[match[2].upper()]


def read_window(value: object) -> int:
    """Tokens of a window; 0 for what no window can be."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if LEAST_WINDOW <= value <= LARGEST_WINDOW else 0


def _entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    models = body.get("models")
    return [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []


def _text(entry: dict[str, Any], key: str) -> str:
    """A text of the server's, harmless: all of these are shown somewhere."""
    value = entry.get(key)
    return clean_line(value) if isinstance(value, str) else ""


def _whole(entry: dict[str, Any], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else 0

"""``/models`` as values, and what the better known servers tell beyond it."""

from dataclasses import replace
from typing import Any

from core.providers.base import ModelInfo
from core.providers.fields import text_of
from core.providers.openai.body import PLAIN, Dialect
from core.sanitise import clean_line

_WINDOW_KEYS = ("n_ctx", "max_model_len", "loaded_context_length", "context_length", "context_window")
_WIDEST_KEYS = ("max_context_length", "n_ctx_train")
_LEAST_WINDOW, _LARGEST_WINDOW = 256, 2**31 - 1
_EMBEDDING_TYPES = ("embedding", "embeddings", "rerank", "moderation", "image", "audio")

LLAMA_SERVER, VLLM, LM_STUDIO = "llamacpp", "vllm", "organization_owner"
"""What these servers say a model is owned by; it is how they are known."""
_VENDORS = (
    "openai", "openai-internal", "system", "anthropic", "azure", "azure openai", "openrouter", "bedrock",
    "vertex-ai", "vertex_ai", "github-copilot", "github copilot", "copilot",
)  # fmt: skip
"""Whose models nobody runs at home. LiteLLM says the first of them of everything that it passes on."""


def entries(listed: object) -> list[dict[str, Any]]:
    """The list's entries, whatever the server wraps them in."""
    if isinstance(listed, dict):
        listed = listed.get("data") or listed.get("models")
    found = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [entry for entry in found if _name(entry)]


def owner(listed: list[dict[str, Any]]) -> str:
    """Which kind of server this is, by its own word; empty when there are no models."""
    said = listed[0].get("owned_by") if listed else ""
    return said if isinstance(said, str) else ""


def passes_on(listed: list[dict[str, Any]]) -> bool:
    """Whether this is a gateway to others' services, by its own word: then nothing is known to stay here."""
    return any(owner([entry]).strip().casefold() in _VENDORS for entry in listed)


def dialect_of(host: str, owned_by: str) -> Dialect:
    """How the server wants its requests; what is not known gets the plain ones."""
    if host.lower() == "api.openai.com":
        return Dialect(limit_key="max_completion_tokens")
    return Dialect(can_stop_thinking=True) if owned_by in (LLAMA_SERVER, VLLM) else PLAIN


def read_models(
    listed: list[dict[str, Any]], props: dict[str, Any], more: list[dict[str, Any]]
) -> tuple[ModelInfo, ...]:
    """Every model that is served.

    Args:
        props: llama-server's, for the window it really has; empty for others.
        more: LM Studio's own list, which knows windows and kinds; empty for others.
    """
    known = {_name(entry): entry for entry in more}
    models = tuple(_read(entry, known.get(_name(entry), {})) for entry in listed)
    settings = props.get("default_generation_settings")
    window = _window(settings if isinstance(settings, dict) else {}, ("n_ctx",))
    if not window:
        return models
    return tuple(replace(model, context_length=window, loaded_ctx=window) for model in models)


def _read(entry: dict[str, Any], more: dict[str, Any]) -> ModelInfo:
    meta = entry.get("meta")
    facts: dict[str, Any] = {**entry, **(meta if isinstance(meta, dict) else {}), **more}
    served = _window(facts, _WINDOW_KEYS)
    is_served_now = owner([entry]) in (LLAMA_SERVER, VLLM) or facts.get("state") == "loaded"
    return ModelInfo(
        name=_name(entry),
        size_bytes=_whole(facts.get("size")),
        parameters=float(_whole(facts.get("n_params"))),
        family=clean_line(text_of(facts, "arch")),
        context_length=served or _window(facts, _WIDEST_KEYS),
        capabilities=_capabilities(facts),
        loaded_ctx=served if is_served_now else 0,
    )


def _capabilities(facts: dict[str, Any]) -> frozenset[str] | None:
    """``completion`` for what chats; None where the server does not tell kinds apart."""
    kind = facts.get("type")
    if not isinstance(kind, str) or kind in ("model", "object"):
        return None
    return frozenset({"embedding"} if kind in _EMBEDDING_TYPES else {"completion"})


def _name(entry: dict[str, Any]) -> str:
    """The id as it must be sent back; harmless, and empty for one that would not survive being shown."""
    value = entry.get("id") or entry.get("name")
    return value if isinstance(value, str) and clean_line(value) == value and len(value) <= 500 else ""


def _window(facts: dict[str, Any], keys: tuple[str, ...]) -> int:
    return next(
        (size for key in keys if _LEAST_WINDOW <= (size := _whole(facts.get(key))) <= _LARGEST_WINDOW), 0
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else 0

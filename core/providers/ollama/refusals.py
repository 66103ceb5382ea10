"""What Ollama's refusals mean: HTTP status and text to an error with a remedy.

Statuses and texts: Ollama's handlers (``server/routes.go``, ``server/sched.go``, ``server/cloud_proxy.go``).
Some texts begin with a full model name, so only their tails are matched.
"""

import json
import re
from typing import Any

from core.errors import (
    AccessRefused,
    ModelLoadFailed,
    ModelMissing,
    PromptTooLong,
    ProviderBusy,
    ProviderError,
    ProviderUnreachable,
    ProxyInTheWay,
    RequestRejected,
    ServerFailed,
)
from core.sanitise import clean_line

_MEMORY = re.compile(
    r"has terminated|out[ -]of[ -]memory|more system memory|\boom\b|load(ing)? model\b|unknown model arch"
)
_MISSING = re.compile(r"^model ['\"].*['\"] not found")
_NO_THINKING = "does not support thinking"


def from_status(status: int, body: bytes, model: str, is_proxied: bool) -> ProviderError:
    """The error behind a response that is not 200.

    Args:
        status: HTTP status.
        body: the response, or its beginning.
        is_proxied: a proxy stands between, so an answer that is not Ollama's is likely the proxy's.
    """
    fields = _read(body)
    if fields is None and (status == 407 or is_proxied):
        return ProxyInTheWay(
            f"a proxy answered instead of Ollama (HTTP {status})",
            "Put the host into NO_PROXY, or unset the proxy for it.",
        )
    text = _said((fields or {}).get("error"))
    match status:
        case 301 | 302 | 307 | 308:
            return RequestRejected(
                f"the server sends us to another address (HTTP {status})",
                "Set the address it really has: OLLAMA_HOST, or fast.base_url in the settings.",
            )
        case 404 if fields is not None and model:
            return missing(model)
        case 404:
            return RequestRejected(
                "this server does not know the request",
                "Update Ollama, or check that the address is Ollama's.",
            )
        case 400 if "longer than the context" in text or "exceeds the available context" in text:
            return PromptTooLong(
                "the server counted more tokens than its window holds",
                "Drop the oldest turns (/fit, or ask --fit), take a larger window, or send less.",
            )
        case 400:
            return RequestRejected(
                text or "the server did not accept the request", "Choose another model (F2, or -m)."
            )
        case 401:
            return _sign_in(fields or {})
        case 403 if text:
            return AccessRefused(text, "Choose a model that is installed on the server itself (F2, or -m).")
        case 403:
            return AccessRefused(
                "the server refuses this host name",
                "Use the server's IP address, or set OLLAMA_ORIGINS where Ollama runs.",
            )
        case 429:
            return AccessRefused(
                text or "the limit of the cloud account is reached",
                "Wait, or choose a local model (F2, or -m).",
            )
        case 502 if text:
            return ProviderUnreachable(
                f"the cloud model cannot be reached: {text}", "Choose a local model (F2, or -m)."
            )
        case 503:
            return ProviderBusy("Ollama's queue is full", "Wait a moment and ask again.")
    if not text:
        return ServerFailed(
            f"the server answered HTTP {status}", "Ask again; if it stays, look into its log."
        )
    return from_text(text, model)


def from_text(said: object, model: str) -> ProviderError:
    """The error behind a failure that the server put into words, before or in the middle of a stream."""
    text, low = _said(said), _said(said).lower()
    if _MISSING.search(low):
        return missing(model)
    if _MEMORY.search(low):
        return ModelLoadFailed(
            f"{clean_line(model)} could not be loaded or ran out of memory: {text}",
            "Choose a smaller model (F2, or -m), or a smaller window (fast.num_ctx).",
        )
    if "must be of type" in low:
        return RequestRejected(text, "Check fast.num_ctx and fast.keep_alive in the settings.")
    return ServerFailed(f"Ollama reports: {text}", "Ask again; if it stays, look into Ollama's own log.")


def missing(model: str) -> ModelMissing:
    """The model is not installed."""
    model = clean_line(model)
    return ModelMissing(
        f"{model} is not installed", f"Fetch it with `leadline pull {model}`, or choose another (F2, or -m)."
    )


def shows_no_prompt(model: str) -> RequestRejected:
    """The server did not show how it renders; what can be done without that, is."""
    return RequestRejected(
        f"this server does not show the prompts of {clean_line(model)}", "Update Ollama, or go without."
    )


def is_crashed_runner(error: ProviderError) -> bool:
    """Whether asking once more, after a moment, is what Ollama's own restart of the runner needs."""
    return isinstance(error, ServerFailed) and "unexpectedly stopped" in error.message


def lacks_thinking(error: ProviderError) -> bool:
    """Whether the same request without a word about thinking is what the server would take."""
    return isinstance(error, RequestRejected) and _NO_THINKING in error.message


def _said(value: object) -> str:
    """An error's text, harmless and of a length that fits; some servers put it into an object."""
    if isinstance(value, dict):
        value = value.get("message")
    return clean_line(str(value))[:300].strip() if value else ""


def _read(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None when it is none (a proxy's page, an empty refusal)."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _sign_in(fields: dict[str, Any]) -> AccessRefused:
    url = clean_line(str(fields.get("signin_url", "")))[:300]
    way = f"Sign in at {url}" if url.startswith("https://ollama.com/") else "Run `ollama signin`"
    return AccessRefused(
        "this cloud model needs you to be signed in", f"{way}, or choose a local model (F2, or -m)."
    )

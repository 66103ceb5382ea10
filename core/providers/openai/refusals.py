"""What a refusal means: HTTP status and text to an error with a remedy.

The texts are those of OpenAI's error codes, llama-server, vLLM, LM Studio, OpenRouter and Gemini, which puts
its error into a list.
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
    ProxyInTheWay,
    RequestRejected,
    ServerFailed,
)
from core.providers.keyless import without_keys
from core.sanitise import clean_line

_TOO_LONG = re.compile(
    r"context[ _](length|size|window)|exceed_context_size|maximum context|prompt is too long|too many tokens"
)
_OUT_OF_CREDIT = re.compile(r"insufficient_quota|credit|billing|balance|exceeded your current quota")
_NO_MODEL = re.compile(
    r"model_not_found|model .*(not found|does not exist|not exist)|no such model|not a valid model"
)
_MEMORY = re.compile(r"out[ -]of[ -]memory|failed to load model|\boom\b|insufficient memory")
_LOADING = re.compile(r"loading model|model is (still )?loading")
_LOG = "Ask again; if it stays, look into the server's log."
CHOOSE = "choose another model (F2, or -m)"


def from_status(
    status: int,
    body: bytes,
    model: str,
    url: str,
    is_proxied: bool = False,
    retry_after: str = "",
    key: str = "",
) -> ProviderError:
    """The error behind a response that is not 200.

    Args:
        status: HTTP status.
        body: the response, or its beginning.
        url: the server's address, for people.
        is_proxied: a proxy stands between, so an answer that is not the server's is likely the proxy's.
        retry_after: the header of that name, a number of seconds.
        key: what was sent as the bearer; it is in no error, whatever the server repeats.
    """
    fields = _read(body)
    if fields is None and (status == 407 or is_proxied):
        return ProxyInTheWay(
            f"a proxy answered instead of the server (HTTP {status})",
            "Put the host into NO_PROXY, or unset the proxy for it.",
        )
    error: object = (fields or {}).get("error") or (fields or {}).get("detail") or fields
    text = _said(error, key)
    if _is_about_length(status, error):
        return _too_long()
    match status:
        case 301 | 302 | 307 | 308:
            return RequestRejected(
                f"the server sends us to another address (HTTP {status})",
                "Set the address it really has: fast.base_url in the settings.",
            )
        case 401:
            return AccessRefused(
                f"{url} does not take the API key, or wants one",
                "Set LEADLINE_FAST__API_KEY to the key for this address.",
            )
        case 402:
            return _out_of_credit(url)
        case 403:
            return AccessRefused(
                text or "the server refuses access", "Check what the API key may do, or " + CHOOSE + "."
            )
        case 404 | 400 if model and _NO_MODEL.search(_low(error)):
            return missing(model, url)
        case 404 | 405:
            return _unknown_path(url)
        case 429 if _OUT_OF_CREDIT.search(_low(error)):
            return _out_of_credit(url)
        case 429:
            return _too_many(text, retry_after)
        case 503 if is_loading_text(_low(error)):
            return ProviderBusy(LOADING, "Wait a moment and ask again.")
        case 503 | 529:
            return ProviderBusy(text or "the server is overloaded", "Wait a moment and ask again.")
        case _ if 400 <= status < 500:
            return RequestRejected(
                text or f"the server did not accept the request (HTTP {status})", _choose()
            )
    return from_text(error, model, key) if text else ServerFailed(f"the server answered HTTP {status}", _LOG)


LOADING = "the server is still loading the model"


def is_loading(error: ProviderError) -> bool:
    """Whether the same request will be served when the model is there."""
    return isinstance(error, ProviderBusy) and error.message == LOADING


def is_loading_text(low: str) -> bool:
    """Whether the server's words say that it loads its model."""
    return _LOADING.search(low) is not None


def from_text(error: object, model: str, key: str) -> ProviderError:
    """The error behind a failure that the server put into words, before or in the middle of a stream."""
    text, low = _said(error, key), _low(error)
    if _TOO_LONG.search(low):
        return _too_long()
    if _MEMORY.search(low):
        return ModelLoadFailed(
            f"{clean_line(model)} could not be loaded or ran out of memory: {text}",
            "Give the server a smaller model or a smaller window.",
        )
    if _OUT_OF_CREDIT.search(low):
        return AccessRefused(f"the account is out of credit: {text}", "Add credit, or " + CHOOSE + ".")
    return ServerFailed(f"the server reports: {text or 'an error, without saying which'}", _LOG)


def missing(model: str, url: str) -> ModelMissing:
    """The server does not serve this model."""
    return ModelMissing(
        f"{clean_line(model)} is not served at {url}",
        "`leadline models` shows what is; choose one of them (F2, or -m).",
    )


def cannot_fetch(model: str, url: str) -> RequestRejected:
    """There is no request for that in this protocol."""
    return RequestRejected(
        f"the server at {url} cannot fetch models",
        f"Give {clean_line(model)} to the program that runs there; `leadline models` shows what it serves.",
    )


def _is_about_length(status: int, error: object) -> bool:
    return status in (400, 413, 422, 500) and _TOO_LONG.search(_low(error)) is not None


def _too_long() -> PromptTooLong:
    return PromptTooLong(
        "the server counted more tokens than its window holds",
        "Drop the oldest turns (/fit, or ask --fit), or send less; fast.num_ctx says how much it takes.",
    )


def _out_of_credit(url: str) -> AccessRefused:
    return AccessRefused(f"the account at {url} is out of credit", "Add credit there, or " + CHOOSE + ".")


def _too_many(text: str, retry_after: str) -> ProviderBusy:
    wait = f"Wait {retry_after} s" if re.fullmatch(r"\d{1,5}", retry_after) else "Wait a moment"
    return ProviderBusy(text or "too many requests for this account", f"{wait} and ask again.")


def _unknown_path(url: str) -> RequestRejected:
    return RequestRejected(
        f"nothing at {url} knows the OpenAI-compatible requests",
        "Check fast.base_url; it holds the version path, as in http://127.0.0.1:8080/v1.",
    )


def _choose() -> str:
    return CHOOSE[0].upper() + CHOOSE[1:] + ", or send something else."


def _said(value: object, key: str) -> str:
    """An error's text, harmless, without keys, and of a length that fits."""
    if isinstance(value, dict):
        value = value.get("message") or value.get("error") or value.get("detail")
    if isinstance(value, dict):
        value = value.get("message")
    return without_keys(clean_line(str(value)), key)[:300].strip() if value else ""


def _low(value: object) -> str:
    """All that an error says, its code and type as well, for looking something up in it."""
    return clean_line(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value))[
        :2000
    ].lower()


def _read(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None when it is none (a proxy's page, an empty refusal)."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else None

"""What a provider's refusals mean, whatever protocol it speaks: status, headers and body to one error.

The statuses, codes and words are the vendors' own (OpenAI's and Anthropic's lists of errors, DeepSeek's 402,
Gemini's body that is a list, Ollama's texts); no two of them mean different things by the same word.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.providers.deep import failures
from core.providers.deep.failures import DeepError
from core.providers.deep.pauses import asked_pause
from core.redaction import last_four, redact
from core.sanitise import clean_line

_LONGEST = 300
# Texts, compiled at the first refusal: most calls never see one.
_CREDIT = (
    r"insufficient_quota|credit_balance|credit balance|insufficient (balance|credit|funds)|billing_error"
    r"|exceeded your current quota|enforced_spend_limit|spend(ing)? limit|usage limits?\b.*(reached|exceeded)"
)
_TOO_LONG = (
    r"context[ _](length|size|window)|exceed_context_size|maximum context|prompt is too long|too many tokens"
    r"|request_too_large|longer than the context"
)
_NO_MODEL = (
    r"model_not_found|model.{0,120}(not found|does not exist|not exist)|no such model|not a valid model"
    r"|models/\S+ is not found"
)
_NAMED_MODEL = r"\bmodel: \S+"  # all that Anthropic says of it
_MEMORY = (
    r"out[ -]of[ -]memory|more system memory|insufficient memory|failed to load model|has terminated"
    r"|unknown model arch"
)
_OVERLOADED = r"overloaded|slow_down|at capacity|server busy|resource_exhausted|unavailable|loading model"
_RATE = r"rate_limit|rate limit|too many requests"
_KEY = (
    r"authentication_error|invalid_api_key|invalid api key|incorrect api key|invalid x-api-key"
    r"|api key not valid|permission_error|unauthorized"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a refusal is about, for the words of it.

    Attributes:
        spoken_to: the host, for people.
        key: the key that was sent; empty when there was none.
        key_source: where it came from.
        set_key: how one is given.
    """

    spoken_to: str
    model: str
    key: str = field(default="", repr=False)
    key_source: str = ""
    set_key: str = "leadline keys set"


def from_status(status: int, headers: Mapping[str, str], body: bytes, about: About) -> DeepError:
    """The error behind a response that is not 200; `headers` are looked up in lower case."""
    fields = _read(body)
    error = _from_status(status, headers, fields, about)
    error.retry_after_s = asked_pause(headers)
    error.should_retry = {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower())
    if isinstance(error, failures.OutOfCredit | failures.KeyRefused | failures.KeyMissing):
        error.should_retry = False
    error.request_id = clean_line(
        headers.get("request-id") or headers.get("x-request-id") or headers.get("x-generation-id") or ""
    )[:100]
    return error


def _from_status(status: int, headers: Mapping[str, str], fields: object, about: About) -> DeepError:
    text, low = _text(fields, about), _low(fields)
    name = about.spoken_to
    match status:
        case 301 | 302 | 303 | 307 | 308:
            return failures.Refused(
                f"{name} sends us to another address (HTTP {status})",
                "Set the address it really has: deep.base_url.",
            )
        case 401 | 403:
            return _no_access(status, fields, text, about)
        case 407:
            return failures.Offline(
                "the proxy wants to know who asks (HTTP 407)",
                "Put the host into NO_PROXY, or unset the proxy.",
            )
        case 402:
            return out_of_credit(name, text)
        case 429 if re.search(_CREDIT, low):
            return out_of_credit(name, text)
        case 429:
            return _rate_limited(headers, text, name)
        case 413:
            return _too_long(text, low, about)
    if 400 <= status < 500 and re.search(_CREDIT, low):
        return out_of_credit(name, text)
    if re.search(_TOO_LONG, low):
        return _too_long(text, low, about)
    is_about_model = re.search(_NO_MODEL, low) or (status == 404 and re.search(_NAMED_MODEL, low))
    if status in (400, 404, 422) and is_about_model:
        return _no_model(about)
    if status in (404, 405):
        return failures.Refused(
            f"nothing at {name} knows this request (HTTP {status})",
            "Check deep.provider, and that deep.base_url holds the version path where there is one.",
            low,
        )
    if status in (408, 409, 425) or status >= 500:
        return _server(status, text, low, name)
    return failures.Refused(
        text or f"{name} did not accept the request (HTTP {status})", "Choose another model: deep.model.", low
    )


def from_said(error: object, about: About) -> DeepError:
    """The error behind a failure that came inside a stream, after a good status."""
    text, low = _text({"error": error}, about), _low(error)
    name = about.spoken_to
    if re.search(_CREDIT, low):
        return out_of_credit(name, text)
    if re.search(_TOO_LONG, low):
        return _too_long(text, low, about)
    if re.search(_KEY, low):
        return _no_access(401, {"error": error}, text, about)
    if re.search(_RATE, low):
        return _rate_limited({}, text, name)
    if re.search(_NO_MODEL, low):
        return _no_model(about)
    return _server(0, text, low, name)


def key_missing(about: About) -> failures.KeyMissing:
    """There is no key, and this provider takes no request without one."""
    return failures.KeyMissing(f"no key for {about.spoken_to}", f"Give it one: {about.set_key}.")


def out_of_credit(name: str, text: str) -> failures.OutOfCredit:
    """The account is empty, or at its own limit."""
    return failures.OutOfCredit(
        f"out of credit at {name}{f': {text}' if text else ''}",
        "Add credit or raise the limit there, or choose another provider or a local model.",
    )


def _no_access(status: int, fields: object, text: str, about: About) -> DeepError:
    if isinstance(fields, dict) and fields.get("signin_url"):
        return failures.KeyRefused(
            "this cloud model needs you to be signed in", "Run `ollama signin` where Ollama runs."
        )
    if not about.key and status == 401:
        return key_missing(about)
    if not about.key:
        return failures.KeyRefused(
            text or f"{about.spoken_to} refuses access (HTTP {status})", f"Give it a key: {about.set_key}."
        )
    source = f" from {about.key_source}" if about.key_source else ""
    why = f": {text}" if status == 403 and text else ""
    return failures.KeyRefused(
        f"{about.spoken_to} refuses the key {last_four(about.key)}{source} (HTTP {status}){why}",
        _another_key(about),
    )


def _another_key(about: About) -> str:
    """What comes first in the order of keys must change; one that is set behind it would never be asked."""
    if about.key_source == "api_key_cmd":
        return "Look at what deep.api_key_cmd prints."
    if about.key_source.isupper():
        return f"Set {about.key_source} to another, or unset it and give one: {about.set_key}."
    return f"Give it another: {about.set_key}."


def _rate_limited(headers: Mapping[str, str], text: str, name: str) -> DeepError:
    pause = asked_pause(headers)
    wait = f"Wait {pause:.0f} s and ask again." if pause else "Wait a moment and ask again."
    return failures.RateLimited(f"rate limited at {name}{f': {text}' if text else ''}", wait)


def _too_long(text: str, low: str, about: About) -> failures.ContextTooLong:
    return failures.ContextTooLong(
        f"this is more than {clean_line(about.model)} at {about.spoken_to} can read"
        + (f": {text}" if text else ""),
        "Leave out files or earlier turns, or take a model with a larger window.",
        low,
    )


def _no_model(about: About) -> failures.ModelUnknown:
    return failures.ModelUnknown(
        f"{about.spoken_to} has no model {clean_line(about.model)}", "Set deep.model to one that it has."
    )


def _server(status: int, text: str, low: str, name: str) -> DeepError:
    if re.search(_MEMORY, low):
        return failures.LoadFailed(
            f"{name} could not load the model, or ran out of memory: {text}",
            "Choose a smaller model (deep.model), or give it a smaller window.",
        )
    if status in (503, 529) or re.search(_OVERLOADED, low):
        return failures.Overloaded(
            f"{name} is overloaded{f': {text}' if text else ''}", "Ask again in a moment.", low
        )
    how = f" (HTTP {status})" if status else ""
    return failures.ProviderFailed(
        f"{name} reports a failure{how}{f': {text}' if text else ''}",
        "Ask again; if it stays, look at the provider's status page.",
        low,
    )


def _read(body: bytes) -> object:
    """The JSON in a body; a list, as Gemini sends it, by its first entry; None for a page or nothing."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value[0] if isinstance(value, list) and value else value


def _text(fields: object, about: About) -> str:
    """What the provider says, harmless, without keys, and of a length that fits."""
    value: Any = fields
    for name in ("error", "message"):
        if isinstance(value, dict):
            value = value.get(name) or value.get("detail") or (value if name == "error" else "")
    if isinstance(value, dict | list) or not value:
        return ""
    return redact(clean_line(str(value))[: 4 * _LONGEST], (about.key,))[:_LONGEST].strip()


def _low(value: object) -> str:
    """All that an error says, its code and type as well, for looking something up in it."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value or "")
    return clean_line(text)[:2000].lower()

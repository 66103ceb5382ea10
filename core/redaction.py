"""Takes keys out of a text before anybody sees it: the ones that are known, and what looks like one."""

import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "…"
_SHOWN = 4
_LEAST_KNOWN = 4
"""A shorter value is no secret, and masking it would spoil ordinary words."""


def last_four(key: str) -> str:
    """A key as people may see it; a short one not even in part."""
    return f"{MASK}{key[-_SHOWN:]}" if len(key) >= 3 * _SHOWN else MASK


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text without keys.

    Args:
        known: keys that are in use; what looks like any key goes in any case.
    """
    for key in sorted(filter(None, known), key=len, reverse=True):
        if len(key) >= _LEAST_KNOWN and key in text:
            text = text.replace(key, last_four(key))
    return _shapes().sub(_masked, text)


# Compiled on first use: a short command may never need it.
@lru_cache(maxsize=1)
def _shapes() -> re.Pattern[str]:
    return re.compile(
        r"(?P<before>(?i:(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s+"
        r"|\bbearer\s+"
        r"|\b(?:x-api-key|x-goog-api-key|api[_-]?key)[\"']?\s*[:=]\s*[\"']?"
        r"|[?&](?:key|api_key|token)=))"
        r"(?P<secret>[^\s\"',;&<>]{4,})"
        r"|(?P<shape>\b(?:(?:sk|gsk|xai|pplx|hf|ghp|gho|glpat)[-_]|AKIA|AIza)[A-Za-z0-9_-]{15,})"
    )


def _masked(match: re.Match[str]) -> str:
    if shape := match["shape"]:
        return last_four(shape)
    secret = match["secret"]
    return match["before"] + (secret if secret.startswith(MASK) else last_four(secret))

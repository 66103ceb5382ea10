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


class Masker:
    """Takes one key out of a text that arrives in pieces, wherever the pieces cut it.

    Next to nothing is held back: a text that is ended early loses no word to it.
    """

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _LEAST_KNOWN else ""
        self._free = min(_SHOWN, len(key) // 8)
        """So many characters of its beginning are anybody's, and go out at once."""
        self._told = self._held = ""

    def feed(self, delta: str) -> str:
        """The next piece without the key; what may be its beginning waits for the rest."""
        if not self._key:
            return delta
        text, at = self._told + self._held + delta, len(self._told)
        out: list[str] = []
        while (found := text.find(self._key, max(0, at - self._free))) >= 0:
            out += text[at:found], last_four(self._key)
            at = found + len(self._key)
        end = max(at, len(text) - max(0, self._begun(text[max(0, at - self._free) :]) - self._free))
        out.append(text[at:end])
        self._told, self._held = text[max(0, end - self._free) : end], text[end:]
        return "".join(out)

    def finish(self) -> str:
        """What was still held; the most of a key is as good as a key."""
        rest, self._told, self._held = self._held, "", ""
        is_telling = len(rest) + self._free > min(2 * _SHOWN, len(self._key) // 4)
        return MASK if rest and is_telling else rest

    def _begun(self, text: str) -> int:
        """How many characters at the end of a text are the key's first ones."""
        most = min(len(self._key) - 1, len(text))
        if self._key[0] not in text[-most:]:
            return 0
        return next((size for size in range(most, 0, -1) if self._key.startswith(text[-size:])), 0)


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

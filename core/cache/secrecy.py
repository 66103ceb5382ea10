"""Whether a text looks as if it held a secret; stand-in until `core.secrets` is there."""

import re
from functools import lru_cache


def looks_secret(text: str) -> bool:
    """Whether a key, a token or a password stands in a text."""
    return _shapes().search(text) is not None


@lru_cache(maxsize=1)
def _shapes() -> "re.Pattern[str]":
    return re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}"
        r"|\bsk-[\w-]{20,}|\bxox[baprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
        r"|\b(?:password|passwd|secret|token|api[_-]?key)\b\s*[=:]\s*['\"]?(?=\S*\d)[^\s'\"<>{}$]{8,}",
        re.IGNORECASE,
    )

"""Takes API keys out of what a server says.

Some repeat the one they were sent, and what fails is shown and stored.
"""

import re

MARK = "…"

_SHORTEST = 8
"""A shorter key may be a part of any word, so it counts only where it stands alone."""
_SHAPED = re.compile(
    r"(?<=bearer )[^\s\"',;]+"
    r"|(?<![\w-])(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|fw|csk|tgp|key|api)[-_][\w-]{12,}"
    r"|(?<![\w-])AIza[\w-]{16,}"
    r"|(?<![\w-])(?=(?:[a-z_]*\d){4})\w{32,}(?![\w-])",
    re.IGNORECASE,
)


def without_keys(text: str, key: str) -> str:
    """A text with a mark in the place of the key, and of everything that looks like one.

    Args:
        key: the one that was sent; empty when there is none.
    """
    key = key.strip()
    if key:
        known = re.escape(key)
        known = known if len(key) >= _SHORTEST else rf"(?<![\w-]){known}(?![\w-])"
        text = re.sub(known, MARK, text, flags=re.IGNORECASE)
    return _SHAPED.sub(MARK, text)

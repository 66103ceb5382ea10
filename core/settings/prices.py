"""Prices as a person writes them in [prices]: what a model costs that no table knows."""

import re

_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,9})?", re.ASCII)

PRICE_WORDS = (
    'dollars for a million tokens read and written, as in "1.25 10", or read, read from the provider\'s'
    ' cache, and written, as in "1.25 0.125 10"; a model\'s name with a dot stands in quotes'
)


def amounts_of(text: str) -> tuple[float, float, float] | None:
    """Read, cached, written, in dollars for a million tokens; None when it does not say so."""
    words = text.split()
    if len(words) not in (2, 3) or not all(_AMOUNT.fullmatch(word) for word in words):
        return None
    # Where nothing is said of the provider's cache, it costs what reading costs.
    return float(words[0]), float(words[-2] if len(words) == 3 else words[0]), float(words[-1])

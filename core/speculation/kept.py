"""How long a server keeps a model in memory, read as Ollama reads it."""

import re

LEAST_KEPT_S = 10.0
"""Where the server lets go of a model sooner, what was read ahead is gone before it can be of use."""
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0}


def kept_s(keep_alive: str) -> float:
    """How long a model stays loaded without a request; without end where that is not plain."""
    if re.fullmatch(r"[0-9]{1,9}", keep_alive):
        return float(keep_alive)
    parts = re.findall(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|m|s)", keep_alive)
    if not parts or "".join(map("".join, parts)) != keep_alive:
        return float("inf")
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)

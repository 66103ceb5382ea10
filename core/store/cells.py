"""What stands in a cell of the database, whoever wrote it there.

SQLite keeps any type in any column, and the file may have been edited, or written by a later leadline. What
cannot be used becomes empty, so that one odd row never closes a whole conversation; text is made harmless
again, because only our own writer is known to have done so.
"""

import math

from core.sanitise import clean, clean_line

_LARGEST_WHOLE = 2**63 - 1
_LARGEST_MEASURE = 1e12


def decoded(data: bytes) -> str:
    """Text as SQLite holds it; what is no UTF-8 is shown as such instead of refused."""
    return data.decode("utf-8", "replace")


def text(value: object) -> str:
    """A text, harmless; empty when the cell holds none."""
    return clean(value) if isinstance(value, str) else ""


def line(value: object) -> str:
    """The same on one line, for titles and names."""
    return clean_line(value) if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A number that can be reckoned with; None for all else."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def measure(value: object) -> float | None:
    """The same of a time that was taken, or a rate: never below nothing, nor beyond all that can be."""
    found = number(value)
    return found if found is not None and 0 <= found <= _LARGEST_MEASURE else None


def moment(value: object) -> float:
    """A time; the beginning of time when the cell holds none."""
    return number(value) or 0.0


def count(value: object) -> int | None:
    """How many of something; None when the cell does not say."""
    return value if isinstance(value, int) and 0 <= value <= _LARGEST_WHOLE else None

"""Numbers with their units, in words and digits: "60 seconds" and "one minute" are one quantity."""

import re

from core.cache.inflection import singular
from core.cache.vocabulary.units import BYTES, CALENDAR, NUMBERS, ORDINALS, OTHER, SCALES, SHORT, TIME

_GLUED = re.compile(r"([+-]?[\d,]+(?:\.\d+)?)([a-z%]*)")


def number_at(words: list[str], at: int) -> tuple[float, int] | None:
    """The number that is spelled out from here on, and how many words it takes."""
    if words[at] not in NUMBERS:
        return None
    value, taken = float(NUMBERS[words[at]]), 1
    if value >= 20 and value % 10 == 0 and at + 1 < len(words) and 0 < NUMBERS.get(words[at + 1], 0) < 10:
        value, taken = value + NUMBERS[words[at + 1]], 2
    while at + taken < len(words) and words[at + taken] in SCALES:
        value, taken = value * SCALES[words[at + taken]], taken + 1
    return value, taken


def glued(text: str) -> tuple[float, str, str]:
    """The value of "10MB", its unit, and its ordinal ending ("st", "nd", "rd", "th") if it has one."""
    found = _GLUED.match(text.lower())
    if found is None:
        return 0.0, "", ""
    value, ending = float(found[1].replace(",", "")), found[2]
    if ending in ("st", "nd", "rd", "th"):
        return value, "", ending
    return value, ending, ""


def unit_of(word: str, is_glued: bool = False) -> str:
    """The unit a word names, in the singular, or nothing."""
    name = word if word in ("ms", "us", "ns", "s") else singular(word)
    if name in SHORT and not is_glued:
        return ""
    return name if name in TIME or name in CALENDAR or name in BYTES or name in OTHER else ""


def spelled(value: float, unit: str) -> str:
    """One spelling for equal quantities."""
    if unit in TIME:
        return f"{value * TIME[unit]:.12g} s"
    if unit in CALENDAR:
        return f"{value * CALENDAR[unit]:.12g} months"
    if unit in BYTES:
        return f"{value * BYTES[unit]:.15g} bytes"
    if unit:
        return f"{value:.12g} {unit}"
    return f"{value:.12g}"


def ordinal(word: str) -> int:
    """Which place an ordinal in words names; 0 if it is none."""
    return ORDINALS.get(word, 0)

"""Alt+1 to alt+9 as keys of their own; those that mean nothing do nothing.

A terminal sends them as an escape and a digit. Textual reads that as the character that the option key of a
Mac writes with the digit (``¡``, ``™``, ``£``), for the sake of one terminal there, and nobody behind it can
tell the key from the character. Whoever types such a character still has it: it arrives as itself.
"""

from enum import StrEnum
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _AltDigit(StrEnum):
    ONE = "alt+1"
    TWO = "alt+2"
    THREE = "alt+3"
    FOUR = "alt+4"
    FIVE = "alt+5"
    SIX = "alt+6"
    SEVEN = "alt+7"
    EIGHT = "alt+8"
    NINE = "alt+9"


def hear_alt_digits() -> None:
    """Let them arrive as themselves from now on; before the terminal is read."""
    sequences = cast("dict[str, tuple[StrEnum, ...]]", ANSI_SEQUENCES_KEYS)
    for key in _AltDigit:
        sequences[f"\x1b{key[-1]}"] = (key,)

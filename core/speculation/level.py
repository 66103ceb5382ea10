"""How much may be done ahead just now."""

from enum import IntEnum


class Level(IntEnum):
    """Each one does what those before it do, and more."""

    OFF = 0
    WARM = 1
    """The model is loaded, and what comes before the next question has been read."""
    TYPING = 2
    """What is being typed is read, and sent when the text is still."""
    ALL = 3
    """Follow-up questions are offered, and answered ahead."""

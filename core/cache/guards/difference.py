"""What a guard found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two questions differ, named by the guard that saw it."""

    kind: str
    asked: str
    stored: str
    is_hard: bool = False
    """A hard difference makes the stored answer wrong, not only doubtful: it is not even a maybe."""

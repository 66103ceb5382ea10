"""The times of one answer, taken as it comes: nothing but a clock reading and a few sums a piece.

All are the person's: milliseconds of a clock that never goes back. What only the server knows (loading,
reading, writing) is its own word, in `core.providers.base.Ended`; what only the screen knows (when the text
was painted) comes from there.
"""

from collections.abc import Callable
from typing import NamedTuple

READING_CHARACTERS_PER_S = 24.0
"""How fast an answer is read: 6 tokens a second (Andes, arXiv 2404.16283) of about four characters each."""


class Times(NamedTuple):
    """When what of an answer came; milliseconds, None for what never did.

    Attributes:
        ttft_ms: from sending to the first text; thoughts are no text.
        thinking_ms: from the first thought to the first text, or to the end without one; 0 without thoughts.
        itl_ms: mean time between pieces behind the first text.
        starved_ms: so long a reader had read all that was there, from the first text on.
        total_ms: from sending to the end.
    """

    ttft_ms: float | None
    thinking_ms: float
    itl_ms: float | None
    starved_ms: float
    total_ms: float


class Stopwatch:
    """Takes the times of one answer; begun when it is made."""

    def __init__(self, clock: Callable[[], float]) -> None:
        raise NotImplementedError

    def thought(self) -> None:
        """A thought came."""
        raise NotImplementedError

    def text(self, characters: int) -> float:
        """So much text came; the moment, by the clock it was given."""
        raise NotImplementedError

    def times(self) -> Times:
        """The times until now."""
        raise NotImplementedError

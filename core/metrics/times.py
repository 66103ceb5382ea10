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
    """Takes the times of one answer; begun when it is made, or so many seconds before."""

    __slots__ = ("_begun", "_clock", "_first", "_last", "_pieces", "_read_until", "_starved", "_thought")

    def __init__(self, clock: Callable[[], float], ago_s: float = 0.0) -> None:
        self._clock = clock
        self._begun = self._last = self._read_until = clock() - ago_s
        self._thought: float | None = None
        self._first: float | None = None
        self._pieces = 0
        self._starved = 0.0

    def thought(self) -> None:
        """A thought came."""
        if self._thought is None:
            self._thought = self._clock()

    def text(self, characters: int) -> float:
        """So much text came; the moment, by the clock it was given."""
        now = self._last = self._clock()
        if self._first is None:
            self._first = self._read_until = now
        # Worked out as it comes: a long answer has thousands of pieces, and none of them need be kept.
        elif now > self._read_until:
            self._starved += now - self._read_until
            self._read_until = now
        self._read_until += characters / READING_CHARACTERS_PER_S
        self._pieces += 1
        return now

    @property
    def ttft_ms(self) -> float | None:
        """From sending to the first text; None while none has come."""
        return None if self._first is None else (self._first - self._begun) * 1000

    def times(self) -> Times:
        """The times until now."""
        now = self._clock()
        thought_until = now if self._first is None else self._first
        gaps = self._pieces - 1
        return Times(
            ttft_ms=self.ttft_ms,
            thinking_ms=0.0 if self._thought is None else max(0.0, thought_until - self._thought) * 1000,
            itl_ms=(self._last - self._first) * 1000 / gaps if self._first is not None and gaps > 0 else None,
            starved_ms=self._starved * 1000,
            total_ms=(now - self._begun) * 1000,
        )

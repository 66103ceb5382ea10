"""The phases of a server of which it is not known what it has loaded."""

from dataclasses import dataclass

from core.providers.limits import Phases


@dataclass(frozen=True, slots=True)
class Limits(Phases):
    """Seconds, by phase.

    Attributes:
        say_wait_after_s: before a wait is told.
        loading_pause_s: before each new try while the server says that it loads its model.
        recognise_s: for what kind of server it is, before the first question.
        counts_s: behind the answer's end, for the counts and the stream's own end.
    """

    say_wait_after_s: float = 1.0
    loading_pause_s: float = 0.5
    recognise_s: float = 0.5
    counts_s: float = 2.0

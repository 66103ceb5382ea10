"""How long each phase of a request may take; one frozen value, so that a test can have shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds, by phase: a single timeout would be too short for loading and too long for a dead server.

    Attributes:
        quick_s: for what a server answers from memory: its version, its models.
        first_byte_loading_s: for a server that may have to load the model first.
        between_chunks_s: between two pieces of text.
        last_bytes_s: for the end of the stream behind the last line; without it the connection is not kept.
        prefill_per_s: prompt tokens a second that the slowest machine we care for computes.
        busy_pauses_s: before each new try when the server's queue is full.
    """

    connect_s: float = 1.0
    quick_s: float = 3.0
    first_byte_loading_s: float = 180.0
    between_chunks_s: float = 30.0
    last_bytes_s: float = 0.05
    prefill_per_s: float = 25.0
    busy_pauses_s: tuple[float, ...] = (0.2, 0.5, 1.0)

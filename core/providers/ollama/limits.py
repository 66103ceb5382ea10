"""How long each phase of a request may take; one frozen value, so that a test can have shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, by phase: a single timeout would be too short for loading and too long for a dead server.

    Attributes:
        quick_s: for version, models and what is loaded; the server answers these from memory.
        first_byte_loaded_s: counted from when the model is seen loaded; the prompt's share comes on top.
        look_after_s, look_again_s: when nothing has come, the server is asked what is loaded.
        look_takes_s: how long that question may take.
        prefill_per_s: prompt tokens a second that the slowest machine we care for computes.
        reading_s: beyond the prompt's share, before a wait is put down to other users of the server.
        last_bytes_s: for the end of the stream behind the last line; without it the connection is not kept.
        report_s: between two reports of a pull.
        checking_s: the same while the server checks what it has fetched, silently.
        busy_pauses_s: before each new try when the server's queue is full.
        restart_pause_s: before the one new try when the server restarts a crashed model.
    """

    connect_s: float = 1.0
    quick_s: float = 3.0
    first_byte_loaded_s: float = 15.0
    first_byte_loading_s: float = 180.0
    between_chunks_s: float = 30.0
    last_bytes_s: float = 0.05
    look_after_s: float = 1.0
    look_again_s: float = 2.0
    look_takes_s: float = 1.0
    prefill_per_s: float = 25.0
    reading_s: float = 2.0
    report_s: float = 60.0
    checking_s: float = 600.0
    busy_pauses_s: tuple[float, ...] = (0.2, 0.5, 1.0)
    restart_pause_s: float = 0.5

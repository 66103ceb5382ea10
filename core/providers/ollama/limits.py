"""The phases that only Ollama has: it tells what is loaded, fetches models, and restarts what crashed."""

from dataclasses import dataclass

from core.providers.limits import Phases


@dataclass(frozen=True, slots=True)
class Limits(Phases):
    """Seconds, by phase.

    Attributes:
        first_byte_loaded_s: counted from when the model is seen loaded; the prompt's share comes on top.
        look_after_s, look_again_s: when nothing has come, the server is asked what is loaded.
        look_takes_s: how long that question may take.
        reading_s: beyond the prompt's share, before a wait is put down to other users of the server.
        report_s: between two reports of a pull.
        checking_s: the same while the server checks what it has fetched, silently.
        restart_pause_s: before the one new try when the server restarts a crashed model.
    """

    first_byte_loaded_s: float = 15.0
    look_after_s: float = 1.0
    look_again_s: float = 2.0
    look_takes_s: float = 1.0
    reading_s: float = 2.0
    report_s: float = 60.0
    checking_s: float = 600.0
    restart_pause_s: float = 0.5

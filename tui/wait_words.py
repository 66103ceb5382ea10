"""What is said of a long wait: what it was made of, and what can be done instead of waiting on."""

from typing import TYPE_CHECKING

from core.amounts import time_text
from core.sanitise import clean_line
from tui.amounts import seconds_text
from tui.labels import PARTS

if TYPE_CHECKING:
    from core.engine.instead import Instead
    from core.metrics.waits import Wait

WORTH_NAMING_MS = 50.0
"""A part that would be told as 0.0 s is left out."""


def parts_text(wait: "Wait") -> str:
    """``loading 3.1 s · reading 0.9 s · queue 0.1 s``; empty where no part is worth naming."""
    parts = zip(PARTS.values(), (wait.load_ms, wait.prompt_ms, wait.thinking_ms, wait.queue_ms), strict=True)
    return " · ".join(f"{name} {seconds_text(ms)}" for name, ms in parts if ms >= WORTH_NAMING_MS)


def instead_text(instead: "Instead | None", deep_key: str, *, has_maybe: bool) -> str:
    """What can be done instead: a stored answer, depth, stopping, a smaller model by its name."""
    maybe = "tab opens the stored answer · " if has_maybe else ""
    if instead is not None and instead.deep_s is not None:  # sooner than anything that asks this server again
        return f"{maybe}{deep_key} goes deep (usual {time_text(instead.deep_s)}) · esc stops"
    smaller = instead.smaller if instead else None
    if smaller is None:
        return f"{maybe}esc stops · F2 takes another model"
    known = "" if smaller.ttft_ms is None else f" ({seconds_text(smaller.ttft_ms)} here)"
    # Taken now it would answer the next question; this one is stopped and asked again.
    return f"{maybe}esc stops · /model {clean_line(smaller.name)}{known}, then /again"


def instead_in_shell_text(reason: str) -> str:
    """The same for one question in a shell."""
    return f"{reason} · ctrl+c stops · -m takes another model"

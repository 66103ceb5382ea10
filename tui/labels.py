"""How an answer is named in passing: whose it is, where and how soon it came, or how old it is."""

from typing import TYPE_CHECKING

from core.amounts import clock_text
from core.events import WaitReason
from core.messages import Route
from core.sanitise import clean_line
from tui.amounts import seconds_text

if TYPE_CHECKING:
    from core.events import StoredQuestion

NOTHING_LEAVES = "nothing leaves this machine"
"""Promised of what is local, and by nobody while anything is sent elsewhere."""
LONGEST_SOURCE = 60
"""Characters of an earlier question where it is named in passing."""

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_AGES = (
    (_MINUTE_S, _HOUR_S, "min"),
    (_HOUR_S, _DAY_S, "h"),
    (_DAY_S, 14 * _DAY_S, "day"),
    (7 * _DAY_S, 61 * _DAY_S, "week"),
    (30 * _DAY_S, 730 * _DAY_S, "month"),
    (365 * _DAY_S, float("inf"), "year"),
)


PARTS = {
    WaitReason.LOADING: "loading",
    WaitReason.PROMPT: "reading",
    WaitReason.THINKING: "thinking",
    WaitReason.QUEUE: "queue",
}
"""In the order of `core.metrics.waits.Wait`."""


def ago_text(seconds: float) -> str:
    """``just now``, ``5 min ago``, ``2 days ago``, ``3 months ago``."""
    if seconds < _MINUTE_S:
        return "just now"
    unit_s, _, name = next(age for age in _AGES if seconds < age[1])
    count = int(seconds // unit_s)
    return f"{count} {name}{'s' if count > 1 and name not in ('min', 'h') else ''} ago"


def shortened(text: str, length: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def stored_label(route: Route, model: str, source: "StoredQuestion") -> str:
    """``cached · 2 days ago · qwen3:4b``, or ``cached · from "how do I …"`` for another wording.

    One that was thought through says so: ``cached · 2 days ago · deep · claude-opus``. One that was made
    ahead: ``prefetched · qwen3:4b · just now``.
    """
    ago = f"{ago_text(source.age_s)} · deep" if source.is_deep else ago_text(source.age_s)
    match route:
        case Route.SEMANTIC_HIT | Route.MAYBE_KEPT:
            what = "kept" if route is Route.MAYBE_KEPT else "cached"
            return f'{what} · from "{shortened(clean_line(source.question), LONGEST_SOURCE)}" · {ago}'
        case Route.PREFETCH_HIT:
            return f"prefetched · {model} · {ago}"
        case _:
            return f"cached · {ago} · {model}"


def fast_label(
    model: str, place: str, ttft_ms: float | None, wait: WaitReason | None = None, wait_ms: float = 0.0
) -> str:
    """``qwen3:4b · 0.2 s``, ``qwen3:4b · 4.2 s (loading 3.1 s)``; a place that is not this machine too."""
    where = "" if place in ("local", "demo") else place
    took = "" if ttft_ms is None else late_text(ttft_ms, wait, wait_ms)
    return " · ".join(part for part in (model, where, took) if part)


def late_text(ttft_ms: float, wait: WaitReason | None, wait_ms: float) -> str:
    """``4.2 s (loading 3.1 s)``; the time alone where nothing is known of it, or it was no delay."""
    why = f" ({PARTS[wait]} {seconds_text(wait_ms)})" if wait in PARTS else ""
    return seconds_text(ttft_ms) + why


def deep_label(route: Route, model: str, place: str, elapsed_s: float | None, cost: str = "") -> str:
    """``deep · claude-opus · REMOTE · 0:41 · ≈$0.11``, or ``deep · qwen3:4b thinking · local``."""
    if route is Route.DEEP_LOCAL:
        model = f"{model} thinking"
    where = "REMOTE" if place.startswith("REMOTE") else place
    took = "" if elapsed_s is None else clock_text(elapsed_s)
    return " · ".join(filter(None, ("deep", model, where, took, cost)))

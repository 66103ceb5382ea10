"""What is said of waits, states and answers, in the same words on the screen and on stderr."""

from typing import TYPE_CHECKING

from core.amounts import tokens_text
from core.engine.outlook import Outlook, Readiness
from core.events import MaybeFound, Routed, TurnFinished, WaitReason
from core.metrics.waits import DELAY_MS
from core.sanitise import clean_line
from tui.amounts import bytes_text, seconds_text
from tui.labels import (
    LONGEST_SOURCE,
    NOTHING_LEAVES,
    ago_text,
    fast_label,
    late_text,
    shortened,
    stored_label,
)

if TYPE_CHECKING:
    from core.providers.base import ModelInfo

WAIT_WORDS = {
    WaitReason.LOADING: "loading the model",
    WaitReason.QUEUE: "waiting: the server is busy with another request",
    WaitReason.PROMPT: "reading the question",
    WaitReason.THINKING: "thinking",
    WaitReason.UNKNOWN: "waiting for the server",
}
ANSWERING = "answering · esc stops"
TELL_CONTEXT_FROM = 0.7
LONGEST_DIFFERS = 30
"""Characters of what differs; the rest stands in the opened answer."""


def wait_text(reason: WaitReason | None, waited_ms: float, usual_ms: float | None) -> str:
    """``loading the model · 2.1 s (last time 4.1 s)``."""
    unheard = WAIT_WORDS[WaitReason.UNKNOWN] if waited_ms >= DELAY_MS else "asking"
    words = WAIT_WORDS[reason] if reason else unheard
    return f"{words} · {seconds_text(waited_ms)}{_last_time(usual_ms)}"


def pause_text(paused_ms: float) -> str:
    """``nothing more for 4.0 s · esc stops``: an answer began, and does not go on."""
    return f"nothing more for {seconds_text(paused_ms)} · esc stops"


def still_wait_text(reason: WaitReason, usual_ms: float | None) -> str:
    """``loading the model (last time 4.1 s)``, for where no clock ticks."""
    return WAIT_WORDS[reason] + _last_time(usual_ms)


def _last_time(usual_ms: float | None) -> str:
    return f" (last time {seconds_text(usual_ms)})" if usual_ms else ""


def footer(routed: Routed | None, finished: TurnFinished) -> str:
    """What is said under an answer that ends: who made it, where and how soon, or where it was kept."""
    if routed is None:
        return late_text(finished.ttft_ms, finished.wait, finished.wait_ms)
    if routed.source is not None:
        return stored_label(routed.route, routed.model, routed.source)
    return fast_label(routed.model, routed.place, finished.ttft_ms, finished.wait, finished.wait_ms)


def maybe_text(maybe: MaybeFound) -> tuple[str, str]:
    """``similar, 3 days ago: "undo the last commit"``, and ``(differs: merge) · tab opens`` behind it."""
    source = maybe.source
    differs = shortened(clean_line(", ".join(source.differs)), LONGEST_DIFFERS)
    question = shortened(clean_line(source.question), LONGEST_SOURCE)
    opens = f"(differs: {differs}) · tab opens" if differs else "· tab opens"
    return f'similar, {ago_text(source.age_s)}: "{question}"', opens


def promise(place: str) -> str:
    """What can be promised of a place; only what is local may promise that nothing leaves."""
    return {"local": NOTHING_LEAVES, "demo": "prepared answers, no real model"}.get(place, "")


def context_text(tokens: int, window: int) -> str:
    """``ctx 6.1k/8.2k`` from 70 % on; empty below, and when the window is not known."""
    if not window or tokens < window * TELL_CONTEXT_FROM:
        return ""
    return f"ctx {tokens_text(tokens)}/{tokens_text(window)}"


def guide(outlook: Outlook) -> str:
    """The one next step while something is missing; empty when all is well."""
    match outlook.readiness:
        case Readiness.READY if outlook.place == "demo":
            return "try: how do I undo the last commit?"
        case Readiness.READY:
            return outlook.note
        case Readiness.NO_MODEL if outlook.proposal:
            size = f" ({outlook.proposal.size_gb:g} GB)" if outlook.proposal.size_gb else ""
            return f"F3 fetches {outlook.proposal.name}{size} · F8 tries the demo model"
        case Readiness.NO_SERVER if outlook.place == "local" and outlook.provider == "ollama":
            return "start it: ollama serve · get it: ollama.com/download · F8 the demo model"
        case _:
            return outlook.remedy


def state_text(outlook: Outlook) -> str:
    """How things stand, in a few words."""
    if outlook.readiness is Readiness.READY:
        return promise(outlook.place)
    return f"{outlook.message} · I keep trying"


def describe_model(model: "ModelInfo", place: str) -> str:
    """Size, weights, where it runs and whether it is loaded, in one line."""
    facts = [
        f"{bytes_text(model.size_bytes):>8}" if model.size_bytes and "REMOTE" not in place else " " * 8,
        f"{model.parameters / 1e9:.3g}B" if model.parameters else "",
        place,
        f"loaded, window {model.loaded_ctx:,}" if model.loaded_ctx else "",
    ]
    return "  ".join(fact for fact in facts if fact).rstrip()

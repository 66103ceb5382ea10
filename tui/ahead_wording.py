"""What is done ahead, in words: how much now, how much lately, and what it was good for."""

from core.amounts import time_text, tokens_text
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED, Judgement
from core.store.speculation import SpeculationCounts

_LEVELS = {
    Level.OFF: "nothing",
    Level.WARM: "the model is kept warm",
    Level.TYPING: "warm, and what is typed is read meanwhile",
    Level.ALL: "warm, typed text read meanwhile, follow-up questions",
}


def now_words(judgement: Judgement | None, *, is_wanted: bool = True) -> str:
    """How much is done ahead now, and why not more."""
    if not is_wanted:
        return "nothing ([speculation] enabled = false)"
    if judgement is None:
        return "nothing (leadline is still starting)"
    words = _LEVELS[judgement.level]
    if judgement.reason:
        return f"{words} ({judgement.reason})"
    return f"{words} answered" if judgement.level is Level.ALL else words


def hidden_words(chips: int) -> str:
    """Why no follow-up questions are shown."""
    if not chips:
        return "none ([speculation] chips = 0)"
    return f"hidden: the last {MOST_IGNORED} offers were passed by; /1 asks one unseen and brings them back"


def count_rows(counts: SpeculationCounts) -> list[tuple[str, str]]:
    """What was done and what came of it, as labels and words."""
    if not counts.offered and not any(counts.requests.values()):
        return [("so far", "nothing was done ahead")]
    return [
        ("offered", f"{_many(counts.offered, 'question')}, {share_text(counts.taken, counts.offered)} taken"),
        ("sent at a pause", _adopted(counts)),
        ("waiting saved", time_text(counts.saved_s)),
        ("written ahead", _tokens(counts)),
        ("device busy", time_text(counts.busy_s)),
        ("each one used", _price(counts)),
        ("requests", _by_purpose(counts.requests)),
        ("makes way in", _delays(counts)),
    ]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def share_text(part: int, whole: int, of: str = "") -> str:
    """``12 (40%)``, or ``12 (40% of those shown)``; without a share where there is nothing to share."""
    return f"{part:,} ({part / whole:.0%}{f' {of}' if of else ''})" if whole else f"{part:,}"


def _tokens(counts: SpeculationCounts) -> str:
    written = sum(counts.tokens.values())
    return f"{tokens_text(written)} tokens, {tokens_text(counts.wasted_tokens)} of them used by nobody"


def _adopted(counts: SpeculationCounts) -> str:
    """Of those that were sent, where it is known how many."""
    taken = f"{_many(counts.adopted, 'question')} that enter then took"
    return f"{taken}, of {counts.sent:,}" if counts.sent else taken


def _price(counts: SpeculationCounts) -> str:
    """What all that was made ahead cost, for each answer of it that was of use."""
    if not counts.used:
        return "nothing was of use yet"
    written = sum(counts.tokens.values()) / counts.used
    busy = time_text(counts.busy_s / counts.used)
    return f"cost {tokens_text(round(written))} tokens and {busy} of the device"


def _by_purpose(requests: dict[str, int]) -> str:
    return " · ".join(f"{purpose} {count:,}" for purpose, count in requests.items() if count) or "none"


def _delays(counts: SpeculationCounts) -> str:
    """Half of the times, and nineteen of twenty."""
    half, most = counts.delay_p50_ms, counts.delay_p95_ms
    if half is None or most is None:
        return "not measured yet"
    return f"{half:.0f} ms (p50), {most:.0f} ms (p95), measured {_many(len(counts.delays_ms), 'time')}"

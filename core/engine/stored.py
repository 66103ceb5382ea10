"""An answer that was there before its question: told as a turn's events, and kept as one of its answers."""

from core.cache.found import Found, Hit
from core.events import Routed, StoredQuestion, TextDelta, TurnEvent, TurnFinished
from core.messages import AnswerState, Door, Route
from core.store.entries import Ending, NewAnswer, Started


def source_of(found: Found, now: float) -> StoredQuestion:
    """The question a stored answer was given to, how long ago, and how it differs.

    Args:
        now: Unix time in seconds.
    """
    differs = [" / ".join(filter(None, (each.asked, each.stored))) for each in found.differs]
    if found.is_other_model:
        differs.append(f"made by {found.model}")
    return StoredQuestion(found.question, max(0.0, now - found.asked_at), tuple(differs), found.depth > 0)


def route_of(found: Found) -> Route:
    """The route of an answer that is served."""
    return Route.EXACT_HIT if found.outcome is Hit.EXACT else Route.SEMANTIC_HIT


def told(found: Found, now: float) -> tuple[Routed, TextDelta]:
    """What is told at once: the text waits for nothing, since it is in the store already."""
    source = source_of(found, now)
    return Routed(route_of(found), found.model, found.provider, found.place, source), TextDelta(found.text)


def finished(started: Started | None, took_ms: float) -> TurnEvent:
    """The last event; its first text came with its last. None where the turn could not be written down."""
    turn, answer = (started.turn, started.answer) if started else (0, 0)
    return TurnFinished(turn, answer, took_ms, took_ms, 0)


def as_answer(found: Found, route: Route, door: Door = Door.SCREEN) -> NewAnswer:
    """The answer as the store begins it; the question it came from stays with it."""
    return NewAnswer(
        route,
        found.model,
        found.provider,
        found.place,
        source=found.question,
        source_at=found.asked_at,
        preset=_preset_of(found.depth),
        door=door,
    )


def as_ending(found: Found, took_ms: float | None) -> Ending:
    """How it ended; None of a time where nobody waited."""
    return Ending(
        AnswerState.COMPLETE, found.text, reason="stop", ttft_ms=took_ms, total_ms=took_ms, output_tokens=None
    )


def _preset_of(depth: int) -> str:
    if not depth:
        return ""
    from core.deep.question import Preset  # an exact hit waits for this module, and seldom is a deep one

    return next((each.value for each in Preset if each.depth == depth), "")

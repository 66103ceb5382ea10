"""The lines under an answer that say how it came."""

from core.engine.details import Details
from core.messages import Answer, AnswerState, Route
from core.metrics.waits import Wait
from core.store.measured import Measured
from tui.detail_words import details_text


def measured(**of: object) -> Measured:
    """Nothing but what the test says."""
    texts = dict.fromkeys(("model", "route", "effort", "door", "place", "state"), "")
    nothing = dict.fromkeys(set(Measured._fields) - set(texts) - {"answer", "turn", "started_at"})
    return Measured(**(nothing | texts | {"answer": 1, "turn": 1, "started_at": 1.0} | of))  # type: ignore[arg-type]  # as the test says


def answer(route: Route = Route.FAST, **of: object) -> Answer:
    """A whole answer."""
    given: dict[str, object] = {"state": AnswerState.COMPLETE, "place": "local", "model": "qwen3:4b"} | of
    return Answer(1, 1, route, provider="ollama", text="t", started_at=90_000.0, **given)  # type: ignore[arg-type]  # as the test says


def test_a_fast_answer_says_route_wait_speed_and_tokens() -> None:
    """Everything the label leaves out, in lines that fit 80 columns."""
    one = measured(
        ttft_ms=4200.0, total_ms=8800.0, paint_ms=4230.0, itl_ms=24.0, decode_ms=4500.0, output_tokens=180
    )
    text = details_text(
        Details(answer(input_tokens=812, output_tokens=180), one, 640, Wait(3100, 900, 100, 100))
    )
    assert text.splitlines() == [
        "fast · qwen3:4b · local",
        "first text 4.2 s: loading 3.1 s · reading 0.9 s · thinking 0.1 s · queue 0.1 s",
        "on the screen 4.2 s after the key · 8.8 s in all · 40.0 tok/s · ITL 24 ms",
        "812 tokens in (640 from the prefix cache) · 180 out",
    ]
    assert max(map(len, text.splitlines())) <= 78


def test_a_stored_answer_says_what_it_first_answered() -> None:
    """It has no speed of its own; that it was there before is what matters."""
    stored = answer(Route.SEMANTIC_HIT, source="how do I undo?", source_at=90_000.0 - 2 * 86_400)
    text = details_text(Details(stored, measured(ttft_ms=3.0, total_ms=3.0, paint_ms=31.0), None, None))
    assert text.splitlines() == [
        "semantic-hit · qwen3:4b · local",
        'from "how do I undo?" · 2 days ago',
        "first text 3 ms",
        "on the screen 31 ms after the key · 3 ms in all",
    ]


def test_a_deep_answer_says_effort_time_and_cost() -> None:
    """What was paid for is said beside how long it took."""
    deep = answer(Route.DEEP, model="big:1", place="REMOTE api.deep.example", usd=0.11, output_tokens=900)
    one = measured(effort="high", ttft_ms=9000.0, total_ms=41_000.0, output_tokens=900)
    text = details_text(Details(deep, one, None, None))
    assert "deep · big:1 · effort high · REMOTE api.deep.example" in text
    assert "0:41 in all · 28.1 tok/s · ≈$0.11" in text


def test_what_failed_says_so_and_a_strange_name_is_harmless() -> None:
    """Names come from servers and from files that others wrote."""
    failed = answer(state=AnswerState.FAILED, reason="time\x1b[31mout", model="m\x1b]0;x\x07")
    text = details_text(Details(failed, measured(total_ms=15_000.0), None, None))
    assert "failed (time" in text
    assert "no text came · 0:15 in all" in text
    assert "\x1b" not in text

"""An answer that was made ahead says so, when it comes and whenever it is read again."""

import pytest
from textual.pilot import Pilot

from core.events import Routed, StoredQuestion, TurnFinished
from core.messages import Answer, AnswerState, Route, Turn
from tests.screen.transcript_stage import play
from tui.transcript.view import Transcript
from tui.wording import footer

MODEL = "qwen3:4b"


@pytest.mark.parametrize(
    ("route", "label"),
    [
        (Route.PREFETCH_HIT, "prefetched · qwen3:4b · 5 min ago"),
        # What was made ahead broke, and the question was asked anew: it is an answer of the model's own.
        (Route.FAST, "qwen3:4b · 0.2 s"),
    ],
)
def test_a_stored_turn_says_whether_its_answer_was_made_ahead(route: Route, label: str) -> None:
    """What stood on the screen stands there again tomorrow, with its age as it was when it came."""
    answer = Answer(
        1, 1, route, MODEL, "", "local", AnswerState.COMPLETE, "text", 1000.0, 200.0, source_at=690.0
    )
    seen: list[str] = []

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show([Turn(1, 1, "why?", 0.0, answers=(answer,), current=answer)])
        await pilot.pause()
        seen.append(view.visible_text())

    play(scene)
    assert label in seen[0]


def test_an_answer_made_ahead_is_labelled_as_it_comes() -> None:
    """Its time says nothing of the model's speed, so that is not what stands under it."""
    routed = Routed(Route.PREFETCH_HIT, MODEL, "ollama", "local", StoredQuestion("why?", 12.0))

    assert footer(routed, TurnFinished(1, 1, 4.0, 4.0, 80)) == "prefetched · qwen3:4b · just now"

"""The demo's deep calls: a plan, its parts, an answer with thinking; prepared, and plainly the demo's."""

import asyncio
import json
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from core.context.prompt import with_attachments
from core.deep.question import DeepQuestion
from core.messages import Attachment, Message, Role, Route
from core.providers.deep.calls import DeepRequest, Effort
from core.providers.demo import MODEL_NAME, Pace
from core.providers.demo_answers import load_repertoire
from core.providers.demo_deep import DemoCaller
from core.providers.demo_scenes import load_scenes
from core.sanitise import clean
from tests.core.deep_door import Told
from tests.core.depth_door import stage

AT_ONCE = Pace(0.0, 1e9)
UNDO = "How do I undo my last commit?"
OUTPUT = Attachment(
    "pane",
    "FAILED tests/test_a.py::test_total - assert 3 == 4\ntests/test_a.py:7: AssertionError\n"
    "E       assert 3 == 4",
    "",
)
PLAN = 'Take it apart. Reply with JSON only:\n{"parts": [{"title": "…", "question": "…"}]}'


def say(
    question: str, task: str = "", *files: Attachment, effort: Effort = Effort.HIGH, pace: Pace = AT_ONCE
) -> Told:
    """One deep call to its end; a task stands behind the question, as a run puts it."""
    message = with_attachments("\n\n".join(filter(None, [question, task])), files)
    request = DeepRequest(MODEL_NAME, (Message(Role.USER, message),), effort)

    async def main() -> Told:
        told = Told()
        async with aclosing(DemoCaller(pace).call(request)) as events:
            async for event in events:
                told.events.append(event)
        return told

    return asyncio.run(main())


def parts_of(question: str, *files: Attachment) -> list[dict[str, str]]:
    """The plan's parts."""
    parts = json.loads(say(question, PLAN, *files).text)["parts"]
    assert isinstance(parts, list)
    return parts


@pytest.mark.parametrize(
    ("question", "files"),
    [(UNDO, ()), ("rebase or merge?", ()), ("tell me a story", ()), ("why?", (OUTPUT,))],
)
def test_a_question_is_planned_in_four_parts_answered_and_put_together(
    question: str, files: tuple[Attachment, ...]
) -> None:
    """Whoever tries leadline without a model sees what a deep run is, from its plan to its answer."""
    parts = parts_of(question, *files)
    findings = [
        say(question, f"Answer only this:\n\n{part['title']}\n{part['question']}", *files) for part in parts
    ]
    named = [Attachment(f"finding {n}: x", told.text, "") for n, told in enumerate(findings, 1)]
    message = with_attachments("Write the whole answer.", tuple(named))
    whole, at_once = say(question, message, *files), say(question, "", *files)

    assert len(parts) == 4
    assert len({told.text for told in findings}) == 4
    assert whole.text == at_once.text
    assert whole.text not in {told.text for told in findings}
    assert "demo model" in whole.text
    for told in (*findings, whole):
        assert told.finish.shortfall is None
        assert told.thinking
        assert told.usage.output_tokens > told.usage.thinking_tokens > 0
        assert "{" not in told.text.replace("@{", "")


def test_a_failing_test_in_another_pane_is_thought_through() -> None:
    """It is the question with which the demo is shown: the cause first, then what follows from it."""
    told = say("why?", "", OUTPUT)
    assert told.text.startswith("`test_total` fails in `tests/test_a.py`, line 7:")
    assert "The code gives `3`, and the test expects `4`." in told.text
    assert "Which of the two is wrong?" in told.text


def test_what_is_prepared_is_clean_and_names_what_exists() -> None:
    """A scene for an answer that was renamed would never be seen again."""
    scenes = load_scenes()
    ids = {answer.id for answer in load_repertoire().prepared}
    assert {"failure", "known", "unknown"} <= scenes.keys()
    assert scenes.keys() - {"failure", "known", "unknown"} <= ids
    for scene in scenes.values():
        assert len({part.question for part in scene.parts}) == len(scene.parts) == 4
        for text in (scene.answer, scene.thinking, *(part.text for part in scene.parts)):
            assert clean(text) == text


def test_a_shown_run_takes_some_seconds_and_an_impatient_test_none() -> None:
    """Long enough to be watched, short enough to be waited for."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def main() -> None:
        request = DeepRequest(MODEL_NAME, (Message(Role.USER, UNDO),))
        async with aclosing(DemoCaller(sleep=sleep).call(request)) as events:
            assert [event async for event in events]

    asyncio.run(main())
    assert 3.0 < sum(slept) < 8.0
    began = time.perf_counter()
    say(UNDO)
    assert time.perf_counter() - began < 2.0


def test_another_model_and_no_thinking_are_taken_at_their_word() -> None:
    """Answering in another model's place would be a lie."""

    async def main() -> Told:
        told = Told()
        async for event in DemoCaller(AT_ONCE).call(DeepRequest("gpt-x", (Message(Role.USER, UNDO),))):
            told.events.append(event)
        return told

    assert asyncio.run(main()).failure.error.kind == "model_missing"
    assert say(UNDO, effort=Effort.NONE).thinking == ""


def test_the_demo_goes_nowhere(tmp_path: Path) -> None:
    """No key is looked for, nothing is offered, nothing is sent."""

    async def main() -> None:
        async with stage(tmp_path, environ={"ANTHROPIC_API_KEY": "sk-ant-x"}, is_demo=True) as s:
            depth = await s.depths.find(DeepQuestion(UNDO))
            assert (depth.place, depth.host, depth.provider, depth.model) == ("demo", "", "demo", MODEL_NAME)
            assert (depth.is_free, depth.is_local, depth.route) == (True, True, Route.DEEP)
            assert s.depths.offer() == s.depths.take_offer() == ""
            assert isinstance(depth.caller, DemoCaller)

    asyncio.run(main())

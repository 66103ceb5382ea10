"""All of it together: whatever the person does, nothing of ours is in their way or wrongly served."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.messages import Route
from core.providers.base import ModelInfo, Request
from core.speculation.background import begins
from core.speculation.level import Level
from core.speculation.speculator import Speculator
from tests.core.ahead_stage import CPU, MODEL, Stage, play

THINKING = ModelInfo(MODEL, capabilities=frozenset({"completion", "thinking"}))
TEXTS = (
    "why",
    "why is",
    "why is it ",
    "why is it so slow?",
    "explain this code",
    "no",
    "yes",
    "x " * 900,
    "",
)

PAUSES = st.sampled_from((0.01, 0.1, 0.26, 0.3, 0.4, 0.8))
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.tuples(st.sampled_from(TEXTS), PAUSES, st.sampled_from(TEXTS[:-1]))),
    st.tuples(st.just("type"), st.sampled_from(TEXTS)),
    st.tuples(st.just("rest"), st.sampled_from((0.0, 0.01, 0.1, 0.3, 0.6, 2.0, 8.0))),
    st.tuples(st.just("enter"), st.sampled_from(("typed", *TEXTS[:-1]))),
    st.tuples(st.just("stop"), st.sampled_from((0.0, 0.05, 0.3))),
    st.tuples(st.just("focus"), st.booleans()),
    st.tuples(st.just("depth"), st.sampled_from((0.1, 1.0))),
    st.tuples(st.just("begin"), st.none()),
    st.tuples(st.just("passed"), st.none()),
)


async def _act(stage: Stage, kind: str, what: object, typed: str) -> str:
    """One thing that happens; gives back what stands in the prompt then."""
    match kind, what:
        case "type", str(text):
            stage.typed(text)
            return text
        case "rest", float(seconds):
            await asyncio.sleep(seconds)
        case "enter", str(text):
            asked = typed if text == "typed" and typed.strip() else TEXTS[0] if text == "typed" else text
            await _enter(stage, asked)
            return ""
        case "ask", (str(text), float(seconds), str(asked)):
            stage.typed(text)
            await asyncio.sleep(seconds)
            await _enter(stage, asked)
            return ""
        case "stop", float(seconds):
            asking = asyncio.ensure_future(stage.enter("stop me"))
            await asyncio.sleep(seconds)
            asking.cancel()
            await asyncio.wait({asking})
            stage.speculator.passed()
        case "focus", bool(has_focus):
            stage.speculator.focused(has_focus)
        case "depth", float(seconds):
            with stage.lanes.depth():
                await asyncio.sleep(0.001)
                assert stage.machine.running == 0 or not stage.machine.ahead[-1].request.messages
                await asyncio.sleep(seconds)
                assert stage.machine.running == 0 or not stage.machine.ahead[-1].request.messages
        case "begin", None:
            stage.speculator.begin(1)
        case _:
            stage.speculator.passed()
    return typed


async def _enter(stage: Stage, text: str) -> None:
    """Ask, and see that nothing stands before the request but what reads its beginning."""
    request = stage.now(text)
    before = len(stage.machine.sent)
    heard = await stage.enter(text)
    new = stage.machine.sent[before:]
    if heard.adopted is None:
        persons = next(sent for sent in new if sent.is_persons)
        assert persons.request == request
        for sent in stage.machine.ahead:
            if sent.began_at <= persons.began_at and (sent.over_at or 1e9) > persons.began_at + 0.001:
                assert begins(_read_of(sent.request), request)
    else:
        assert request in [sent.request for sent in stage.machine.ahead]
        assert not any(sent.is_persons for sent in new)
    assert stage.machine.answer.startswith(heard.text)


def _read_of(request: Request) -> Request:
    """A reading without the empty question that is sent behind an answer."""
    if request.messages and not request.messages[-1].text:
        return replace(request, messages=request.messages[:-1])
    return request


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=1, max_size=25), st.sampled_from((Level.TYPING, Level.ALL)))
def test_in_any_storm_there_is_one_at_most_and_none_in_the_way(
    steps: list[tuple[str, object]], most: Level
) -> None:
    """Keys, pauses, questions, stops, depth, focus: in any order, at any time."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        typed = ""
        for kind, what in steps:
            typed = await _act(stage, kind, what, typed)
            assert stage.machine.most_ahead <= 1
        await stage.speculator.aclose()
        assert stage.machine.running == 0

    play(scene, most=most, info=THINKING, family="qwen3")


def test_when_it_is_off_nothing_happens_at_all() -> None:
    """Not even the model is loaded."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await stage.type("what is it?")
        await asyncio.sleep(1)
        await stage.enter("what is it?")
        await asyncio.sleep(30)
        assert not stage.machine.ahead
        assert not stage.counts()

    play(scene, most=Level.OFF)


def test_what_was_done_is_counted_and_what_it_saved() -> None:
    """`/speculation` must be able to say what it costs."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        asked = "what is it that fails there, on the other machine and never on mine"
        await stage.type(asked)
        await asyncio.sleep(0.5)
        stage.typed(f"{asked} or")
        await asyncio.sleep(0.6)
        heard = await stage.enter(f"{asked} or")
        assert heard.adopted is not None
        requests = stage.counts()
        assert {"preload", "prefix", "typing", "submit"} <= set(requests)
        assert requests["submit"] == 2
        counts = stage.store.counts(0)
        assert counts.adopted == 1
        assert 0 < counts.saved_s < 1
        assert 0 < counts.wasted_tokens < counts.tokens["submit"] + counts.tokens["typing"] + 10
        assert 0 < counts.busy_s < 5

    play(scene)


def test_a_wait_behind_what_was_closed_is_measured_and_kept() -> None:
    """The server lets go of a prefill only once a second: that is what is measured, and obeyed later."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        for number in range(6):
            stage.typed(f"{number} " + "x " * 500)
            await asyncio.sleep(0.02)
            await stage.enter(f"something else {number}")
            await asyncio.sleep(5)
        stage.counts()
        delays = stage.store.delays(stage.machine.address, MODEL)
        assert len(delays) == 6
        assert all(was_prefilling and 300 < ms < 2500 for ms, was_prefilling in delays[:5])
        assert delays[5][0] < 300  # obeyed by then
        before = len(stage.machine.ahead)
        stage.typed("y " * 500)
        await asyncio.sleep(0.5)
        assert stage.machine.ahead[before].computed <= 64

    play(scene)


def test_a_wait_for_what_reads_the_beginning_of_the_question_is_no_delay() -> None:
    """What was read for the person would have been read after Enter: the lane lost them nothing by it."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(30)
        stage.typed("why is it so slow?")
        await asyncio.sleep(0.9)
        asked = "why is it so slow? " + "here " * 36
        stage.typed(asked)  # what was sent as it was still is closed
        for _ in range(1000):
            if stage.machine.running and stage.machine.ahead[-1].request == _only_read(stage, asked):
                break
            await asyncio.sleep(0.01)
        left = stage.machine.ahead[-1]
        await stage.enter(asked.strip() + " and there")
        assert left.has_ended
        stage.counts()
        assert stage.store.delays(stage.machine.address, MODEL) == ()

    play(scene, pace=CPU)


def _only_read(stage: Stage, text: str) -> Request:
    return replace(stage.now(text.strip()), num_predict=1)


def test_a_wait_that_nothing_of_ours_explains_is_somebody_elses() -> None:
    """Then only what is warm is kept for ten minutes."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.enter("what is it?")
        assert stage.speculator.judgement().level is Level.TYPING
        other = asyncio.ensure_future(_drain(stage))
        await asyncio.sleep(0.1)
        await stage.enter("and now?")
        await other
        assert stage.speculator.judgement().level is Level.WARM
        assert "another program" in stage.speculator.judgement().reason

    play(scene)


async def _drain(stage: Stage) -> None:
    async for _ in stage.machine.runner.run("something of another program's " * 5, ["word"] * 60):
        pass


@pytest.mark.parametrize("error_at", ["first", "later"])
def test_what_broke_ahead_is_asked_anew(error_at: str) -> None:
    """Nobody is told of an error in what they never asked for."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        say: Callable[..., object] = stage.machine._say
        stage.machine._say = _broken(error_at)  # type: ignore[assignment, method-assign]  # a fault
        await stage.type("what is it?")
        await asyncio.sleep(0.6)
        stage.machine._say = say  # type: ignore[assignment, method-assign]  # well again
        heard = await stage.enter("what is it?")
        assert heard.adopted is None
        assert heard.text == stage.machine.answer

    play(scene)


def _broken(error_at: str) -> Callable[..., object]:
    from core.errors import StreamCut
    from core.events import TextDelta

    async def say(*_: object) -> object:
        if error_at == "later":
            yield TextDelta("half")
        raise StreamCut("cut", "Ask again.")

    return say


def test_an_adopted_one_is_named_for_what_it_is() -> None:
    """A question that was sent while its text was still is an ordinary fast answer."""

    async def scene(stage: Stage) -> None:
        speculator: Speculator = stage.speculator
        speculator.begin(None)
        await asyncio.sleep(10)
        stage.typed("what is it?")
        await asyncio.sleep(0.4)
        adopted = speculator.adopt(stage.now("what is it?"))
        assert adopted is not None
        assert adopted.route is Route.FAST
        await adopted.stream.aclose()

    play(scene)

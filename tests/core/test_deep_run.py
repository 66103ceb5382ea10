"""A deep run goes through its stages, contains what fails, and keeps what came, whatever ends it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.deep.depth import Depth
from core.deep.evidence_values import Evidence
from core.deep.question import DeepQuestion, Preset
from core.deep.run import Run
from core.deep.status import RunState, RunStatus, StageKind
from core.engine.depths import AfterOffline, OfflineWay
from core.errors import HouseError
from core.events import (
    Noted,
    Routed,
    StageReported,
    StageState,
    TextDelta,
    TextRestarted,
    ThinkingDelta,
    TurnCancelled,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from core.messages import AnswerState, Route
from core.providers.deep import failures
from core.providers.deep.calls import (
    Effort,
    Failed,
    Finished,
    Heartbeat,
    Queued,
    Reason,
    Retrying,
    Silent,
)
from core.providers.deep.failures import Overloaded
from core.settings.model import DeepSettings
from tests.core.deep_runs import (
    PLAN,
    Answer,
    PlainPacking,
    ScriptedCaller,
    bench,
    heard,
    in_a_loop,
    text_of,
    until,
)

CUT = Failed(failures.cut_off("deep.example", has_text=True), is_partial=True)
BUSY = Overloaded("deep.example is overloaded", "Ask again later.")


def names(status: RunStatus, state: StageState) -> list[str]:
    return [stage.id for stage in status.stages if stage.state is state]


@in_a_loop
async def test_a_deep_run_tells_its_stages_streams_its_answer_and_keeps_it() -> None:
    """One call: what is sent, the answer, the check; and the answer is the turn's current one."""
    caller = ScriptedCaller(write=[ThinkingDelta("Hm.\nPools leak."), "Close", " it."])
    async with bench(caller) as deep:
        asked = await deep.asked()
        run = await deep.start(turn=asked.turn)
        events = await heard(run)
        turn = deep.doors.conversations.turn(asked.turn)

    kinds = [type(event) for event in events if not isinstance(event, StageReported | Noted)]
    assert kinds == [Routed, TurnStarted, ThinkingDelta, TextDelta, TextDelta, UsageReported, TurnFinished]
    reported = [(e.id, e.state.value) for e in events if isinstance(e, StageReported)]
    assert reported == [
        (stage, state) for stage in ("context", "write", "check") for state in ("started", "finished")
    ]
    assert (text_of(events), run.status().thinking) == ("Close it.", "Pools leak.")
    assert run.status().state is RunState.COMPLETE
    assert turn.current is not None
    assert (turn.current.text, turn.current.route, turn.current.preset) == ("Close it.", Route.DEEP, "deep")
    assert [answer.text for answer in turn.answers] == ["Because.", "Close it."]
    assert caller.stages == ["write"]
    assert "Because." not in str(caller.requests), "the draft is an anchor, and is not sent"


@in_a_loop
async def test_the_first_fact_is_there_before_anything_is_on_its_way() -> None:
    """A busy store or a slow network holds back no word of what is sent."""
    async with bench(ScriptedCaller()) as deep:
        run = await deep.start()
        status = run.status()
        assert status.fact == "the question, 2 tokens, 0 secrets"
        assert [stage.id for stage in status.stages] == ["context", "write", "check"]
        await run.over()
        assert run.status().stages[0].note == status.fact


@in_a_loop
async def test_a_later_question_keeps_a_deep_answer_from_becoming_current() -> None:
    """The warm prefix of a conversation is never changed behind the person's back."""
    door = asyncio.Event()
    async with bench(ScriptedCaller(write=["Deep.", door])) as deep:
        asked = await deep.asked()
        run = await deep.start(turn=asked.turn)
        await deep.places.depth.caller.waiting("write").wait()  # type: ignore[attr-defined]  # scripted
        await deep.asked("So.", asked.conversation)
        door.set()
        await run.over()
        turn = deep.doors.conversations.turn(asked.turn)
    assert turn.current is not None
    assert turn.current.text == "Because."
    assert turn.answers[-1].text == "Deep."


@in_a_loop
async def test_deeper_plans_answers_its_parts_at_the_same_time_and_writes() -> None:
    """The synthesis has every finding; parts do not wait for each other."""
    doors = [asyncio.Event() for _ in range(3)]
    caller = ScriptedCaller(
        plan=["Sure:\n```json\n", PLAN, "\n```"],
        one=["First", doors[0], "."],
        two=["Second", doors[1], "."],
        three=["Third", doors[2], "."],
        write=["All."],
    )
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        for part in ("one", "two", "three"):
            await caller.waiting(part).wait()
        status = run.status()
        assert names(status, StageState.STARTED) == ["part-1", "part-2", "part-3"]
        assert [stage.finding for stage in status.stages if stage.kind is StageKind.PART] == [
            "First",
            "Second",
            "Third",
        ]
        for door in reversed(doors):
            door.set()
        events = await heard(run)
        turns = deep.doors.conversations.turn(run.status().turn)

    assert caller.most_open == 3
    assert text_of(events) == "All."
    said = caller.requests[-1].messages[-1].text
    assert all(finding in said for finding in ("First.", "Second.", "Third.", "finding 2: two"))
    assert turns.current is not None
    assert turns.current.preset == "deeper"
    last = [event for event in events if isinstance(event, StageReported)][-1]
    assert (last.id, last.index, last.count) == ("check", 7, 7)


@pytest.mark.parametrize(
    "plan", ['{"parts": []}', "One call is enough.", '["a", "b"]', "{" * 9_000, '{"parts": {"a": 1}}', ""]
)
@in_a_loop
async def test_a_plan_of_fewer_than_three_parts_is_one_call(plan: str) -> None:
    """A plan that cannot be read costs its call, and never the answer."""
    caller = ScriptedCaller(plan=[plan] if plan else [], write=["Deep."])
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
    assert caller.stages == ["plan", "write"]
    assert text_of(events) == "Deep."
    assert any("one call is enough" in event.text for event in events if isinstance(event, Noted))
    assert "finding" not in caller.requests[-1].messages[-1].text


@in_a_loop
async def test_a_finding_that_was_cut_in_a_block_of_code_does_not_swallow_the_next() -> None:
    """One of them read as the other's code is lost as surely as if it had not been kept."""
    door = asyncio.Event()
    caller = ScriptedCaller(
        plan=[PLAN],
        one=["1. So:\n   ```python\n   x = 1", door],
        two=["> Or:\n> ~~~~\n> y = 2\n> ~~~~\nDone.", door],
        three=["```\nz", door],
    )
    async with bench(caller) as deep:
        asked = await deep.asked()
        run = await deep.start(preset=Preset.DEEPER, turn=asked.turn)
        for part in ("one", "two", "three"):
            await caller.waiting(part).wait()
        run.end()
        await run.over()
        text = deep.doors.conversations.turn(asked.turn).answers[-1].text
    assert text == (
        "## one (incomplete)\n\n1. So:\n   ```python\n   x = 1\n   ```\n\n"
        "## two (incomplete)\n\n> Or:\n> ~~~~\n> y = 2\n> ~~~~\nDone.\n\n"
        "## three (incomplete)\n\n```\nz\n```"
    )


@in_a_loop
async def test_a_plan_whose_thinking_took_all_its_tokens_is_one_call() -> None:
    """The provider has ended it by itself; the question can still be answered whole."""
    end = Finished(Reason.LENGTH, "length", failures.length_reached(8))
    async with bench(ScriptedCaller(plan=[ThinkingDelta("Hm."), end])) as deep:
        run = await deep.whole(preset=Preset.DEEPER)
    assert run.status().state is RunState.COMPLETE


@in_a_loop
async def test_a_plan_that_cannot_be_asked_for_ends_the_run() -> None:
    """The next call would fail for the same reason, and cost the same wait."""
    async with bench(ScriptedCaller(plan=[Failed(BUSY)])) as deep:
        run = await deep.whole(preset=Preset.DEEPER)
    assert (run.status().state, run.status().error) == (RunState.FAILED, BUSY)
    assert names(run.status(), StageState.FAILED) == ["plan"]


@in_a_loop
async def test_a_part_that_fails_is_named_and_the_answer_is_told_what_is_missing() -> None:
    """One refusal must not cost the other findings."""
    failed = Failed(failures.Declined("it declines", "Ask something else."))
    caller = ScriptedCaller(plan=[PLAN], two=[failed])
    async with bench(caller) as deep:
        run = await deep.whole(preset=Preset.DEEPER)
        status = run.status()
    assert status.state is RunState.COMPLETE
    part = next(stage for stage in status.stages if stage.id == "part-2")
    assert (part.state, part.note) == (StageState.FAILED, "it declines")
    said = caller.requests[-1].messages[-1].text
    assert "Nothing was found on: two" in said
    assert "answer to three" in said


@in_a_loop
async def test_a_run_whose_parts_all_fail_fails_with_the_first_reason() -> None:
    """There is nothing to write from."""
    failed = Failed(failures.OutOfCredit("out of credit at deep.example", "Add some."))
    async with bench(ScriptedCaller(plan=[PLAN], one=[failed], two=[failed], three=[failed])) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
    assert isinstance(events[-1], TurnFailed)
    assert (events[-1].kind, events[-1].is_partial) == ("out_of_credit", False)
    assert run.status().state is RunState.FAILED


@in_a_loop
async def test_a_synthesis_that_fails_leaves_the_findings_as_the_answer() -> None:
    """What the parts have found was paid for."""
    caller = ScriptedCaller(plan=[PLAN], write=[Failed(BUSY)])
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
        turn = deep.doors.conversations.turn(run.status().turn)
    assert text_of(events).startswith("## one\n\nanswer to one\n\n## two")
    assert isinstance(events[-1], TurnFailed)
    assert events[-1].is_partial
    assert turn.answers[-1].text == text_of(events)
    assert turn.answers[-1].state is AnswerState.PARTIAL
    assert run.status().error is BUSY


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        (Finished(Reason.LENGTH, "length", failures.length_reached(8)), RunState.COMPLETE, "length"),
        (Finished(Reason.REFUSAL, "refusal", failures.declined("x", "")), RunState.PARTIAL, "refusal"),
        (
            Finished(Reason.CONTEXT, "context", failures.context_reached("x")),
            RunState.PARTIAL,
            "context_full",
        ),
        (Failed(failures.cut_off("x", has_text=True), is_partial=True), RunState.PARTIAL, "cut"),
    ],
)
@in_a_loop
async def test_an_answer_that_is_not_whole_is_kept_and_says_why(
    end: Finished | Failed, state: RunState, reason: str
) -> None:
    """Text that came is never thrown away, and never passed off as whole."""
    async with bench(ScriptedCaller(write=["Half", end])) as deep:
        run = await deep.whole()
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
    assert (run.status().state, answer.reason, answer.text) == (state, reason, "Half")
    assert run.status().error is (end.shortfall if isinstance(end, Finished) else end.error)


@in_a_loop
async def test_an_answer_without_a_word_fails() -> None:
    """An empty answer is none."""
    async with bench(ScriptedCaller(write=[])) as deep:
        run = await deep.whole()
    assert run.status().state is RunState.FAILED
    assert run.status().error is not None


@in_a_loop
async def test_a_new_try_begins_the_answer_again() -> None:
    """Nothing of the call before is part of it; who listens is told, who comes late never sees it."""
    door = asyncio.Event()
    caller = ScriptedCaller(write=["Fir", Retrying(BUSY, 1.4, 1, 2), door, "Second."])
    async with bench(caller) as deep:
        run = await deep.start()
        listening = asyncio.ensure_future(heard(run))
        await caller.waiting("write").wait()
        status = run.status()
        assert (status.retries, status.stages[1].note) == (
            1,
            "retry 1 of 2 in 1.4 s: deep.example is overloaded",
        )
        door.set()
        events = await listening
        late = await heard(run)
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
    restart = next(n for n, event in enumerate(events) if isinstance(event, TextRestarted))
    assert text_of(events[restart:]) == text_of(late) == answer.text == "Second."
    assert run.status().stages[1].note != status.stages[1].note


@in_a_loop
async def test_silence_and_queues_are_told_with_signs_of_life() -> None:
    """A person sees at every moment whether anything is going on."""
    now = [100.0]
    doors = [asyncio.Event(), asyncio.Event()]
    caller = ScriptedCaller(
        write=[Queued(), doors[0], Heartbeat(9), Silent(20.0, 3.0, 90.0), doors[1], "Text."]
    )
    async with bench(caller, clock=lambda: now[0]) as deep:
        run = await deep.start()
        await caller.waiting("write").wait()
        now[0] += 70
        status = run.status()
        assert status.fact == "queued at api.deep.example 1:10 (last byte 1:10 ago)"
        assert (status.alive_s, status.silent_s, status.elapsed_s) == (70, 70, 70)
        caller.waiting("write").clear()
        doors[0].set()
        await caller.waiting("write").wait()
        assert run.status().fact == "api.deep.example is silent for 1:10 (alive)"
        assert run.status().alive_s == 0
        doors[1].set()
        await run.over()
        now[0] += 5
        assert run.status().elapsed_s == 70
        assert run.status().alive_s is None


@in_a_loop
async def test_who_comes_late_hears_all_of_it_in_few_pieces() -> None:
    """A screen that opens a run in the middle shows what one that was there shows."""
    caller = ScriptedCaller(write=[ThinkingDelta("a"), ThinkingDelta("b"), *("x" for _ in range(500))])
    async with bench(caller) as deep:
        run = await deep.start()
        first = await heard(run)
        late = await heard(run)
    assert text_of(first) == text_of(late) == "x" * 500
    assert len([event for event in late if isinstance(event, TextDelta | ThinkingDelta)]) == 2
    assert [e for e in first if isinstance(e, StageReported)] == [
        e for e in late if isinstance(e, StageReported)
    ]


@in_a_loop
async def test_lines_of_thought_and_facts_hold_no_keys_and_no_escapes() -> None:
    """They come from a stranger, and go to a terminal."""
    told = ThinkingDelta("the key is sk-ant-1234567890abcdefghij here")
    plan = PLAN.replace("one", "\\u001b[2Jone\\u202e")
    async with bench(ScriptedCaller(plan=[told, plan])) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        await run.over()
        status = run.status()
    assert "1234567890" not in status.thinking
    assert status.thinking.startswith("the key is …")
    assert "\x1b" not in str(status.stages) + status.fact
    assert "\u202e" not in str(status.stages)


@in_a_loop
async def test_a_plan_on_the_screen_goes_on_by_itself() -> None:
    """Nobody has to be there."""
    caller = ScriptedCaller(plan=[PLAN])
    async with bench(caller) as deep:
        run = await deep.whole(preset=Preset.DEEPER, waits_for_plan=True)
    assert run.status().state is RunState.COMPLETE
    assert len(caller.requests) == 5


@in_a_loop
async def test_a_plan_that_is_held_waits_and_a_struck_part_is_left_out() -> None:
    """Whoever looks closer has all the time they want; what they strike is not paid for."""
    caller = ScriptedCaller(plan=[PLAN])
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER, waits_for_plan=True)
        await reached(run, RunState.PLANNED)
        assert run.status().goes_on_in_s is not None
        run.strike("part-2")
        run.strike("part-3")
        run.strike("part-3")
        run.strike("nothing")
        await asyncio.sleep(0.05)
        assert run.status().state is RunState.PLANNED
        assert run.status().goes_on_in_s is None
        run.go_on()
        await run.over()
        run.strike("part-1")
    assert caller.stages == ["plan", "one", "three", "write"]
    assert names(run.status(), StageState.STRUCK) == ["part-2"]


@in_a_loop
async def test_a_hint_goes_along_with_the_next_stage_and_is_refused_by_none() -> None:
    """A word in time steers a run; one that comes too late is said to."""
    door, last = asyncio.Event(), asyncio.Event()
    caller = ScriptedCaller(plan=[door, PLAN], write=["x", last])
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        await caller.waiting("plan").wait()
        run.hint("think of\x1b asyncio")
        assert run.status().hints == ("think of\ufffd asyncio → next stage",)
        door.set()
        await caller.waiting("write").wait()
        run.hint("too late")
        last.set()
        events = await heard(run)
    assert all("think of\ufffd asyncio" in each.messages[-1].text for each in caller.requests[1:])
    assert run.status().hints == ("think of\ufffd asyncio → one",)
    assert Noted("there is no stage left that could take a hint") in events


@in_a_loop
async def test_calls_to_one_place_are_bounded_over_all_runs() -> None:
    """Two runs at a place that takes two calls never make three."""
    caller = ScriptedCaller(plan=[PLAN])
    async with bench(caller, parallel=2) as deep:
        runs = [await deep.start(preset=Preset.DEEPER) for _ in range(2)]
        for run in runs:
            await run.over()
    assert caller.most_open == 2
    assert all(run.status().state is RunState.COMPLETE for run in runs)


@in_a_loop
async def test_local_runs_wait_for_each_other_and_remote_ones_do_not() -> None:
    """A server with one slot serves one after another; the second is listed all the same."""
    for shares_slot in (True, False):
        door = asyncio.Event()
        caller = ScriptedCaller(write=["x", door])
        async with bench(caller, shares_slot=shares_slot) as deep:
            first, second = await deep.start("a"), await deep.start("b")
            await caller.waiting("write").wait()
            if shares_slot:
                assert second.status().state is RunState.QUEUED
                await asyncio.sleep(0.02)
                assert len(caller.requests) == 1
            else:
                await until(lambda: len(caller.requests) == 2)  # noqa: B023  (it is called at once)
                assert second.status().state is RunState.RUNNING
            assert deep.deep.runs == (first, second)
            door.set()
            await second.over()
        assert second.status().state is RunState.COMPLETE


@pytest.mark.parametrize("moment", ["queued", "plan", "parts", "write", "pause"])
@pytest.mark.parametrize("act", ["end", "drop"])
@in_a_loop
async def test_a_run_ends_in_every_state_and_keeps_what_came(moment: str, act: str) -> None:
    """A key pressed twice, or in a bad moment, does what it says, once."""
    door = asyncio.Event()
    answers: dict[str, Answer] = {"plan": [PLAN]}
    stage = {"parts": "two", "write": "write", "plan": "plan"}.get(moment)
    if stage:
        answers[stage] = ["Some text", door]
    caller = ScriptedCaller(**answers)
    async with bench(caller, shares_slot=moment == "queued") as deep:
        if moment == "queued":
            caller.answers["write"] = ["x", door]
            await deep.start()
            await caller.waiting("write").wait()
        run = await deep.start(preset=Preset.DEEPER, waits_for_plan=moment == "pause")
        listening = asyncio.ensure_future(heard(run))
        if stage:
            await caller.waiting(stage).wait()
        elif moment == "pause":
            await reached(run, RunState.PLANNED)
        calls = caller.open
        getattr(run, act)()
        getattr(run, act)()
        run.end()
        run.hold()
        run.go_on()
        await run.over()
        run.end()
        assert caller.open == calls - (1 if stage else 0)
        events = await listening
        status, left = run.status(), deep.deep.left()
        kept = deep.doors.conversations.counts().answers

    text = {"parts": "## one\n\nanswer to one\n\n## two (incomplete)\n\nSome text", "write": "Some text"}
    assert not left
    if act == "drop":
        assert status.state is RunState.DROPPED
        assert events[-1] == TurnCancelled(is_partial=False)
        assert kept == (1 if moment == "queued" else 0)
    else:
        assert status.state is RunState.PARTIAL
        assert events[-1] == TurnCancelled(is_partial=moment in text)
        assert text_of(events).startswith(text.get(moment, ""))
        assert kept == (2 if moment == "queued" else 1)


@in_a_loop
async def test_a_run_that_is_over_can_be_dropped() -> None:
    """What was not worth keeping goes, and the draft is the answer again."""
    async with bench(ScriptedCaller()) as deep:
        asked = await deep.asked()
        run = await deep.whole(turn=asked.turn)
        run.drop()
        await run.over()
        run.drop()
        await run.over()
        turn = deep.doors.conversations.turn(asked.turn)
    assert [answer.text for answer in turn.answers] == ["Because."]
    assert turn.current is not None
    assert run.status().state is RunState.DROPPED


@in_a_loop
async def test_a_bug_of_ours_ends_the_run_with_its_text_and_says_so() -> None:
    """A run in the background must not vanish without a word."""

    class Broken(ScriptedCaller):
        def place(self, remote_host: str = "") -> str:
            if self.requests:
                raise RuntimeError("boom")
            return "local"

    async with bench(Broken()) as deep:
        run = await deep.start()
        events = await heard(run)
    assert isinstance(events[-1], TurnFailed)
    assert events[-1].kind == "bug"
    assert run.status().state is RunState.FAILED


@in_a_loop
async def test_a_check_that_cannot_look_costs_no_answer() -> None:
    """Evidence is a help, not a condition."""

    async def check(text: str, sources: tuple[object, ...]) -> tuple[object, ...]:
        raise OSError("no such disk")

    async with bench(ScriptedCaller(), check=check) as deep:
        run = await deep.whole()
    assert run.status().state is RunState.COMPLETE
    assert names(run.status(), StageState.FAILED) == ["check"]


@pytest.mark.parametrize(
    ("held", "note"),
    [
        ([], "nothing to check"),
        ([True], "the one check holds"),
        ([False], "the one check does not hold"),
        ([True, False, False, False], "1 of 4 checks hold"),
        ([True, True, True], "all 3 checks hold"),
    ],
    ids=["none", "one", "one that does not", "some", "all"],
)
@in_a_loop
async def test_what_holds_is_said_to_be_checks(held: list[bool], note: str) -> None:
    """Behind "3 findings", a bare "1 of 4 hold" reads as if the findings did not."""

    async def check(text: str, sources: tuple[object, ...]) -> tuple[Evidence, ...]:
        return tuple(Evidence(f"block {n}", is_ok) for n, is_ok in enumerate(held, 1))

    async with bench(ScriptedCaller(), check=check) as deep:
        run = await deep.start()
        told = [each for each in await heard(run) if isinstance(each, StageReported) and each.id == "check"]
    assert run.status().stages[-1].note == note
    assert (told[-1].note == "") is (not held), "of nothing to check, nothing is said"


@in_a_loop
async def test_a_cap_begins_nothing_more_and_keeps_what_is_finished() -> None:
    """Findings that were paid for are the answer; no call is begun that would go beyond."""
    caller = ScriptedCaller(plan=[PLAN])
    tokens = DeepSettings(max_tokens_per_run=400)
    async with bench(caller, settings=tokens, prices={"big:1": "1 1"}) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
    assert isinstance(events[-1], TurnFailed)
    assert events[-1].kind == "cap"
    assert events[-1].is_partial
    assert caller.stages == ["plan", "one", "two", "three"]
    assert "## one" in text_of(events)
    assert run.status().state is RunState.PARTIAL


@in_a_loop
async def test_a_run_beyond_a_cap_is_refused_before_its_plan_is_paid_for() -> None:
    """A plan that no part may follow is money for nothing; one that goes on has its plan already."""
    caller = ScriptedCaller(plan=[PLAN])
    dollars = DeepSettings(max_usd_per_run=0.008)
    async with bench(caller, settings=dollars, prices={"big:1": "0 1"}) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
        status = run.status()
    assert caller.stages == []
    assert (status.state, names(status, StageState.FAILED)) == (RunState.FAILED, ["plan"])
    assert isinstance(events[-1], TurnFailed)
    assert (events[-1].kind, events[-1].message) == (
        "cap",
        "this run may cost ≈$0.009; $0.00 of the run's $0.008 are spent",
    )
    assert "deep.max_usd_per_run" in events[-1].remedy


@pytest.mark.parametrize(
    ("preset", "caps", "said"),
    [
        (Preset.DEEP, {"max_usd_per_run": 0.39}, "over $0.39 a run: deep.max_usd_per_run"),
        (Preset.DEEPER, {"max_usd_per_run": 0.4}, "over $0.40 a run: deep.max_usd_per_run"),
        (
            Preset.DEEPER,
            {"max_usd_per_run": 9.0, "max_usd_per_day": 0.3},
            "over $0.30 a day: deep.max_usd_per_day",
        ),
        (Preset.DEEPER, {"max_usd_per_run": 9.0, "max_usd_per_day": 9.0}, ""),
    ],
    ids=["one call", "run", "day", "neither"],
)
@in_a_loop
async def test_who_is_asked_anyway_is_told_first_that_a_cap_is_too_low(
    preset: Preset, caps: dict[str, float], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To agree to what is then refused is a question wasted."""
    asks = ("first time to api.deep.example here",)
    monkeypatch.setattr(PlainPacking, "asks", lambda *_: asks)
    settings = replace(DeepSettings(), **caps)  # type: ignore[arg-type]  # numbers all
    async with bench(ScriptedCaller(), settings=settings, prices={"big:1": "0 50"}) as deep:
        prepared = await deep.deep.prepare(DeepQuestion("Why?", preset))
        monkeypatch.setattr(PlainPacking, "asks", lambda *_: ())
        unasked = await deep.deep.prepare(DeepQuestion("Why?", preset))
    assert prepared.asks == (*filter(None, (said,)), *asks)
    assert unasked.asks == ()


@in_a_loop
async def test_parts_are_checked_as_a_group() -> None:
    """One part alone might fit; all of them together do not, and so none goes out."""
    caller = ScriptedCaller(plan=[PLAN])
    dollars = DeepSettings(max_usd_per_run=0.010)
    async with bench(caller, settings=dollars, prices={"big:1": "0 1"}) as deep:
        run = await deep.whole(preset=Preset.DEEPER)
    assert caller.stages == ["plan"]
    assert run.status().state is RunState.FAILED
    assert isinstance(run.status().error, HouseError)


@in_a_loop
async def test_what_was_spent_is_counted_and_kept_with_the_answer() -> None:
    """100 tokens read at $1 and 20 written at $10 a million, by two prices that the settings say."""
    async with bench(ScriptedCaller(), prices={"big:1": "1 10"}) as deep:
        run = await deep.whole()
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
        spent = deep.doors.ledger.spent_since(0)
    assert run.status().spending.usd == pytest.approx(0.0003)
    assert answer.usd == pytest.approx(0.0003)
    assert spent.usd == pytest.approx(0.0003)


@pytest.mark.parametrize(("answer", "is_estimate"), [(["All."], False), (["Half", CUT], True)])
@in_a_loop
async def test_tokens_are_an_estimate_only_where_the_provider_has_not_counted_them(
    answer: Answer, is_estimate: bool
) -> None:
    """That it names no price is another thing: its counts are counts all the same."""
    async with bench(ScriptedCaller(write=answer), prices={"big:1": "1 10"}) as deep:
        events = await heard(await deep.start())
    (usage,) = [event for event in events if isinstance(event, UsageReported)]
    assert usage.usd is not None
    assert usage.is_estimate is is_estimate


@in_a_loop
async def test_three_runs_are_told_as_facts_and_nine_as_usual() -> None:
    """What is said of how long it takes rests on our own runs, stage by stage."""
    async with bench(ScriptedCaller()) as deep:
        for count in range(9):
            run = await deep.whole()
            assert (run.status().usual is None) == (count < 3)
        run = await deep.whole()
        status = run.status()
    assert status.usual is not None
    assert status.usual.p90_s is not None
    write = next(stage for stage in status.stages if stage.kind is StageKind.WRITE)
    assert write.usual is not None
    assert len(status.past_s) == 9


@in_a_loop
async def test_a_store_that_refuses_costs_no_run(tmp_path: Path) -> None:
    """A full disk is told once, and the answer is there."""
    async with bench(ScriptedCaller(plan=[PLAN], write=["All."]), tmp_path / "x.db") as deep:
        deep.database.close()
        run = await deep.start(preset=Preset.DEEPER)
        events = await heard(run)
    assert text_of(events) == "All."
    assert len([e for e in events if isinstance(e, Noted) and e.text.startswith("not saved")]) == 1
    assert isinstance(events[-1], TurnFinished)


OFFLINE = Failed(failures.Offline("no way to deep.example", "Look at the network."))


@pytest.mark.parametrize("preset", [Preset.DEEP, Preset.DEEPER])
@in_a_loop
async def test_without_a_way_a_run_is_done_here_when_the_settings_say_so(preset: Preset) -> None:
    """The same run goes on with this machine's model; every listener hears where."""
    local = ScriptedCaller(plan=[PLAN])
    local.word, local.address = "local", "http://127.0.0.1:1"
    here = Depth(local, "small:1", Effort.HIGH, "ollama", "", "local", is_free=True, note="thinks here")
    async with bench(ScriptedCaller(plan=[OFFLINE], write=[OFFLINE])) as deep:
        deep.places.after = AfterOffline(OfflineWay.LOCAL, here)
        asked = await deep.asked()
        run = await deep.start(preset=preset, turn=asked.turn)
        events = await heard(run)
        answer = deep.doors.conversations.turn(asked.turn).answers[-1]
        assert not deep.deep.left()
    assert [(e.route, e.place) for e in events if isinstance(e, Routed)] == [
        (Route.DEEP, "REMOTE api.deep.example"),
        (Route.DEEP_LOCAL, "local"),
    ]
    assert Noted("thinks here") in events
    assert text_of(events) == "answer to write"
    assert (answer.route, answer.model, answer.provider) == (Route.DEEP_LOCAL, "small:1", "ollama")


@in_a_loop
async def test_without_a_way_a_run_waits_in_the_queue_and_goes_on_when_there_is_one() -> None:
    """It is kept as queued, so that a crash loses nothing; a word makes it look at once."""
    caller = ScriptedCaller(write=[OFFLINE])
    async with bench(caller) as deep:
        deep.places.after = AfterOffline(OfflineWay.QUEUE)
        run = await deep.start()
        await reached(run, RunState.QUEUED)
        caller.answers.clear()
        run.retry()
        events = await heard(run)
    assert text_of(events) == "answer to write"
    assert Noted("queued: no way to deep.example") in events


@in_a_loop
async def test_without_a_way_the_person_is_asked_by_default() -> None:
    """The failure says what can be pressed."""
    async with bench(ScriptedCaller(write=[OFFLINE])) as deep:
        run = await deep.whole()
    assert run.status().state is RunState.FAILED
    assert run.status().error is OFFLINE.error


async def reached(run: Run, state: RunState) -> None:
    """Wait until a run stands somewhere."""
    await until(lambda: run.status().state is state)

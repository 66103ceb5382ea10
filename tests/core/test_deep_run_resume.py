"""A run whose leadline died: its finished stages are never paid for twice, and next to no text is lost."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.deep.doors import Pace
from core.deep.question import Preset
from core.deep.status import RunState, StageKind
from core.engine.deepening import ElsewhereNow, NotLeft
from core.events import StageState, TextDelta, TurnCancelled, TurnFinished
from core.messages import AnswerState
from core.providers.deep import failures
from core.providers.deep.calls import Failed
from core.providers.deep.failures import DeepError
from tests.core.deep_calling import USUAL, caller
from tests.core.deep_runs import PLAN, ScriptedCaller, bench, heard, in_a_loop, text_of, until
from tests.core.deep_wire import MODEL, NAMES, four_parts, stages_of
from tests.server import OllamaServer

CUT = failures.cut_off("deep.example", has_text=True)
BUSY = failures.Overloaded("deep.example is overloaded", "Ask again later.")
ROOT = Path(__file__).parents[2]
RATE = 100.0
RUN = """
import asyncio, sys
from pathlib import Path
from core.deep.doors import Pace
from core.deep.doors import Pace
from core.deep.question import Preset
from tests.core.deep_runs import bench
from tests.core.deep_calling import caller_at
from tests.core.deep_wire import MODEL

async def main():
    async with bench(caller_at(sys.argv[2], "anthropic"), Path(sys.argv[1]), model=MODEL) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        run.hint("think of pools")
        await run.over()

asyncio.run(main())
"""


def _killed_while_it_writes(path: Path, server: OllamaServer) -> float:
    """A leadline that is killed two seconds into its synthesis; how many words it had been sent."""
    process = subprocess.Popen([sys.executable, "-c", RUN, str(path), server.url], cwd=ROOT)
    try:
        written = server.wait_for(
            lambda each: stages_of((each,)) == ["write"] and each.first_token_at is not None
        )
        time.sleep(2.0)  # so long it streams; what is asked is how much of this is kept
        os.kill(process.pid, signal.SIGKILL)
        killed_at = time.monotonic()
    finally:
        process.kill()
        process.wait()
    assert written.first_token_at is not None
    return (killed_at - written.first_token_at) * RATE


@in_a_loop
async def test_a_killed_run_loses_half_a_second_and_pays_for_no_stage_twice(tmp_path: Path) -> None:
    """The promise of the journal, with a real process, a real kill and the server's own log."""
    path = tmp_path / "leadline.db"
    with OllamaServer(four_parts(5, RATE, write_words=500)) as server:
        sent = await asyncio.to_thread(_killed_while_it_writes, path, server)
        before = len(server.log)
        server.script = four_parts(5, write_words=500)
        async with bench(caller(server, "anthropic", USUAL), path, model=MODEL) as deep:
            (left,) = deep.deep.left()
            assert (left.stage, left.done, left.count) == ("write", 6, 8)
            (stored,) = deep.doors.journal.left("/somewhere")
            kept = len(stored.stages[-1].text.split())
            partial = deep.doors.conversations.turn(left.turn).answers[-1]
            run = await deep.deep.resume(left.run)
            events = await heard(run)
            answer = deep.doors.conversations.turn(left.turn).answers[-1]
            assert deep.deep.left() == ()
        again = stages_of(server.log[before:])

    assert kept >= sent - 0.5 * RATE - 100, "a moment for the pipe, the process and the disk"
    assert (partial.state, len(partial.text.split())) == (AnswerState.PARTIAL, kept)
    assert again == ["write"]
    assert isinstance(events[-1], TurnFinished)
    assert text_of(events) == answer.text == "".join(f"write{n} " for n in range(500))
    assert answer.state is AnswerState.COMPLETE
    assert "think of pools" in str(server.log[-1].body)
    assert set(NAMES) <= {stage.title for stage in run.status().stages}
    assert all(stage.usd is not None for stage in run.status().stages if stage.kind is StageKind.PART)


async def _left(path: Path, **answers: object) -> None:
    """A run that a quit has stopped while two of its three parts were answered."""
    door = asyncio.Event()
    caller = ScriptedCaller(plan=[PLAN], two=["Half", door], **answers)  # type: ignore[arg-type]  # scripts
    async with bench(caller, path) as deep:
        asked = await deep.asked()
        run = await deep.start(preset=Preset.DEEPER, turn=asked.turn)
        await caller.waiting("two").wait()
        await until(lambda: run.status().stages[4].state is StageState.FINISHED)
        listening = asyncio.ensure_future(heard(run))
        await deep.deep.aclose()
        assert (await listening)[-1] == TurnCancelled(is_partial=True)


@in_a_loop
async def test_a_quit_leaves_a_run_to_be_resumed(tmp_path: Path) -> None:
    """Whoever closes the lid has not asked for the run to end."""
    await _left(tmp_path / "x.db")
    caller = ScriptedCaller(plan=[PLAN])
    async with bench(caller, tmp_path / "x.db") as deep:
        (left,) = deep.deep.left()
        assert (left.state, left.question, left.model) == ("interrupted", "Why?", "big:1")
        turn = deep.doors.conversations.turn(left.turn)
        assert turn.current is not None
        assert turn.current.text == "Because.", "half of an answer takes no whole one's place"
        run = await deep.deep.resume(left.run)
        await run.over()
        with pytest.raises(NotLeft):
            await deep.deep.resume(left.run)
        turn = deep.doors.conversations.turn(left.turn)
    assert caller.stages == ["two", "write"]
    assert "answer to one" in caller.requests[-1].messages[-1].text
    assert run.status().elapsed_s > 0
    assert turn.current is not None
    assert turn.current.text == "answer to write"


@in_a_loop
async def test_a_resumed_run_s_elapsed_goes_on_where_it_was(tmp_path: Path) -> None:
    """Also when nothing but the context was finished, and nothing had come: a clock that jumps back lies."""
    door, pace = asyncio.Event(), Pace(beat_s=0.02)
    caller = ScriptedCaller(write=[door])
    async with bench(caller, tmp_path / "x.db", pace=pace) as deep:
        run = await deep.start()
        began = time.monotonic()
        await caller.waiting("write").wait()
        await asyncio.sleep(0.2)  # so long nothing comes

        def kept_s() -> float:
            stored = deep.doors.journal.run(1)
            return stored.elapsed_s if stored else 0.0

        await until(lambda: kept_s() >= 0.1)  # on the way: a kill tells nobody
        run.leave()
        await run.over()
        took = time.monotonic() - began
    await asyncio.sleep(1.0)  # nobody runs it
    async with bench(ScriptedCaller(), tmp_path / "x.db") as deep:
        (left,) = deep.deep.left()
        again = await deep.deep.resume(left.run)
        assert 0.19 <= again.status().elapsed_s <= took + 0.9
        await again.over()


@in_a_loop
async def test_a_run_that_was_left_can_be_kept_or_dropped(tmp_path: Path) -> None:
    """It is offered until the person decides, and then never again."""
    for act in ("keep", "drop"):
        path = tmp_path / f"{act}.db"
        await _left(path)
        async with bench(ScriptedCaller(), path) as deep:
            (left,) = deep.deep.left()
            await getattr(deep.deep, act)(left.run)
            assert deep.deep.left() == ()
            answers = deep.doors.conversations.turn(left.turn).answers
            with pytest.raises(NotLeft):
                await deep.deep.keep(left.run)
        if act == "keep":
            assert answers[-1].state is AnswerState.PARTIAL
            assert answers[-1].text.startswith("## one\n\nanswer to one\n\n## two (incomplete)\n\nHalf")
        else:
            assert [answer.text for answer in answers] == ["Because."]


@pytest.mark.parametrize("error", [CUT, BUSY])
@in_a_loop
async def test_a_run_that_lost_its_way_goes_on_behind_what_is_finished(error: DeepError) -> None:
    """The network fails in the synthesis: what came is the answer, and its parts are never paid for again."""
    caller = ScriptedCaller(plan=[PLAN], write=["Half", Failed(error, is_partial=True)])
    async with bench(caller) as deep:
        asked = await deep.asked()
        run = await deep.whole(preset=Preset.DEEPER, turn=asked.turn)
        assert run.status().state is RunState.PARTIAL
        (left,) = deep.deep.left()
        caller.answers.pop("write")
        again = await deep.deep.resume(left.run)
        assert text_of(await heard(again)) == "answer to write"
        turn = deep.doors.conversations.turn(asked.turn)
        assert deep.deep.left() == ()
    assert caller.stages == ["plan", "one", "two", "three", "write", "write"]
    assert [answer.text for answer in turn.answers] == ["Because.", "answer to write"]
    assert turn.current == turn.answers[-1]


@in_a_loop
async def test_a_run_that_would_meet_the_same_refusal_again_is_not_offered() -> None:
    """Nobody is asked to pay for a second no."""
    refused = Failed(failures.Declined("it declines", "Ask something else."))
    async with bench(ScriptedCaller(plan=[PLAN], write=[refused])) as deep:
        await deep.whole(preset=Preset.DEEPER)
        assert deep.deep.left() == ()


@in_a_loop
async def test_a_stage_is_not_taken_over_for_another_request(tmp_path: Path) -> None:
    """What was found for other words is no finding for these."""
    await _left(tmp_path / "x.db")
    caller = ScriptedCaller(plan=[PLAN])
    async with bench(caller, tmp_path / "x.db", num_ctx=4096) as deep:
        (left,) = deep.deep.left()
        await (await deep.deep.resume(left.run)).over()
    assert sorted(caller.stages) == sorted(["plan", "one", "two", "three", "write"])


@in_a_loop
async def test_a_run_is_not_resumed_at_another_place(tmp_path: Path) -> None:
    """What was meant for one provider is not sent to the next without a word."""
    await _left(tmp_path / "x.db")
    caller = ScriptedCaller()
    caller.address = "https://other.example"
    async with bench(caller, tmp_path / "x.db") as deep:
        (left,) = deep.deep.left()
        with pytest.raises(ElsewhereNow, match="other"):
            await deep.deep.resume(left.run)
        assert deep.deep.left() == (left,)
    assert not caller.requests


@in_a_loop
async def test_text_that_came_is_kept_within_the_bound_even_when_nothing_more_comes(tmp_path: Path) -> None:
    """A stream that stalls must not keep its last words from the journal."""
    door = asyncio.Event()
    caller = ScriptedCaller(write=["First.", door])
    async with bench(caller, tmp_path / "x.db", pace=Pace(save_s=0.05)) as deep:
        run = await deep.start()
        await caller.waiting("write").wait()

        def kept() -> set[str]:
            stored = deep.doors.journal.run(1)
            turn = deep.doors.conversations.turn(run.status().turn)
            said = stored.stages[-1].text if stored and stored.stages else ""
            return {said, *(each.text for each in turn.answers[-1:])}

        await until(lambda: kept() == {"First."} and run.status().saved_s is not None)
        saved = deep.doors.journal.run(1)
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
        assert run.status().saved_s is not None
        run.end()
        await run.over()
    assert saved is not None
    assert (saved.stages[-1].text, answer.text) == ("First.", "First.")
    assert run.status().state is RunState.PARTIAL


@in_a_loop
async def test_text_is_handed_to_the_journal_by_the_clock_from_the_first_piece_on() -> None:
    """Never later than the bound after the last time, and at once behind a pause; the clock is the run's."""
    now, said = 0.0, ""
    doors = [asyncio.Event() for _ in range(5)]
    steps = [step for pair in zip(doors, "abcde", strict=True) for step in pair]
    caller = ScriptedCaller(write=[*steps, asyncio.Event()])
    async with bench(caller, pace=Pace(save_s=400.0, beat_s=1e6), clock=lambda: now) as deep:
        run = await deep.start()
        await caller.waiting("write").wait()

        async def listen() -> None:
            nonlocal said
            async for event in run.listen():
                said += event.text if isinstance(event, TextDelta) else ""

        async def kept(piece: int, at: float) -> str:
            """What the journal has when the next piece has come at this moment."""
            nonlocal now
            now = at
            doors[piece].set()
            await until(lambda: said == "abcde"[: piece + 1])
            await asyncio.sleep(0)
            await asyncio.wrap_future(deep.doors.journal.alive(1))  # behind all that was handed over before
            stored = deep.doors.journal.run(1)
            return stored.stages[1].text if stored else ""

        listening = asyncio.ensure_future(listen())
        assert await kept(0, 399.0) == ""
        assert await kept(1, 400.0) == "ab"
        assert await kept(2, 799.0) == "ab"
        assert await kept(3, 801.0) == "abcd", "from the last hand-over, not from when it was written"
        assert await kept(4, 9000.0) == "abcde", "what comes behind a pause does not wait once more"
        run.end()
        await listening

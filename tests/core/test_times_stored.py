"""What is stored of an answer's times, whichever way it came, and what is told of a late one."""

import asyncio
import itertools

import pytest

from core.engine.details import details_of
from core.events import ThinkingDelta, TurnFinished, WaitReason
from core.providers.base import Ended
from core.store.conversations import Conversations
from core.store.measured import MeasuredStore
from tests.core.asking import only, talk
from tests.core.deep_runs import ScriptedCaller, bench, in_a_loop
from tests.scripted import ScriptedProvider, Step


def test_a_late_answer_is_told_with_the_largest_part_of_its_wait() -> None:
    """Every reading of this clock is a second later; the server says that all of it was loading."""

    async def main() -> None:
        steps: list[Step] = [
            *(ThinkingDelta("hm") for _ in range(4)),
            "Hel",
            "lo",
            Ended("stop", 12, 3, cached_tokens=5, load_ms=1e9, prefill_ms=10.0, server_ms=1e9),
        ]
        clock = itertools.count(0.0, 4.0).__next__
        async with talk(ScriptedProvider(steps), clock=clock) as t:
            finished = only(TurnFinished, await t.ask("hi"))
            details = details_of(Conversations(t.database), t.database, finished.turn)

        assert details is not None
        measured, wait = details.measured, details.wait
        assert wait is not None
        # Thinking is what we saw ourselves; the server's word fills what that leaves.
        assert wait.thinking_ms == measured.thinking_ms
        assert wait.load_ms + wait.thinking_ms == pytest.approx(finished.ttft_ms)
        assert finished.wait in (WaitReason.LOADING, WaitReason.THINKING)
        assert finished.wait is wait.reason
        assert finished.wait_ms == wait.longest_ms
        assert details.cached_tokens == 5
        assert measured.itl_ms == pytest.approx(4000.0)
        assert (measured.door, measured.route) == ("screen", "fast")

    asyncio.run(main())


def test_a_quick_answer_is_told_without_a_reason() -> None:
    """The label of what came at once is short."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello", Ended("stop", 1, 1, load_ms=1.0, server_ms=1.0)])) as t:
            finished = only(TurnFinished, await t.ask("hi"))
        assert (finished.wait, finished.wait_ms) == (None, 0.0)

    asyncio.run(main())


@in_a_loop
async def test_a_deep_answer_keeps_the_same_times_and_its_effort() -> None:
    """Stated beside fast ones in the same figures, it must be measured the same way."""
    clock = itertools.count(0.0, 0.001).__next__
    caller = ScriptedCaller(write=[ThinkingDelta("Hm."), "Close", " it."])
    async with bench(caller, clock=clock) as deep:
        run = await deep.whole()
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
        one = MeasuredStore(deep.database).one(answer.id)
    assert one is not None
    assert one.effort == "high"
    assert one.ttft_ms is not None
    assert one.total_ms is not None
    assert one.thinking_ms is not None
    assert one.itl_ms is not None
    assert 0 < one.thinking_ms < one.ttft_ms < one.total_ms
    assert one.itl_ms > 0

"""The line of what a run thinks can be read, however many of its calls think at the same time."""

import asyncio

from core.deep.question import Preset
from core.deep.thinking import STAYS_S, ThinkingLine
from core.events import ThinkingDelta
from tests.core.deep_runs import PLAN, ScriptedCaller, bench, in_a_loop


def test_words_of_two_calls_are_never_in_one_line() -> None:
    """Parallel parts send their words in turn; mixed, they are no sentence of anybody."""
    line = ThinkingLine()
    line.hear("part-1", "Hm.\nthe limit is ", "cancel")
    line.hear("part-2", "Compare ", "pools")
    line.hear("part-1", "per loop", "cancel")
    assert line.at(0.0) == "cancel: the limit is per loop"
    line.hear("part-2", "both", "pools")
    assert line.at(STAYS_S) == "pools: Compare both"


def test_a_line_stays_until_it_can_be_read_and_may_grow_meanwhile() -> None:
    """Four parts at 100 tokens a second would change it with every look."""
    line = ThinkingLine()
    line.hear("part-1", "one", "a")
    assert line.at(10.0) == "a: one"
    for n in range(9):
        line.hear("part-2", f"line {n}\n", "b")
        line.hear("part-1", ".", "a")
        line.hear("part-2", f"more {n}\n", "b")
        assert line.at(10.0 + n / 10) == "a: one" + "." * (n + 1)
    assert line.at(10.0 + STAYS_S) == "b: more 8"
    line.hear("part-1", "\nnew", "a")
    assert line.at(10.5 + STAYS_S) == "b: more 8"


def test_what_was_thought_before_a_new_try_is_not_told_again() -> None:
    """A call that is made again begins with an empty head."""
    line = ThinkingLine()
    line.hear("write", "old ")
    assert line.at(0.0) == "old"
    line.forget("write")
    line.hear("write", "new")
    assert line.at(0.0) == "new"


@in_a_loop
async def test_a_part_s_thought_is_shown_under_its_title() -> None:
    """Whose thought it is cannot be seen otherwise."""
    door = asyncio.Event()
    caller = ScriptedCaller(
        plan=[PLAN], two=[ThinkingDelta("the limit is per "), ThinkingDelta("loop"), door]
    )
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        await caller.waiting("two").wait()
        assert run.status().thinking == "two: the limit is per loop"
        door.set()
        await run.over()

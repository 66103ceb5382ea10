"""What the demo says of how long a deep run takes, as its runs become more."""

from dataclasses import replace

from core.deep.question import DeepQuestion
from core.engine.engine import Engine
from core.providers.demo import DemoProvider, Pace
from tests.core.asking import talk
from tests.core.deep_runs import in_a_loop
from tui.run_wording import usual_text

AT_ONCE = Pace(0.0, 1e9)
ENOUGH = 10


async def said_of_one_more(engine: Engine, turn: int | None) -> str:
    """What is said of a run in its first moment, however long this machine takes to get there."""
    run = engine.deep.start(await engine.deep.prepare(DeepQuestion("", turn=turn)))
    said = None
    async for _ in run.listen():
        if said is None:
            said = usual_text(replace(run.status(), elapsed_s=0.0))
    return said or ""


@in_a_loop
async def test_nothing_is_said_before_three_runs_facts_until_nine_and_then_what_is_usual() -> None:
    """A figure that rests on two runs would be a guess; one that rests on nine can be relied upon."""
    async with talk(DemoProvider(AT_ONCE)) as has:
        await has.ask("How do I undo my last commit?")
        said = [await said_of_one_more(has.engine, has.turn) for _ in range(ENOUGH)]

    assert said[:3] == ["", "", ""]
    for runs, text in enumerate(said[3:9], 3):
        assert text.startswith(f"{runs} runs so far: ")
    assert said[9].startswith("usual ")
    assert " · 9 of 10 within " in said[9]

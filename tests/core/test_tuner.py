"""Models are measured, graded and compared; what was measured once is not measured again."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from core.errors import HouseError, ModelLoadFailed, ModelMissing, ProviderUnreachable
from core.lanes import Lanes
from core.store.database import Database
from core.store.tuned import TunedStore
from core.tuning.candidates import NotMeasured
from core.tuning.events import Asked, Measuring, ModelBegun, ModelDone, ModelFailed, TuneEvent
from core.tuning.quiz import quiz
from core.tuning.result import Result, propose
from core.tuning.tuner import Tuner
from tests.clock import run_virtually
from tests.core.tuning_stage import LOAD_S, Machine, Simulated

FOUR = (("one:1b", 0.55, 0.10), ("two:2b", 0.70, 0.20), ("three:4b", 0.78, 0.31), ("four:8b", 0.84, 1.60))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TunedStore]:
    database = Database.open(tmp_path / "leadline.db", lambda: 1000.0)
    yield TunedStore(database)
    database.close()


def machine(seed: int = 0) -> Machine:
    """The four, their times drawn for this seed."""
    draw = random.Random(seed)
    return Machine(
        [
            Simulated(name, share, ttft_s * draw.uniform(0.7, 1.3), seed, size_bytes=1_000_000_000 * (at + 1))
            for at, (name, share, ttft_s) in enumerate(FOUR)
        ]
    )


def tuner(provider: Machine, store: TunedStore, lanes: Lanes | None = None) -> Tuner:
    """On the loop's own clock."""
    return Tuner(provider, store, lambda: asyncio.get_running_loop().time(), lanes)


async def measured(
    measuring: Tuner, *names: str, is_quick: bool = False, is_anew: bool = False
) -> list[TuneEvent]:
    """Everything that is told."""
    models = await measuring.candidates(names)
    return [event async for event in measuring.run(models, is_quick=is_quick, is_anew=is_anew)]


def results(events: list[TuneEvent]) -> list[Result]:
    """What came out."""
    return [event.result for event in events if isinstance(event, ModelDone)]


def test_the_third_of_four_models_is_proposed_whatever_the_times() -> None:
    """Fixed shares of right answers, times drawn per seed: the best that keeps a second, in 20 of 20."""
    for seed in range(20):
        database = Database.open(None, lambda: 1000.0)
        found = results(run_virtually(measured(tuner(machine(seed), TunedStore(database)))))
        proposed = propose(found)
        database.close()
        assert proposed is not None
        assert proposed.model == "three:4b", (seed, proposed, found)
        assert "four:8b is" in proposed.reason
        assert "misses 1 s" in proposed.reason


def test_a_model_is_measured_in_all_its_ways(store: TunedStore) -> None:
    """Right answers by difficulty, first tokens cold and warm, rates, memory; told as it goes."""
    events = run_virtually(measured(tuner(machine(), store), "three:4b"))
    (result,) = results(events)
    assert (result.right, result.asked) == (47, 60)
    assert sum(right for right, _ in result.by_difficulty) == 47
    assert [asked for _, asked in result.by_difficulty] == [20, 20, 20]
    assert result.warm_ttft_s is not None
    assert result.cold_ttft_s is not None
    assert result.cold_ttft_s - result.warm_ttft_s == pytest.approx(LOAD_S, abs=0.1)
    assert result.decode_per_s == pytest.approx(60, rel=0.1)
    assert result.prefill_per_s == pytest.approx(4000, rel=0.1)
    assert (result.memory_bytes, result.vram_bytes) == (3_000_000_000, 1_500_000_000)
    begun, loading, *_, last = events
    assert begun == ModelBegun("three:4b", 1, 1, 0, 60)
    assert loading == Measuring("three:4b", "loading")
    assert isinstance(last, ModelDone)
    asked = [event for event in events if isinstance(event, Asked)]
    assert [event.done for event in asked] == list(range(1, 61))
    left = [event.left_s for event in asked]
    assert left[:4] == [None] * 4
    assert all(
        earlier > later for earlier, later in zip(left[10:], left[20:], strict=False) if earlier and later
    )


def test_what_was_measured_here_comes_at_once_until_it_is_asked_for_anew(store: TunedStore) -> None:
    """By digest and quiz: a quick one does not stand in for a full one, the other way round it does."""

    async def scene() -> None:
        provider = machine()
        measuring = tuner(provider, store)
        await measured(measuring, "one:1b", is_quick=True)
        provider.asked.clear()
        (full,) = results(await measured(measuring, "one:1b"))
        assert full.asked == 60
        assert provider.asked
        provider.asked.clear()
        for is_quick in (True, False):
            (event,) = await measured(measuring, "one:1b", is_quick=is_quick)
            assert event == ModelDone(full, is_from_before=True)
        assert not provider.asked
        await measured(measuring, "one:1b", is_anew=True)
        assert provider.asked
        (kept,) = measuring.results()
        assert kept.asked == 60

    run_virtually(scene())


def test_a_stop_loses_at_most_the_question_at_hand(store: TunedStore) -> None:
    """The same call goes on where it was."""

    async def scene() -> None:
        provider = machine()
        measuring = tuner(provider, store)
        models = await measuring.candidates(["two:2b"])
        async with aclosing(measuring.run(models)) as events:
            async for event in events:
                if isinstance(event, Asked) and event.done == 30:
                    break
        assert measuring.results() == ()
        again = await measured(measuring, "two:2b")
        assert again[0] == ModelBegun("two:2b", 1, 1, 30, 60)
        assert sum(isinstance(event, Asked) for event in again) == 30
        (result,) = results(again)
        assert (result.right, result.asked) == (42, 60)
        assert result.cold_ttft_s is not None

    run_virtually(scene())


def test_a_persons_question_goes_first_and_spoils_no_time(store: TunedStore) -> None:
    """The question that was overtaken is asked again; while somebody waits nothing is asked at all."""

    async def scene() -> None:
        provider, lanes = machine(), Lanes()
        measuring = tuner(provider, store, lanes)
        models = await measuring.candidates(["two:2b"])
        async with aclosing(measuring.run(models, is_quick=True)) as events:
            async for event in events:
                if isinstance(event, Asked) and event.done == 10:
                    break
            provider.holds = asyncio.Event()
            coming = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0.01)
            with lanes.foreground():
                sent = len(provider.asked)
                provider.holds = None
                await asyncio.sleep(30)
                assert len(provider.asked) == sent
            event = await coming
            assert isinstance(event, Asked)
            assert event.ttft_s is not None
            assert event.ttft_s < 1.0
            rest = [each async for each in events]
        (result,) = results(rest)
        assert result.asked == 20

    run_virtually(scene())


def test_a_model_that_cannot_be_loaded_holds_up_no_other(store: TunedStore) -> None:
    """The others are measured; it is told of in its own words, and asked again the next time."""

    async def scene() -> None:
        provider = machine()
        provider.breaks = ModelLoadFailed("one:1b could not be loaded", "Free some memory.")
        events = await measured(tuner(provider, store), "one:1b", "two:2b", is_quick=True)
        assert [event for event in events if isinstance(event, ModelFailed)] == [
            ModelFailed("one:1b", "one:1b could not be loaded", "Free some memory.")
        ]
        assert [result.model for result in results(events)] == ["two:2b"]
        again = await measured(tuner(provider, store), "one:1b", is_quick=True)
        assert [result.model for result in results(again)] == ["one:1b"]

    run_virtually(scene())


def test_a_server_that_goes_away_ends_it_and_keeps_what_was_measured(store: TunedStore) -> None:
    """Nobody wants to hear of four models that they could not be measured, when it is the server."""

    async def scene() -> None:
        provider = machine()
        measuring = tuner(provider, store)
        models = await measuring.candidates(["one:1b", "two:2b"])

        async def follow() -> None:
            async for event in measuring.run(models, is_quick=True):
                if isinstance(event, ModelDone):
                    provider.breaks = ProviderUnreachable("ollama does not answer", "Start it.")

        with pytest.raises(ProviderUnreachable):
            await follow()
        assert [result.model for result in measuring.results()] == ["one:1b"]

    run_virtually(scene())


def test_a_model_that_takes_a_minute_a_line_is_given_up(store: TunedStore) -> None:
    """Three in a row are enough to know."""

    async def scene() -> None:
        provider = Machine([Simulated("slow:70b", 0.9, 100.0)])
        events = await measured(tuner(provider, store))
        (failed,) = [event for event in events if isinstance(event, ModelFailed)]
        assert "slow:70b takes more than 60 s" in failed.message
        assert sum(isinstance(event, Asked) for event in events) == 3

    run_virtually(scene())


def test_the_model_that_was_loaded_is_loaded_again(store: TunedStore) -> None:
    """Whoever measures goes on working afterwards."""

    async def scene() -> None:
        provider = machine()
        provider.loaded = "two:2b"
        await measured(tuner(provider, store), is_quick=True)
        assert provider.loaded == "two:2b"

    run_virtually(scene())


@pytest.mark.parametrize(("where", "names", "error"), [
    ("REMOTE example.org", (), NotMeasured),
    ("lan 10.0.0.5", (), NotMeasured),
    ("demo", (), NotMeasured),
    ("local", ("nine:9b",), ModelMissing),
])  # fmt: skip
def test_only_what_is_here_is_measured(
    store: TunedStore, where: str, names: tuple[str, ...], error: type[HouseError]
) -> None:
    """Another machine's times say nothing of this one."""

    async def scene() -> None:
        provider = machine()
        provider.where = where
        with pytest.raises(error) as refused:
            await tuner(provider, store).candidates(names)
        assert refused.value.remedy
        assert not provider.asked

    run_virtually(scene())


def test_each_reason_says_what_it_rests_on() -> None:
    """One model, none that keeps a second, and a difference that is none."""

    def of(name: str, right: int, ttft_s: float) -> Result:
        return Result(name, name, right, 60, ((0, 20),) * 3, ttft_s, decode_per_s=30.0)

    only = propose([of("a", 40, 0.2)])
    assert only is not None
    assert only.reason.endswith("the only model that was measured")
    late = propose([of("a", 40, 2.0), of("b", 50, 1.2)])
    assert late is not None
    assert (late.model, "none keeps 1 s" in late.reason) == ("b", True)
    alike = propose([of("a", 46, 0.2), of("b", 47, 1.5)])
    assert alike is not None
    assert "b is about as good but misses 1 s" in alike.reason
    assert propose([]) is None
    assert propose([Result("a", "a", 0, 60, ((0, 20),) * 3, None)]) is None
    assert propose([of("a", 0, 0.1)]) is None


def test_the_quiz_of_the_stage_is_the_real_one() -> None:
    """A pupil that knows all answers all rightly: else the shares of the other tests say nothing."""
    provider = Machine([Simulated("all:1b", 1.0, 0.1)])
    pupil = provider._pupils["all:1b"]
    assert all(question.is_right(pupil.says(question.text)) for question in quiz())

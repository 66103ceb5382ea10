"""Measuring where something is amiss: two at once, a file that a stranger edited, a model that goes away."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from core.engine.measurements import Measurements
from core.errors import ModelMissing, SettingsInvalid
from core.settings.chosen import choose_for_good
from core.settings.paths import find_paths
from core.store.database import Database
from core.store.tuned import TunedStore
from core.tuning.events import Asked, Measuring, ModelDone, TuneEvent
from core.tuning.result import Result, propose
from core.tuning.tuner import Tuner
from tests.clock import run_virtually
from tests.core.tuning_stage import Machine, Simulated
from tui.tune_wording import ranked, table_lines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leadline.db"


@pytest.fixture
def store(file: Path) -> Iterator[TunedStore]:
    database = Database.open(file, lambda: 1000.0)
    yield TunedStore(database)
    database.close()


def tuner(store: TunedStore, provider: Machine | None = None) -> Tuner:
    """Of a machine with two models, on the loop's own clock."""
    two = [Simulated("one:1b", 0.6, 0.1), Simulated("two:2b", 0.7, 0.2)]
    return Tuner(provider or Machine(two), store, lambda: asyncio.get_running_loop().time())


async def measured(measuring: Tuner, *names: str, is_anew: bool = False) -> list[TuneEvent]:
    """Everything that is told of a third of the quiz."""
    models = await measuring.candidates(names)
    return [event async for event in measuring.run(models, is_quick=True, is_anew=is_anew)]


@pytest.mark.parametrize("moment", [Asked, Measuring])
def test_two_who_measure_the_same_model_both_come_to_an_end(
    store: TunedStore, file: Path, moment: type[TuneEvent]
) -> None:
    """The one that is whole first took the other's rows away, and the other one broke."""

    async def scene() -> None:
        other = Database.open(file, lambda: 1000.0)
        first = tuner(store)
        events: list[TuneEvent] = []
        steps = first.run(await first.candidates(("one:1b",)), is_quick=True, is_anew=True)
        async with aclosing(steps):
            async for event in steps:
                events.append(event)
                is_it = event == Measuring("one:1b", "reading and writing") or moment is Asked
                if isinstance(event, moment) and is_it and not any(map(_is_second, events)):
                    second = await measured(tuner(TunedStore(other)), "one:1b", is_anew=True)
                    assert isinstance(second[-1], ModelDone)
                    events.append(_SECOND)
        other.close()
        assert any(map(_is_second, events))
        assert isinstance(events[-1], ModelDone)

    run_virtually(scene())


_SECOND = Measuring("", "the other one")


def _is_second(event: TuneEvent) -> bool:
    return event is _SECOND


def test_figures_that_nobody_can_have_measured_are_none(store: TunedStore, file: Path) -> None:
    """A time below nothing once made a division by zero, each time that a model was chosen."""
    run_virtually(measured(tuner(store), "one:1b"))
    address = Machine.address
    for odd in (-1000.0, "soon", 1e308, b"\x00"):
        with sqlite3.connect(file) as stranger:
            stranger.execute("UPDATE tune_answer SET ttft_ms = ?, total_ms = ?, is_right = 1", (odd, odd))
            stranger.execute("UPDATE tune_run SET cold_ttft_ms = ?, decode_per_s = ?", (odd, odd))
        stranger.close()
        results = tuner(store).results()
        proposed = propose(results)
        assert proposed is None
        assert max(map(len, table_lines(ranked(results, proposed, 60.0), 80))) <= 80
        assert Measurements(store, address, 60.0).here() == {}


def test_a_model_that_goes_away_when_it_is_measured_ends_nothing(store: TunedStore) -> None:
    """It is put out of memory once more, for the next one's sake; whether it is still there is all one."""
    provider = Machine([Simulated("one:1b", 0.6, 0.1), Simulated("two:2b", 0.7, 0.2)])
    put_out = provider.unload

    async def unload(model: str) -> None:
        if provider.asked.count(model) > 20:
            raise ModelMissing(f"there is no {model}", "Fetch it.")
        await put_out(model)

    provider.unload = unload  # type: ignore[method-assign]  # it goes in the middle
    events = run_virtually(measured(tuner(store, provider)))
    assert [event.result.model for event in events if isinstance(event, ModelDone)] == ["one:1b", "two:2b"]


def test_a_name_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    """A server names its models as it likes; once it was in the file, nothing would start any more."""
    environ = {"LEADLINE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    paths = find_paths(environ, demo=False)
    choose_for_good(paths, environ, "one:1b")
    before = paths.config_file.read_bytes()
    for name in ('x"\n[deep]\nmodel = "y"', "x\u202ey", "", " "):
        with pytest.raises(SettingsInvalid):
            choose_for_good(paths, environ, name)
        assert paths.config_file.read_bytes() == before


def test_a_name_that_is_cut_keeps_its_mark() -> None:
    """The star says which one is proposed; of all names the long one lost it."""
    found = [
        Result("x" * 200, "d", 40, 60, ((0, 20),) * 3, 0.2),
        Result("y", "e", 1, 60, ((0, 20),) * 3, 0.2),
    ]
    head, best, *_ = table_lines(ranked(found, propose(found), 60.0), 80)
    assert best.startswith("* x")
    assert len(head) == len(best) <= 80


def test_a_clock_that_was_set_back_makes_no_choice_older_than_what_was_measured(
    store: TunedStore, file: Path
) -> None:
    """Else each question would look at the server and choose anew, until that time comes again."""
    run_virtually(measured(tuner(store), "one:1b"))
    assert store.newest_at(Machine.address) == 1000.0
    earlier = Database.open(file, lambda: 900.0)
    assert TunedStore(earlier).newest_at(Machine.address) == 0.0
    earlier.close()

"""The clock that jumps: what is measured on it is only true if it keeps time as the real one does."""

import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from tests.clock import NothingLeft, run_virtually


def _now() -> float:
    return asyncio.get_running_loop().time()


def test_hours_pass_at_once_and_to_the_millisecond() -> None:
    """The bench lives through weeks of thinking and typing in two minutes."""

    async def wait() -> float:
        assert _now() == 0.0
        for _ in range(100):
            await asyncio.sleep(3600.1)
        return _now()

    began = time.monotonic()
    assert run_virtually(wait()) == pytest.approx(360_010.0, abs=1e-6)
    assert time.monotonic() - began < 5


def test_whoever_waits_shorter_goes_first_and_the_same_work_ends_the_same() -> None:
    """Two policies can only be compared when nothing but the policy differs."""

    async def race() -> list[tuple[str, float]]:
        told: list[tuple[str, float]] = []

        async def wait(name: str, *parts: float) -> None:
            for part in parts:
                await asyncio.sleep(part)
                told.append((name, round(_now(), 6)))

        await asyncio.gather(wait("slow", 3, 3), wait("quick", 1, 1, 1.5), wait("odd", 3.1, 0.25))
        return told

    once = run_virtually(race())
    assert [name for name, _ in once] == ["quick", "quick", "slow", "odd", "odd", "quick", "slow"]
    assert [at for _, at in once] == [1, 2, 3, 3.1, 3.35, 3.5, 6]
    assert all(run_virtually(race()) == once for _ in range(3))


def test_timeouts_run_out_on_it_and_what_is_in_time_is_not_cut() -> None:
    """The product bounds its waits; on this clock they must end where they would end."""

    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(6)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 2)
        await asyncio.wait_for(asyncio.sleep(1.5), 2)
        return _now()

    assert run_virtually(wait()) == pytest.approx(8.5)


def test_a_thread_takes_no_time_even_with_a_timer_pending() -> None:
    """A database call must not make the clock run away to the next timer."""

    async def wait() -> float:
        late = asyncio.create_task(asyncio.sleep(100))
        await asyncio.to_thread(time.sleep, 0.02)  # real time, which the clock must not count
        seen = _now()
        late.cancel()
        return seen

    assert run_virtually(wait()) == 0.0


def test_a_word_from_another_thread_is_waited_for() -> None:
    """A store's writer answers by a future of its own."""

    async def wait() -> str:
        told: Future[str] = Future()
        threading.Timer(0.02, told.set_result, ("written",)).start()
        return await asyncio.wrap_future(told)

    assert run_virtually(wait()) == "written"


def test_what_can_never_go_on_is_said_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench that hangs tells nobody where."""
    monkeypatch.setattr("tests.clock._PATIENCE_S", 0.02)

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingLeft):
        run_virtually(wait())


def test_twenty_thousand_timers_are_a_matter_of_a_moment() -> None:
    """Ten thousand turns of the bench are some hundred thousand timers."""

    async def wait() -> None:
        for _ in range(20_000):
            await asyncio.sleep(0.5)

    began = time.process_time()
    run_virtually(wait())
    assert time.process_time() - began < 6

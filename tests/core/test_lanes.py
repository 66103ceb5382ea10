"""Who may use the model: the person first, the background when it is quiet."""

import asyncio

from core.lanes import Lanes
from tests.core.asking import settled


def test_the_background_waits_for_quiet_and_a_question_begins_the_wait_anew() -> None:
    """Half a second after an answer the next question is near; only a real pause is worth a start."""

    async def main() -> None:
        clock = [100.0]
        lanes = Lanes(lambda: clock[0])
        await asyncio.wait_for(lanes.wait_for_quiet(2.0), 30)  # nobody has asked yet
        with lanes.foreground():
            waiting = asyncio.ensure_future(lanes.wait_for_quiet(2.0))
            await settled()
            assert not waiting.done()
        assert not lanes.is_quiet(2.0)
        clock[0] = 101.0
        with lanes.foreground():
            clock[0] = 109.0
            await settled()
            assert not waiting.done()
        clock[0] = 111.0
        with lanes.foreground(), lanes.foreground():  # two at a time, and the wait looks at its clock again
            clock[0] = 112.0
        clock[0] = 114.0
        assert lanes.is_quiet(2.0)
        with lanes.foreground():
            pass
        clock[0] = 116.5
        with lanes.foreground():
            clock[0] = 117.0
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(main())


def test_the_wait_ends_by_itself_when_it_has_been_quiet_for_long_enough() -> None:
    """Nobody has to wake it: the last answer was the last event there is."""

    async def main() -> None:
        lanes = Lanes()
        with lanes.foreground():
            waiting = asyncio.ensure_future(lanes.wait_for_quiet(0.05))
            await asyncio.sleep(0)
            assert lanes.is_wanted
        began = asyncio.get_running_loop().time()
        await asyncio.wait_for(waiting, 30)
        assert asyncio.get_running_loop().time() - began >= 0.045

    asyncio.run(main())


def test_the_background_is_told_at_once_that_somebody_asks() -> None:
    """Each loop of the event loop that it does not hear is time somebody waits."""

    async def main() -> None:
        lanes = Lanes()
        told = asyncio.ensure_future(lanes.wait_until_wanted())
        await settled()
        assert not told.done()
        with lanes.foreground():
            for _ in range(4):
                await asyncio.sleep(0)
            assert told.done()
            await asyncio.wait_for(lanes.wait_until_wanted(), 30)
        assert not lanes.is_wanted

    asyncio.run(main())

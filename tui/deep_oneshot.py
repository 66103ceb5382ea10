"""``leadline ask --deep``: a question thought through, with nobody there to be asked on the way."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from core.deep.arming import refuse_in_pipe
from core.deep.question import DeepQuestion
from core.deep.run import Run
from core.deep.status import RunState, RunStatus
from core.engine.deepening import Deepening
from core.errors import HouseError
from core.events import Noted, TurnEvent, TurnFailed, TurnFinished
from tui.arming_words import arming_text
from tui.deep_progress import ended_text, progress_text

_LOOK_S = 0.25


class TurnsTooMany(HouseError):
    """The conversation does not fit the window, and may not be cut."""

    kind = "context_full"

    def __init__(self, dropped: list[str], window: int) -> None:
        super().__init__(
            f"{', '.join(dropped)} would not fit: the window holds {window:,} tokens",
            "Leave them out with --fit, or take a model with a larger window.",
        )


async def thought_through(
    deepening: Deepening, question: DeepQuestion, show: Callable[[str], None], *, fits: bool = False
) -> AsyncGenerator[TurnEvent, None]:
    """The events of one run.

    Who closes it early ends nothing: as the engine closes, it keeps a run as far as it came.

    Args:
        show: takes a line that passes, about four times a second.
        fits: the oldest turns may be left out when the window is too small.

    Raises:
        HouseError: It cannot begin; nothing was sent.
    """
    prepared = await deepening.prepare(question)
    refuse_in_pipe(prepared)
    if dropped := [item.label for item in prepared.pack.items if item.is_struck]:
        if not fits:
            raise TurnsTooMany(dropped, prepared.depth.window)
        yield Noted(f"left out so that it fits: {', '.join(dropped)}")
    if not prepared.depth.is_local:
        yield Noted(arming_text(prepared))
    run = deepening.start(prepared, waits_for_plan=False)
    async with aclosing(_told(run, show)) as events:
        async for event in events:
            yield event


async def _told(run: Run, show: Callable[[str], None]) -> AsyncGenerator[TurnEvent, None]:
    """What happens in a run, with a line that passes; nobody waits here until its provider can be reached."""
    loop = asyncio.get_running_loop()
    shown_at = -_LOOK_S
    async with aclosing(run.listen()) as events:
        coming = asyncio.ensure_future(_next(events))
        try:
            while True:
                await asyncio.wait({coming}, timeout=_LOOK_S)
                status = run.status()
                if loop.time() - shown_at >= _LOOK_S:
                    shown_at = loop.time()
                    show(progress_text(status))
                if not coming.done():
                    if status.state is RunState.QUEUED:
                        yield _queued(status)
                        return
                    continue
                event = coming.result()
                if event is None:
                    return
                if isinstance(event, TurnFailed) and (said := _left_of(run.status())):
                    yield Noted(said)
                yield event
                if isinstance(event, TurnFinished) and sys.stderr.isatty():
                    yield Noted(ended_text(run.status()))
                coming = asyncio.ensure_future(_next(events))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(events: AsyncGenerator[TurnEvent, None]) -> TurnEvent | None:
    return await anext(events, None)


def _left_of(status: RunStatus) -> str:
    """What there is of a run that failed, and where it goes on."""
    goes_on = (
        "on the screen (leadline -c) /resume goes on behind what is paid for" if status.may_resume else ""
    )
    return " · ".join(filter(None, (status.kept, goes_on)))


def _queued(status: RunStatus) -> TurnFailed:
    return TurnFailed(
        "queued",
        f"the question is queued until there is a way to {status.place}",
        "leadline (the screen) goes on with it; LEADLINE_DEEP__WHEN_OFFLINE=local asks this machine.",
        False,
        status.turn or None,
        status.answer or None,
    )

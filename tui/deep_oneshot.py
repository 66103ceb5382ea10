"""``leadline ask --deep``: a question thought through, with nobody there to be asked on the way."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from core.deep.arming import Prepared, arming_text
from core.deep.question import DeepQuestion, ItemKind
from core.deep.run import Run
from core.deep.status import RunState, RunStatus
from core.engine.deepening import Deepening
from core.errors import HouseError
from core.events import Noted, TurnEvent, TurnFailed, TurnFinished
from tui.deep_progress import ended_text, progress_text

_LOOK_S = 0.25
_ROOM = 4096
"""Tokens of a window that are left to the answer where turns are dropped to make it fit."""
_TOLD = 3


class SecretsInPack(HouseError):
    """Something that would be sent looks like a secret; nothing was."""

    kind = "secrets"


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
    _refuse_secrets(prepared)
    if fits:
        prepared = _fitted(deepening, prepared)
    if dropped := [item.label for item in prepared.pack.items if item.is_struck]:
        yield Noted(f"left out so that it fits: {', '.join(dropped)}")
    if not prepared.depth.is_local:
        yield Noted(arming_text(prepared))
    run = deepening.start(prepared, waits_for_plan=False)
    async with aclosing(_told(run, show)) as events:
        async for event in events:
            yield event


def _refuse_secrets(prepared: Prepared) -> None:
    """Stop before anything is sent, unless the person has seen it.

    Raises:
        SecretsInPack: Something in it looks like a secret.
    """
    secrets = prepared.pack.secrets
    if secrets and not prepared.question.allows_secrets:
        more = f", and {len(secrets) - _TOLD} more" if len(secrets) > _TOLD else ""
        raise SecretsInPack(
            f"this looks secret: {', '.join(secrets[:_TOLD])}{more}; nothing was sent",
            "Take it out, or send it all the same with --allow-secrets.",
        )


def _fitted(deepening: Deepening, prepared: Prepared) -> Prepared:
    """The same without as many of the oldest turns as do not fit."""
    window = prepared.depth.window
    for item in prepared.pack.items:
        if not window or prepared.estimate.tokens + _ROOM <= window:
            break
        if item.kind is ItemKind.TURN and not item.is_struck:
            prepared = deepening.strike(prepared, item.id)
    return prepared


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
                yield event
                if isinstance(event, TurnFinished) and sys.stderr.isatty():
                    yield Noted(ended_text(run.status()))
                coming = asyncio.ensure_future(_next(events))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(events: AsyncGenerator[TurnEvent, None]) -> TurnEvent | None:
    return await anext(events, None)


def _queued(status: RunStatus) -> TurnFailed:
    return TurnFailed(
        "queued",
        f"the question is queued until there is a way to {status.place}",
        "leadline (the screen) goes on with it; LEADLINE_DEEP__WHEN_OFFLINE=local asks this machine.",
        False,
        status.turn or None,
        status.answer or None,
    )

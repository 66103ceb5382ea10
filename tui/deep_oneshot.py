"""``leadline ask --deep``: a question thought through, with nobody there to be asked on the way."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeGuard

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


@dataclass(frozen=True, slots=True)
class Wish:
    """One question, and what may be done for it while nobody can be asked.

    Attributes:
        when_offline: of the settings; ``ask`` is ``local``, as there is nobody to ask.
        fits: the oldest turns may be left out when the window is too small.
    """

    question: DeepQuestion
    when_offline: str = "ask"
    fits: bool = False


async def thought_through(
    deepening: Deepening, wish: Wish, show: Callable[[str], None]
) -> AsyncGenerator[TurnEvent, None]:
    """The events of the run; without a way to a remote model, of a second one on this machine.

    Args:
        show: takes a line that passes, about four times a second.

    Raises:
        HouseError: It cannot begin; nothing was sent.
    """
    prepared = await _prepared(deepening, wish)
    for line in _said(prepared):
        yield Noted(line)
    run = deepening.start(prepared, waits_for_plan=False)
    failed: TurnFailed | None = None
    async with aclosing(_told(run, prepared.depth.note, show)) as events:
        async for event in events:
            if _is_offline(event) and not prepared.depth.is_local:
                failed = event
                break
            yield event
    if failed is None:
        return
    is_waiting = run.status().state is RunState.QUEUED
    if wish.when_offline == "queue":
        yield _queued(failed) if is_waiting or _waits(deepening, failed) else failed
        return
    if is_waiting:
        run.drop()
    # The question is in the store by now: what is asked once more is that turn.
    question = replace(wish.question, is_local=True, model="", turn=failed.turn)
    yield Noted(f"{failed.message}; it is thought through on this machine instead")
    prepared = await _prepared(deepening, replace(wish, question=question))
    run = deepening.start(prepared, waits_for_plan=False)
    async with aclosing(_told(run, prepared.depth.note, show)) as events:
        async for event in events:
            yield event


async def _prepared(deepening: Deepening, wish: Wish) -> Prepared:
    """What would be sent, if it may be.

    Raises:
        HouseError: It cannot be asked, or something in it looks like a secret.
    """
    prepared = await deepening.prepare(wish.question)
    secrets = prepared.pack.secrets
    if secrets and not wish.question.allows_secrets:
        more = f", and {len(secrets) - _TOLD} more" if len(secrets) > _TOLD else ""
        raise SecretsInPack(
            f"this looks secret: {', '.join(secrets[:_TOLD])}{more}; nothing was sent",
            "Take it out, or send it all the same with --allow-secrets.",
        )
    return _fitted(deepening, prepared) if wish.fits else prepared


def _fitted(deepening: Deepening, prepared: Prepared) -> Prepared:
    """The same without as many of the oldest turns as do not fit."""
    window = prepared.depth.window
    for item in prepared.pack.items:
        if not window or prepared.estimate.tokens + _ROOM <= window:
            break
        if item.kind is ItemKind.TURN and not item.is_struck:
            prepared = deepening.strike(prepared, item.id)
    return prepared


def _said(prepared: Prepared) -> Iterator[str]:
    """What the person must know before the first byte leaves."""
    if prepared.depth.note:
        yield prepared.depth.note
    if not prepared.depth.is_local:
        yield arming_text(prepared)
    if dropped := [item.label for item in prepared.pack.items if item.is_struck]:
        yield f"left out so that it fits: {', '.join(dropped)}"


async def _told(run: Run, known: str, show: Callable[[str], None]) -> AsyncGenerator[TurnEvent, None]:
    """The events of one run, with a line that passes; one that waits for a way to its provider has failed.

    Who leaves ends nothing: the engine keeps a run as far as it came.

    Args:
        known: a note that was said already.
    """
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
                    if status.state is RunState.QUEUED and status.error and status.error.kind == "offline":
                        yield _offline(status)
                        return
                    continue
                event = coming.result()
                if event is None:
                    return
                if not (isinstance(event, Noted) and event.text == known):
                    yield event
                if isinstance(event, TurnFinished) and sys.stderr.isatty():
                    yield Noted(ended_text(run.status()))
                coming = asyncio.ensure_future(_next(events))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(events: AsyncGenerator[TurnEvent, None]) -> TurnEvent | None:
    return await anext(events, None)


def _offline(status: RunStatus) -> TurnFailed:
    error = status.error
    assert error is not None, "it says why it waits"
    return TurnFailed(
        error.kind, error.message, error.remedy, False, status.turn or None, status.answer or None
    )


def _is_offline(event: TurnEvent) -> TypeGuard[TurnFailed]:
    return isinstance(event, TurnFailed) and event.kind == "offline" and not event.is_partial


def _waits(deepening: Deepening, failed: TurnFailed) -> bool:
    """Whether the run is kept until there is a way."""
    return any(left.turn == failed.turn and left.state == "queued" for left in deepening.left())


def _queued(failed: TurnFailed) -> TurnFailed:
    return replace(
        failed,
        kind="queued",
        message=f"{failed.message}; the question is queued",
        remedy="leadline (the screen) sends it when there is a way; /deep local needs none.",
    )

"""One call of a stage, from its events to what the stage is worth."""

from collections.abc import Callable
from contextlib import aclosing
from typing import NamedTuple

from core.deep.caller import Caller
from core.deep.pulse import Pulse
from core.deep.stage import Stage
from core.deep.status import StageKind
from core.errors import HouseError
from core.events import Noted, TextDelta, ThinkingDelta
from core.providers.deep.calls import (
    DeepRequest,
    Failed,
    Finished,
    Heartbeat,
    Queued,
    Reason,
    Retrying,
    Silent,
    Started,
    Usage,
    Yields,
)


class CallEnd(NamedTuple):
    """How a call ended.

    Attributes:
        reason: the provider's own word; None when the call failed.
        error: why it failed, or what a person should know of an answer that is not whole.
    """

    reason: Reason | None = None
    error: HouseError | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of it came."""
        return self.reason is not None and self.error is None


class Ears(NamedTuple):
    """Who wants to hear of a call while it goes on.

    Attributes:
        changed: the stage has something new that is worth keeping.
        restarted: what came is no part of the answer; with the reason.
        text, thinking: pieces of them.
        noted: something to say.
        began: the model that really answers is known.
        yields: whether the call makes room for somebody, and waits.
    """

    changed: Callable[[], None]
    text: Callable[[str], None]
    thinking: Callable[[str], None]
    restarted: Callable[[str], None]
    noted: Callable[[str], None]
    began: Callable[[Started], None]
    yields: Callable[[bool], None]


YIELDED = "yielded"
"""The kind of a failure that is none: a fast question has the model for a moment."""


class StageCall:
    """One call that a stage makes."""

    def __init__(
        self, caller: Caller, stage: Stage, pulse: Pulse, ears: Ears, name: str, clock: Callable[[], float]
    ) -> None:
        self._caller = caller
        self._stage = stage
        self._pulse = pulse
        self._ears = ears
        self._name = name
        self._clock = clock
        self._is_again = False

    async def make(self, request: DeepRequest) -> CallEnd:
        """Make it, to its end; being cancelled closes its socket."""
        end: CallEnd | None = None
        self._pulse.open(self._stage.id, self._clock())
        try:
            async with aclosing(self._caller.call(request)) as events:
                async for event in events:
                    end = self._take(event) or end
        finally:
            self._pulse.close(self._stage.id)
            self._ears.yields(False)
        assert end is not None, "a call ends with Finished or Failed"
        self._stage.is_whole = end.reason is not None
        return end

    def _take(self, event: object) -> CallEnd | None:
        now, stage, pulse = self._clock(), self._stage, self._pulse
        match event:
            case TextDelta(text):
                self._content(now)
                stage.write(text, now)
                self._ears.text(text)
                self._ears.changed()
            case ThinkingDelta(text):
                self._content(now)
                stage.think(text)
                pulse.think(stage.id, text, stage.title if stage.kind is StageKind.PART else "")
                self._ears.thinking(text)
                self._ears.changed()
            case Usage():
                pulse.alive(stage.id, now)
                stage.usage = event
            case Started():
                self._content(now)
                self._ears.began(event)
            case Queued(said):
                pulse.alive(stage.id, now)
                pulse.waits(stage.id, f"queued at {self._name}{f': {said}' if said else ''}")
            case Yields(said):
                self._makes_way(said, now)
            case Heartbeat():
                pulse.alive(stage.id, now)
            case Silent(silent_s=silent, alive_s=alive):
                pulse.alive(stage.id, now - alive)
                if silent > 0:
                    pulse.waits(stage.id, f"{self._name} is silent for")
            case Retrying():
                self._again(event, now)
            case Noted(text):
                stage.note = text
                pulse.say(text)
                self._ears.noted(text)
            case Finished(reason=reason, shortfall=shortfall):
                return CallEnd(reason, shortfall)
            case Failed(error=error):
                return CallEnd(None, error)
        return None

    def _content(self, now: float) -> None:
        """Something came: the call is under way, whatever was said of it before."""
        if self._stage.first_event_at is None:
            self._stage.first_event_at = now
        self._pulse.content(self._stage.id, now)
        if self._is_again:
            self._is_again = False
            self._stage.note = ""

    def _makes_way(self, said: str, now: float) -> None:
        """Wait until somebody else is served, or go when there is nothing said."""
        self._is_again = False
        self._stage.note = said
        self._pulse.makes_way(self._stage.id, said, now)
        self._ears.yields(bool(said))
        self._ears.changed()

    def _again(self, event: Retrying, now: float) -> None:
        had_text = bool(self._stage.text)
        self._stage.restart()
        self._pulse.restart(self._stage.id)
        self._is_again = True
        if event.error.kind == YIELDED:
            said = event.error.message
            self._makes_way(said, now)
        else:
            self._pulse.retries += 1
            said = f"retry {event.attempt} of {event.most} in {event.pause_s:.1f} s: {event.error.message}"
            self._stage.note = said
            self._pulse.content(self._stage.id, now)
            self._ears.changed()
        self._pulse.say(said)
        if had_text:
            self._ears.restarted(said)

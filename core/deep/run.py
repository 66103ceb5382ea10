"""One deep run: a background job from its first second, that anyone may watch, end, or add a word to."""

from collections.abc import AsyncGenerator

from core.deep.status import RunStatus
from core.events import TurnEvent


class Run:
    """A run under way, or over."""

    def status(self) -> RunStatus:
        """How it stands now; cheap enough for four times a second."""
        raise NotImplementedError

    def listen(self) -> AsyncGenerator[TurnEvent, None]:
        """All that happens, from its beginning; who leaves ends nothing.

        The events are a turn's: `Routed`, `TurnStarted`, then `StageReported`, `ThinkingDelta`, `TextDelta`,
        `TextRestarted`, `Noted` and `UsageReported`, and one of `TurnFinished`, `TurnFailed`,
        `TurnCancelled`. Text is only that of the answer; what parts say is in the status.
        """
        raise NotImplementedError

    def end(self) -> None:
        """End it and keep what came; its sockets are closed before this returns to the loop twice."""
        raise NotImplementedError

    def drop(self) -> None:
        """End it and keep nothing."""
        raise NotImplementedError

    def hint(self, text: str) -> None:
        """Something that the next stage shall know."""
        raise NotImplementedError

    def strike(self, part: str) -> None:
        """Do not do a part of the plan, while the plan waits."""
        raise NotImplementedError

    def hold(self) -> None:
        """The plan no longer goes on by itself."""
        raise NotImplementedError

    def go_on(self) -> None:
        """The plan goes on now."""
        raise NotImplementedError

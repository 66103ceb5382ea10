"""The engine's hand on what is made ahead: nothing at all until somebody opens it, and never in the way."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from core.engine.asked import Asked
from core.engine.turn import AnswerStream, Attempt
from core.providers.base import Ended, Request
from core.store.conversations import Started

if TYPE_CHECKING:  # who asks once has nothing made ahead
    from core.engine.drafting import EngineDrafts
    from core.speculation.speculator import Speculator


class MadeAhead(NamedTuple):
    """What does it, and what it is told questions by."""

    speculator: "Speculator"
    drafts: "EngineDrafts"


class Ahead:
    """Tells speculation what was asked and answered, and takes from it what was made for a question.

    Args:
        open_it: opens it, at its first use.
    """

    def __init__(self, open_it: Callable[[], MadeAhead]) -> None:
        self._open_it = open_it
        self._made: MadeAhead | None = None

    @property
    def speculator(self) -> "Speculator":
        """Its face, for who shows it."""
        if self._made is None:
            self._made = self._open_it()
        return self._made.speculator

    def adopted(self, attempt: Attempt) -> Attempt:
        """The attempt with what was made ahead for this very request, if anything was; else ours make way."""
        if self._made is None:
            return attempt
        return replace(attempt, adopted=self._made.speculator.adopt(attempt.request))

    def queued(self) -> None:
        """The person waits, and the server is busy with somebody else."""
        if self._made is not None:
            self._made.speculator.queued()

    def answered(self, asked: Asked, answer: AnswerStream) -> None:
        """The model has answered, or has not come to its end."""
        if self._made is None:
            return
        ended, started = answer.finished, answer.started
        if ended is None or not answer.text or not started.turn:
            self.passed(started.conversation, is_lost=answer.has_failed)
            return
        self._tell(asked, started, answer.text, ended, answer.request)

    def served(self, asked: Asked, started: Started | None, text: str) -> None:
        """A stored answer was given; None where its turn could not be written down."""
        if started is None:
            self.passed()
        else:
            self._tell(asked, started, text)

    def passed(self, conversation: int = 0, *, is_lost: bool = False) -> None:
        """A question has no answer that anything could follow.

        Args:
            conversation: where it was put; 0 when that is not known.
            is_lost: it failed, so that the model may be gone, and what it held.
        """
        if self._made is None:
            return
        self._made.speculator.passed(is_lost=is_lost)
        if conversation not in (0, self._made.drafts.conversation):  # it was the first one there
            self._made.drafts.conversation = conversation
            self._made.speculator.begin(conversation)

    def changed(self, conversation: int) -> None:
        """Another answer is current in a conversation: what comes before its next question is read anew."""
        if self._made is not None and self._made.drafts.conversation == conversation:
            self._made.speculator.begin(conversation)

    async def aclose(self) -> None:
        """Close everything that was made ahead."""
        if self._made is not None:
            await self._made.speculator.aclose()

    def _tell(
        self,
        asked: Asked,
        started: Started,
        text: str,
        ended: Ended | None = None,
        request: Request | None = None,
    ) -> None:
        if self._made is None:
            return
        from core.speculation.ports import Answered

        reason = ended.reason if ended else "stop"
        told = Answered(started.conversation, started.turn, asked.text, text, reason, request)
        self._made.drafts.conversation = started.conversation
        self._made.speculator.answered(told, ended)

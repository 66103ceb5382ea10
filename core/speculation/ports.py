"""What speculation needs of the engine, and what it gives it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from core.messages import Question, Route
from core.providers.base import Piece, Request


class Drafts(Protocol):
    """Says what a question would be sent as, if it were asked now; asking it changes nothing."""

    async def request(self, question: Question) -> Request | None:
        """The very request; None when it cannot be known, or no model would answer the question.

        Two of them are equal exactly when the model would be sent the same.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that has just ended; the model's slot holds its request and its text.

    Attributes:
        request: what it was made from; None when it was not made by the model now (a stored answer).
        text: the answer's, clean.
        reason: ``stop``, or ``length`` when it was cut by its token bound.
    """

    conversation: int
    turn: int
    question: str
    text: str
    reason: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """A request that was made ahead, and is the person's own from now on.

    Attributes:
        stream: its pieces from the first one on, as `Provider.stream` gives them; what came already comes at
            once. Closing it ends the request. It may raise a `ProviderError` as any stream; when that is
            before its first text, asking anew is right.
        route: ``prefetch-hit`` for an answer that was made ahead to an offered question; ``fast`` for the
            question itself, sent while its text was still.
        origin: ``still``, ``running``, ``head`` or ``full``; kept with the answer.
        age_s: since its first token; 0 when none has come.
    """

    stream: AsyncGenerator[Piece, None]
    route: Route
    origin: str
    age_s: float = 0.0

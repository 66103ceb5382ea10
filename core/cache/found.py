"""What is looked for in the answer cache, and what is found.

Named tuples, since a dataclass takes half a millisecond to be made, and an exact hit waits for this module.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.cache.guards.difference import Difference


LONGEST_ALIKE = 500
"""Characters; a longer question carries a text of its own, and nobody asks it again in other words."""


class Hit(StrEnum):
    """How far a stored answer can be trusted: the first two are served, the last is only shown."""

    EXACT = "exact"
    SURE = "sure"
    MAYBE = "maybe"


class Wanted(NamedTuple):
    """A question, and everything that would shape its answer.

    Attributes:
        scope, model_key: from `core.cache.scope`.
        depth: 0 for a fast answer; a deeper one serves too, never a shallower one.
        conversation: where it is asked; nothing from there is served by likeness.
        is_first_turn, has_attachments: only a question without context is looked for by likeness.
        semantic: the setting; False looks for the same question only.
    """

    text: str
    scope: bytes
    model_key: bytes
    depth: int = 0
    conversation: int | None = None
    is_first_turn: bool = True
    has_attachments: bool = False
    semantic: bool = True

    @property
    def may_be_alike(self) -> bool:
        """Whether an answer to another wording may serve at all."""
        return (
            self.semantic
            and self.is_first_turn
            and not self.has_attachments
            and len(self.text) <= LONGEST_ALIKE
        )


class Found(NamedTuple):
    """A stored answer to what was asked.

    Attributes:
        entry, answer: their numbers in the store.
        question: the one it was the answer to.
        place: where its model ran, in the words of `core.messages.Answer`.
        asked_at: when that question was asked; Unix time in seconds.
        differs: how the two questions differ; nothing for an exact hit.
        is_other_model: another model's, or an earlier version's; then it is only a maybe.
        depth: how deep it was thought.
        seconds: how long it took to make.
    """

    outcome: Hit
    entry: int
    answer: int
    question: str
    text: str
    model: str
    provider: str
    place: str
    asked_at: float
    differs: "tuple[Difference, ...]" = ()
    is_other_model: bool = False
    depth: int = 0
    seconds: float = 0.0

    @property
    def is_served(self) -> bool:
        """Whether it may be given as the answer."""
        return self.outcome is not Hit.MAYBE

"""A follow-up question that is offered under an answer."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How far its answer is."""

    ASKED = "○"
    """There is the question alone."""
    STARTED = "◐"
    """Its first words are there."""
    READY = "●"
    """It is there, whole."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One offered question.

    Attributes:
        offer: its number in the store; 0 while it has none.
        place: from 1; what ``/1`` and alt+1 take. A chip never changes its place.
        question: what would be asked, clean, of one line and at most 12 words.
        kind: what sort of question it is (``yes``, ``explain``, ``model`` …); odds are learnt by it.
    """

    place: int
    question: str
    kind: str
    mark: Mark = Mark.ASKED
    offer: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands under an answer now; a newer one takes its place.

    Attributes:
        turn: the turn it stands under.
        chips: at most three, by place; empty while there is nothing to offer.
        is_open: more may come; False from the first key, or when nothing is left to do.
        is_hidden: offers were passed by so often that no row shows them; their slash forms still take one,
            and then the row is back.
    """

    turn: int
    chips: tuple[Chip, ...] = ()
    is_open: bool = True
    is_hidden: bool = False

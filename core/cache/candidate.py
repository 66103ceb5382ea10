"""An answer that may serve again, and what became of it."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.cache.refusals import Refusal

ASKED = "asked"
"""The origin of an entry whose question the person asked here."""


class NewEntry(NamedTuple):
    """An answer that may serve again.

    Attributes:
        answer: its number in the store, where its text is.
        scope, model_key, depth, is_first_turn, has_attachments: as it was wanted; see `Wanted`.
        origin: how it came to be made.
    """

    answer: int
    question: str
    scope: bytes
    model_key: bytes
    depth: int = 0
    is_first_turn: bool = True
    has_attachments: bool = False
    origin: str = ASKED


class Kept(NamedTuple):
    """What became of it: an entry, or the reason why there is none."""

    entry: int | None
    refusal: "Refusal | None" = None

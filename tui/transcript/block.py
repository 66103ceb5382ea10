"""What the splitter cuts a text into."""

from dataclasses import dataclass
from enum import Enum, auto


class GoesOn(Enum):
    """What a block goes on with, when the one before was cut for its length."""

    NOT = auto()
    TEXT = auto()
    PLAIN = auto()
    CODE = auto()
    FENCE = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """One or more neighbouring top-level blocks, or one item of a top-level list, or a piece of one.

    Attributes:
        source: the slice of the text, blank lines around it included.
        has_gap: a blank line belongs before it.
        ordinal: the number of its first item, when its list began in an earlier block.
        body: where the content of a top-level fence begins and ends in `source`; None when it is none.
        goes_on: what it is a further piece of.
        head: what came before, as far as it is needed: a fence's opening line, a table's first piece.
    """

    source: str
    has_gap: bool = False
    ordinal: int | None = None
    body: tuple[int, int] | None = None
    goes_on: GoesOn = GoesOn.NOT
    head: str = ""

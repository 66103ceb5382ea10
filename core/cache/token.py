"""One thing in a question that carries meaning."""

from dataclasses import dataclass

from core.cache.pieces import Tag


@dataclass(frozen=True, slots=True)
class Token:
    """One thing that carries meaning, with the part it plays."""

    text: str
    word: str
    tag: Tag
    role: str = ""
    phrase: int = 0
    is_negated: bool = False
    is_plural: bool = False
    is_light: bool = False
    is_joined: bool = False
    """Whether "and" or "or" stands between it and the one before."""

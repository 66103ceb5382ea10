"""One thing in a question that carries meaning."""

from dataclasses import dataclass

from core.cache.pieces import Tag


@dataclass(frozen=True, slots=True)
class Token:
    """One thing that carries meaning, with the part it plays."""

    text: str
    """As it was written."""
    word: str
    """As it is compared: bent back, an alias or synonym made one."""
    tag: Tag
    role: str = ""
    """What the preposition before its phrase makes of it: "to", "from", "in", or nothing."""
    phrase: int = 0
    is_negated: bool = False
    is_plural: bool = False
    is_light: bool = False
    """Whether it only says what sort of thing its neighbour is: "the file" in "the file a.txt"."""
    is_joined: bool = False
    """Whether "and" or "or" stands between it and the one before."""

    def row(self) -> list[str | int]:
        """A short list for the store."""
        flags = [self.is_negated, self.is_plural, self.is_light, self.is_joined]
        return [self.text, self.word, self.tag.value, self.role, self.phrase, *map(int, flags)]

    @staticmethod
    def of(row: list[str | int]) -> "Token":
        """What `row` made a list of."""
        text, word, tag, role, phrase, *flags = row
        return Token(str(text), str(word), Tag(str(tag)), str(role), int(phrase), *map(bool, flags))

"""Stand-in until the decision arrives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question, parsed."""

    words: tuple[str, ...]

    @property
    def stands_alone(self) -> bool:
        """Whether it needs no context."""
        return len(self.words) >= 3

    def dump(self) -> str:
        """As stored."""
        return " ".join(self.words)

    @staticmethod
    def load(text: str) -> "Parsed":
        """As read."""
        return Parsed(tuple(text.split()))


_STOPS = "how do i a the to in of is what on with can you please it this"
_STOP = frozenset(_STOPS.split())


def parse(text: str) -> Parsed:
    """Parse."""
    words = (word.strip("?.,!\"'`") for word in text.casefold().split())
    return Parsed(tuple(dict.fromkeys(word for word in words if word and word not in _STOP)))

"""The words the cache knows, as data: names, synonyms, opposites, frames, units."""


def words(text: str) -> frozenset[str]:
    """The words of a text, for asking whether one is among them."""
    return frozenset(text.split())


def lines(text: str) -> tuple[str, ...]:
    """The lines of a table that have something in them."""
    return tuple(line for line in text.split("\n") if line)

"""Numbers in a question, in words or digits, with their units: what each is, and how many words it takes."""

from dataclasses import dataclass

from core.cache.pieces import Piece, Tag
from core.cache.quantities import glued, number_at, ordinal, spelled, unit_of
from core.cache.token import Token
from core.cache.vocabulary import words
from core.cache.vocabulary.stops import ROLES, STOPS
from core.cache.vocabulary.units import SCALES

_ARTICLES = words("a an")
_LAST = words("last past")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was said and as it is compared."""

    text: str
    word: str
    tag: Tag
    taken: int


def after_article(said: list[str], at: int) -> Number | None:
    """Find one of a unit: "an hour" and "the last day" are one hour and one day."""
    word, following = said[at], _at(said, at + 1)
    unit = unit_of(following)
    if not unit or following.endswith("s") or (unit == "second" and word not in _ARTICLES):
        return None
    return Number(following, spelled(1, unit), Tag.NUMBER, 2) if word in _ARTICLES | _LAST else None


def in_words(said: list[str], at: int, previous: Token | None) -> Number | None:
    """Find "three hundred", "the second", "ten minutes"; "one" only where it counts something."""
    word = said[at]
    place = ordinal(word)
    if place and not (word == "second" and previous is not None and previous.tag is Tag.NUMBER):
        return Number(word, f"{place}th", Tag.NUMBER, 1)
    found = number_at(said, at)
    if found is None or (word == "one" and not _counts(_at(said, at + 1))):
        return None
    value, taken = found
    unit = unit_of(_at(said, at + taken))
    taken += bool(unit)
    return Number(" ".join(said[at : at + taken]), spelled(value, unit), Tag.NUMBER, taken)


def in_digits(piece: Piece, following: str, previous: Token | None) -> Number:
    """Read "10", "10MB", "10 MB", "2nd"; behind a name it is a version."""
    value, ending, is_ordinal = glued(piece.text)
    if is_ordinal:
        return Number(piece.text, f"{value:.12g}th", Tag.NUMBER, 1)
    unit = unit_of(ending, is_glued=True)
    if ending and not unit:
        return Number(piece.text, piece.word, Tag.IDENTIFIER, 1)
    taken = 1
    if not unit and (unit_of(following) or following in SCALES):
        scale = SCALES.get(following)
        value, unit, taken = (value * scale, "", 2) if scale else (value, unit_of(following), 2)
    if previous is not None and previous.tag is Tag.NAME and not unit:
        version = piece.text if "." in piece.text else f"{value:.12g}"
        return Number(piece.text, version, Tag.VERSION, 1)
    is_octal = not unit and len(piece.text) > 1 and piece.text[0] == "0"
    text = f"{piece.text} {following}" if taken > 1 else piece.text
    return Number(text, piece.text if is_octal else spelled(value, unit), Tag.NUMBER, taken)


def _counts(following: str) -> bool:
    return bool(following) and following not in STOPS and following not in ROLES


def _at(said: list[str], at: int) -> str:
    return said[at] if at < len(said) else ""

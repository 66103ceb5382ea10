"""What counts as right: a small vocabulary of rules, each a frozen value that shows all that it accepts.

A rule looks at every reading of an answer (see `core.tuning.reading`) and accepts it when one is right as a
whole. None of them runs what a model wrote; a regular expression is tried on examples, and only a quick one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.tuning.command_line import Command, canonical
from core.tuning.patterns import compiled, written_pattern
from core.tuning.reading import readings

VERSION = 1
"""Raised with every change of how an answer is read or judged: results by other rules are not comparable."""

_FILLERS = {"a", "an", "the", "in", "of", "it", "its"}
_WORD = re.compile(r"[^\s,()\"'`*]+")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,20}(?:\.\d{1,20})?(?![\w.]*\w)")
_NAMED = re.compile(r"\b[A-Za-z]{2,}-\d+\b")  # as UTF-8: a name that holds a digit, no value
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_NOT_BESIDE = re.compile(r"[\s.,:'’\"()\[\]!*`]+")
_SPELT = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_SUPERSCRIPTS = str.maketrans("²³₂", "232")


@dataclass(frozen=True, slots=True)
class OneOf:
    """Words; capital letters, articles and `noise` do not count."""

    accepted: tuple[str, ...]
    noise: tuple[str, ...] = ()

    def __call__(self, answer: str) -> bool:
        """Whether an answer says one of them, and nothing else."""
        wanted = {self._said(text) for text in self.accepted}
        return any(self._said(reading) in wanted for reading in readings(answer))

    def _said(self, text: str) -> tuple[str, ...]:
        words = _WORD.findall(text.casefold())
        return tuple(word for word in words if word not in _FILLERS and word not in self.noise)


@dataclass(frozen=True, slots=True)
class Exactly:
    """Characters; all of them count."""

    accepted: tuple[str, ...]

    def __call__(self, answer: str) -> bool:
        """Whether an answer is one of them."""
        return any(reading in self.accepted for reading in readings(answer))


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters and digits in order; capital letters, spaces and signs between them do not count."""

    accepted: tuple[str, ...]

    def __call__(self, answer: str) -> bool:
        """Whether an answer has just these."""
        wanted = {self._said(text) for text in self.accepted}
        return any(self._said(reading) in wanted for reading in readings(answer))

    def _said(self, text: str) -> str:
        return _NOT_WORD.sub("", text.translate(_SUPERSCRIPTS)).casefold()


@dataclass(frozen=True, slots=True)
class Code:
    """An expression; spaces, the kind of quotes and a last semicolon do not count."""

    accepted: tuple[str, ...]

    def __call__(self, answer: str) -> bool:
        """Whether an answer is one of them."""
        wanted = {self._said(text) for text in self.accepted}
        return any(self._said(reading) in wanted for reading in readings(answer))

    def _said(self, text: str) -> str:
        return "".join(text.split()).replace('"', "'").removesuffix(";")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command; quotes, the order of its options and their bundling do not count."""

    accepted: tuple[str, ...]

    def __call__(self, answer: str) -> bool:
        """Whether an answer is one of them."""
        wanted = _meanings(self.accepted)
        return any(canonical(reading) in wanted for reading in readings(answer))


@lru_cache(maxsize=64)
def _meanings(lines: tuple[str, ...]) -> frozenset[tuple[Command, ...]]:
    return frozenset(canonical(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in order; beside them only `units` may stand. Two values where one is wanted are a hedge."""

    values: tuple[float, ...]
    units: tuple[str, ...] = ()

    def __call__(self, answer: str) -> bool:
        """Whether an answer says just these."""
        return any(self._is_said(reading) for reading in readings(answer))

    def _is_said(self, text: str) -> bool:
        text = _NAMED.sub(" ", _THOUSANDS.sub("", text.replace("−", "-").replace("–", "-")))
        said = [float(number) for number in _NUMBER.findall(text)]
        beside = _NOT_BESIDE.sub(" ", _NUMBER.sub(" ", text)).casefold().split()
        if not said:
            said = [float(_SPELT.index(word)) for word in beside if word in _SPELT]
            beside = [word for word in beside if word not in _SPELT]
        if any(word not in self.units and word not in _FILLERS for word in beside):
            return False
        return set(said) == set(self.values) if len(self.values) == 1 else tuple(said) == self.values


@dataclass(frozen=True, slots=True)
class Finds:
    """A regular expression that finds something in each of `these`, and nothing in any of `those`."""

    these: tuple[str, ...]
    those: tuple[str, ...]

    def __call__(self, answer: str) -> bool:
        """Whether an answer is such an expression."""
        return any(self._is_such(written_pattern(reading)) for reading in readings(answer))

    def _is_such(self, text: str) -> bool:
        pattern = compiled(text)
        if pattern is None:
            return False
        return all(map(pattern.search, self.these)) and not any(map(pattern.search, self.those))


def one_of(*accepted: str, noise: str = "") -> OneOf:
    """Words; `noise` are those that may stand beside them, as "signal" beside SIGKILL."""
    return OneOf(accepted, tuple(noise.split()))


def exactly(*accepted: str) -> Exactly:
    """Characters that all count."""
    return Exactly(accepted)


def letters(*accepted: str) -> Letters:
    """Letters and digits, whatever stands between them."""
    return Letters(accepted)


def code(*accepted: str) -> Code:
    """Expressions, whatever their spaces and quotes."""
    return Code(accepted)


def command(*accepted: str) -> CommandLine:
    """Commands that mean the same."""
    return CommandLine(accepted)


def numbers(*values: float, units: str = "") -> Numbers:
    """One number, or several in order; `units` are words that may stand beside them."""
    return Numbers(values, tuple(units.split()))


def finds(*these: str, but_not: tuple[str, ...]) -> Finds:
    """A regular expression, by what it has to find and what it must not."""
    return Finds(these, but_not)

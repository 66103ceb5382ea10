"""The person before the screen: how long they read and think, how they type, and when they take a chip.

Random numbers belong to the turn, so every policy meets the same person doing the same things.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.speculation.chip import Chip
from tests.bench.speculation.conversations import Conversation

CHAT_THINKING = (25.0, 1.0)
"""Median seconds and sigma of a lognormal, where nobody measured it (study, section 3)."""
AGENT_THINKING = (100.0, 1.55)
"""The same of agents' users, for turns without a time (study, section 2: mu 4.61, sigma 1.55)."""
PASTED_FROM = 400
"""Longer texts are pasted."""
PASTING = (1.5, 0.3)
ENTER = (0.45, 0.5)
"""The pause between the last key and Enter."""
IN_WORD = (0.135, 0.40)
"""Between two keys of a word; with the pauses below and corrections about 5 characters a second."""
WORD_END = (0.27, 0.50)
THOUGHT = (1.1, 0.60)
"""A stop in the middle of a sentence, to find the next words."""
THOUGHTS = 0.12
"""So many of the word ends are such a stop; more where a sentence ends."""
THOUGHTS_AT_STOPS = 0.35
BEFORE_SPACE = 0.25
"""So many of the pauses between two words come before the space, where the text looks whole."""
SLIPS = 0.015
"""So many of the letters come out wrong, are noticed after the next one, and taken back."""
NOTICING = (0.35, 0.4)
PLACES = (60.0, 25.0, 15.0)
"""Which chip is taken, when one is: by its place."""


@dataclass(frozen=True, slots=True)
class Key:
    """After so long the prompt's text is this."""

    after_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """What the person does after an answer.

    Attributes:
        thinking_s: before the first key, or before a chip is taken.
        keys: the prompt as it grows to the question.
        enter_s: between the last key and Enter.
        luck, place: random numbers for taking a chip, and which.
    """

    thinking_s: float
    keys: tuple[Key, ...]
    enter_s: float
    luck: float
    place: float

    def takes(self, chips: Sequence[Chip], accept: float) -> Chip | None:
        """The chip that is taken, of those there are; None when the question is typed."""
        if not chips or self.luck >= accept:
            return None
        weights = [PLACES[min(chip.place, len(PLACES)) - 1] for chip in chips]
        at = self.place * sum(weights)
        for chip, weight in zip(chips, weights, strict=True):
            at -= weight
            if at < 0:
                return chip
        return chips[-1]


def move(conversation: Conversation, index: int, seed: int) -> Move:
    """How the question at this place comes to be asked."""
    dice = random.Random(f"{seed}:{conversation.name}:{index}")
    luck, place = _luck(dice.random(), conversation, index, seed), dice.random()
    enter_s = _lognormal(dice, ENTER)
    chat_s, agent_s = _lognormal(dice, CHAT_THINKING), _lognormal(dice, AGENT_THINKING)
    turn = conversation.turns[index]
    keys = tuple(_pasted(dice, turn.user) if len(turn.user) > PASTED_FROM else _typed(dice, turn.user))
    typing_s = sum(key.after_s for key in keys) + enter_s
    if not conversation.is_agent:
        return Move(chat_s, keys, enter_s, luck, place)
    # What was measured has the typing in it; nobody types here while an answer is still coming.
    thinking_s = max(0.0, turn.think_s - typing_s) if turn.think_s is not None else agent_s
    return Move(thinking_s, keys, enter_s, luck, place)


def _luck(chance: float, conversation: Conversation, index: int, seed: int) -> float:
    """A random number of its own for each follow-up, spread evenly over all of a file.

    So as many chips are taken as is asked for: a few more or fewer hits by chance alone would move the waste
    of each by a tenth.
    """
    if not conversation.in_all:
        return chance
    return (_ranks(conversation.in_all, seed)[conversation.before + index - 1] + chance) / conversation.in_all


@lru_cache(maxsize=4)
def _ranks(count: int, seed: int) -> tuple[int, ...]:
    return tuple(random.Random(f"{seed}:luck").sample(range(count), count))


def leaving_s(conversation: Conversation, seed: int) -> float:
    """How long the last answer is looked at before the program is left."""
    return _lognormal(random.Random(f"{seed}:{conversation.name}:leaving"), CHAT_THINKING)


def _pasted(dice: random.Random, text: str) -> Iterator[Key]:
    yield Key(_lognormal(dice, PASTING), text)


def _typed(dice: random.Random, text: str) -> Iterator[Key]:
    for at, letter in enumerate(text):
        if letter.isalpha() and dice.random() < SLIPS:
            before, wrong = text[:at], dice.choice("etaoinsr")
            yield Key(_gap(dice, text, at), before + wrong)
            if at + 1 < len(text):
                yield Key(_lognormal(dice, IN_WORD), before + wrong + text[at + 1])
                yield Key(_lognormal(dice, NOTICING), before + wrong)
                yield Key(_lognormal(dice, IN_WORD), before)
            else:
                yield Key(_lognormal(dice, NOTICING), before)
            yield Key(_lognormal(dice, IN_WORD), text[: at + 1])
        else:
            yield Key(_gap(dice, text, at), text[: at + 1])


def _gap(dice: random.Random, text: str, at: int) -> float:
    """The time before a letter is typed; the pause between two words is on one side of the space."""
    if at == 0:
        return 0.0
    here, before = text[at], text[at - 1]
    if here.isspace() and not before.isspace():
        return _pause(dice, before) if dice.random() < BEFORE_SPACE else _lognormal(dice, IN_WORD)
    if before.isspace() and not here.isspace() and dice.random() >= BEFORE_SPACE:
        return _pause(dice, text[:at].rstrip()[-1:])
    return _lognormal(dice, IN_WORD)


def _pause(dice: random.Random, end: str) -> float:
    is_thought = dice.random() < (THOUGHTS_AT_STOPS if end in ".,;:?!" else THOUGHTS)
    return _lognormal(dice, THOUGHT if is_thought else WORD_END)


def _lognormal(dice: random.Random, shape: tuple[float, float]) -> float:
    median, sigma = shape
    return dice.lognormvariate(math.log(median), sigma)

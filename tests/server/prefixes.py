"""What a model's slots hold of earlier prompts, and how much of a new one that spares.

As llama.cpp does it: a slot whose text begins like the prompt, else the one used longest ago; a text that is
about to be lost goes to memory beside the slots, from where a better one may come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

CHARS_PER_TOKEN = 4
"""Prompts are texts here; a token is four characters of them."""

CHECKPOINT_TAIL = 4
"""Tokens before the end of a prompt at which the last checkpoint is made."""

_ENOUGH_ALIKE = 0.1
_WORTH_SAVING = 0.5
_WORTH_FETCHING = 0.25
_CHECKPOINTS = 32


@dataclass(frozen=True, slots=True)
class Held:
    """What a slot has in its memory.

    Attributes:
        text: all that was read and written there, from the beginning.
        checkpoints: token counts that a hybrid model can go back to, the earliest first.
    """

    text: str = ""
    checkpoints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which slot a prompt is given, and what is where when its reading begins.

    Attributes:
        reused: tokens of the prompt that need not be read.
    """

    slot: int
    held: Held
    beside: tuple[Held, ...]
    reused: int


def tokens_of(text: str) -> int:
    """How many tokens a text has."""
    return -(-len(text) // CHARS_PER_TOKEN)


def shared(one: str, other: str) -> int:
    """How many characters two texts have in common from the beginning."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def reused(held: Held, prompt: str, is_hybrid: bool) -> int:
    """Tokens of a prompt that this saves reading; the last one is always read."""
    alike = shared(held.text, prompt)
    most = min(alike // CHARS_PER_TOKEN, max(tokens_of(prompt) - 1, 0))
    if not is_hybrid or (alike == len(held.text) and len(prompt) > alike):
        return most
    return max((mark for mark in held.checkpoints if mark <= most), default=0)


def choose(
    prompt: str, free: Sequence[tuple[int, Held]], beside: tuple[Held, ...], room: int, is_hybrid: bool
) -> Choice:
    """Give a prompt one of the free slots.

    Args:
        free: number and text of each, the one used longest ago first.
        beside: texts kept beside the slots, the oldest first.
        room: how many of them there may be; 0 is none, and no looking.
    """
    alike = [(shared(held.text, prompt), -place) for place, (_, held) in enumerate(free)]
    most, place = max(alike)
    is_alike = most > _ENOUGH_ALIKE * len(prompt)
    number, held = free[-place] if is_alike else free[0]
    most = most if is_alike else shared(held.text, prompt)
    is_lost = not is_alike or most < _WORTH_SAVING * len(held.text)
    if held.text and is_lost and room:
        beside = _saved(held, beside, room)
        held, beside = _fetched(prompt, held, beside)
    return Choice(number, held, beside, reused(held, prompt, is_hybrid))


def after_reading(prompt: str, choice: Choice, tokens: int, batch: int) -> Held:
    """What the slot holds when `tokens` of the prompt are in it, with the checkpoints made on the way."""
    total = tokens_of(prompt)
    made = [
        mark
        for mark in (total - CHECKPOINT_TAIL - batch, total - CHECKPOINT_TAIL)
        if choice.reused < mark <= tokens
    ]
    kept = [mark for mark in choice.held.checkpoints if mark <= choice.reused]
    return Held(prompt[: tokens * CHARS_PER_TOKEN], (*kept, *made)[-_CHECKPOINTS:])


def _saved(held: Held, beside: tuple[Held, ...], room: int) -> tuple[Held, ...]:
    if any(other.text.startswith(held.text) for other in beside):
        return beside
    return (*(other for other in beside if not held.text.startswith(other.text)), held)[-room:]


def _fetched(prompt: str, held: Held, beside: tuple[Held, ...]) -> tuple[Held, tuple[Held, ...]]:
    """The text that serves a prompt better than what the slot holds, taken from beside it."""
    alike = shared(held.text, prompt)
    best, best_kept = -1, alike / len(held.text)
    for place, other in enumerate(beside):
        same = shared(other.text, prompt)
        kept = same / len(other.text)
        if kept >= _WORTH_FETCHING and kept > best_kept and same > alike:
            best, best_kept, alike = place, kept, same
    if best < 0:
        return held, beside
    return beside[best], beside[:best] + beside[best + 1 :]

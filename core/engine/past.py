"""The turns that a question is asked behind: read once, and only what is new to them read again.

A question that is being typed is looked at at every word end, behind hundreds of turns perhaps; what does not
change from one look to the next is worked out once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.cache.scope import context_digest
from core.context.budget import Sized, sized
from core.messages import Turn
from core.store.conversations import Conversations
from core.store.rows import TurnMark, marks_in

_MANY = 20
"""Turns that are better read beside the event loop while nobody waits for them."""


class Past:
    """Earlier turns that have an answer, oldest first, as a question is sent behind them."""

    def __init__(self, sized_turns: tuple[Sized, ...] = ()) -> None:
        self.sized = sized_turns

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The turns themselves."""
        return tuple(each.turn for each in self.sized)

    @cached_property
    def digest(self) -> str:
        """Of all that is sent of them, as the answer cache knows it."""
        return context_digest(tuple(message for each in self.sized for message in each.messages))

    def without(self, count: int) -> "Past":
        """The same without the oldest ones."""
        return Past(self.sized[count:]) if count else self

    def before(self, turn: int) -> "Past":
        """Those that came before a turn."""
        return Past(tuple(each for each in self.sized if each.turn.id < turn))


@dataclass(slots=True)
class _Known:
    """What was read of one conversation.

    Attributes:
        stamp: of all its turns, as they were then; empty where somebody was writing one.
        marks: of those that nobody was writing.
        sized: one for each mark.
        pasts: by the first turn that is still sent.
    """

    conversation: int
    stamp: str
    marks: tuple[TurnMark, ...]
    sized: tuple[Sized, ...]
    pasts: dict[int, Past]


class Pasts:
    """The turns of the conversation that is at hand."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._known: _Known | None = None

    def now(self, conversation: int, first_kept: int = 0) -> Past:
        """What a question asked now is asked behind, as the store has it.

        Args:
            first_kept: the first turn that is still sent; 0 for all.

        Raises:
            StoreUnavailable: The conversation cannot be read.
        """
        stamp = self._conversations.stamp(conversation)
        if (past := self._still(conversation, stamp, first_kept)) is not None:
            return past
        marks = marks_in(stamp)
        same = self._same(conversation, marks)
        missing = len(marks) - same
        newest = self._conversations.turns(conversation, missing) if missing else ()
        return self._take(conversation, stamp, same, newest, first_kept)

    async def soon(self, conversation: int, first_kept: int = 0) -> Past:
        """The same for who is in no hurry: much is read beside the event loop.

        Raises:
            StoreUnavailable: The conversation cannot be read.
        """
        known, stamp = self._known, self._conversations.stamp(conversation)
        if (past := self._still(conversation, stamp, first_kept)) is not None:
            return past
        marks = marks_in(stamp)
        same = self._same(conversation, marks)
        missing = len(marks) - same
        if missing < _MANY:
            return self.now(conversation, first_kept)
        newest = await asyncio.to_thread(self._conversations.turns, conversation, missing)
        if self._known is not known:  # somebody has asked meanwhile
            return self.now(conversation, first_kept)
        return self._take(conversation, stamp, same, newest, first_kept)

    def _still(self, conversation: int, stamp: str, first_kept: int) -> Past | None:
        """What is known, where nothing has changed since."""
        known = self._known
        if known is None or (known.conversation, known.stamp) != (conversation, stamp) or not stamp:
            return None
        return known.pasts.get(first_kept)

    def _same(self, conversation: int, marks: Sequence[TurnMark]) -> int:
        """How many of the oldest turns are as they were when they were read."""
        known = self._known
        if known is None or known.conversation != conversation:
            return 0
        pairs = zip(known.marks, marks, strict=False)
        return next(
            (at for at, (old, new) in enumerate(pairs) if old != new), min(len(known.marks), len(marks))
        )

    def _take(
        self,
        conversation: int,
        stamp: str,
        same: int,
        newest: tuple[Turn, ...],
        first_kept: int,
    ) -> Past:
        marks = marks_in(stamp)
        before = self._known.sized[:same] if self._known is not None and same else ()
        read = (*before, *map(sized, newest))
        if not all(map(_is_of, read[same:], marks[same:])) or len(read) != len(marks):
            # It was written between the look and the reading.
            return _past(tuple(map(sized, self._conversations.turns(conversation))), first_kept)
        # What somebody writes just now may change without a trace, and is read again the next time.
        sure = next((at for at, mark in enumerate(marks) if mark.is_open), len(marks))
        known = self._known
        if known is None or known.conversation != conversation or known.marks != marks[:sure]:
            known = self._known = _Known(conversation, "", marks[:sure], read[:sure], {})
        known.stamp = stamp if sure == len(marks) else ""
        if first_kept not in known.pasts:
            known.pasts = {first_kept: _past(known.sized, first_kept)}
        past, rest = known.pasts[first_kept], _past(read[sure:], first_kept)
        return Past((*past.sized, *rest.sized)) if rest.sized else past


def _past(turns: Sequence[Sized], first_kept: int) -> Past:
    return Past(tuple(each for each in turns if each.turn.id >= first_kept and each.messages))


def _is_of(read: Sized, mark: TurnMark) -> bool:
    current = read.turn.current
    is_same = mark.answer is None or (current is not None and current.id == mark.answer)
    return read.turn.id == mark.turn and is_same

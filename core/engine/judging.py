"""Watches what the person does with answers, and writes it down behind: nothing waits for it or fails by it.

Only what happens on the screen is judged; nobody sees what is done with an answer of `leadline ask`. One that
failed has no signals. One that was stopped was read as far as it was wanted: copying from it and asking again
say what they always say, but to go on to something else says nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from core.engine.behind import Behind
from core.engine.topics import is_another_topic, is_rephrased, is_same
from core.errors import HouseError
from core.events import TextDelta, TurnEvent, TurnFinished, TurnStarted
from core.messages import Question
from core.metrics.chance import SignalKind
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.measured import MeasuredStore
from core.store.signals import SignalStore

REPHRASED_WITHIN_S = 120.0
_READ_CHARACTERS = 4_000
"""Of an answer's beginning: what it is about is told there."""


class Ending(Protocol):
    """A deep run, as far as it is judged."""

    async def over(self) -> None:
        """Return when it is over, and kept."""


@dataclass(slots=True)
class _Asked:
    """A question of the person's.

    Attributes:
        at: when it was asked, and since its answer is there: when that was (Unix seconds).
        turn: of the store; 0 while it is not stored.
        answer: as far as it is kept to tell its topic.
        is_whole: the answer came to its end.
        is_afresh: no stored answer was wanted.
    """

    text: str
    at: float
    turn: int = 0
    conversation: int = 0
    answer: str = ""
    is_whole: bool = False
    is_afresh: bool = False


class Judging:
    """One engine's; told of questions, their events, and what is done with answers."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        behind: Behind,
        now: Callable[[], float],
    ) -> None:
        self._signals = SignalStore(database)
        self._measured = MeasuredStore(database)
        self._conversations = conversations
        self._behind = behind
        self._now = now
        self._before: _Asked | None = None
        self._current: _Asked | None = None

    # Questions

    async def watching(
        self, question: Question, events: AsyncGenerator[TurnEvent, None]
    ) -> AsyncGenerator[TurnEvent, None]:
        """The same events, as they come; what they and the question say of answers is taken from them."""
        self._asked(question)
        async with aclosing(events):
            async for event in events:
                self._heard(event)
                yield event

    def _asked(self, question: Question) -> None:
        before = self._before
        if question.again is None:
            self._current = _Asked(question.text, self._now(), is_afresh=not question.use_cache)
            return
        if not question.use_cache and not question.fit:
            # Handed over before the other answer can be the turn's.
            self._signals.record_current(question.again, SignalKind.AFRESH.value, self._now())
        self._current = before if before is not None and before.turn == question.again else None
        if self._current is not None:
            self._current.answer, self._current.is_whole = "", False

    def _heard(self, event: TurnEvent) -> None:
        current = self._current
        if current is None:
            return
        match event:
            case TextDelta(text) if len(current.answer) < _READ_CHARACTERS:
                current.answer += text
            case TurnStarted(conversation, turn, _) if current is not self._before:
                current.conversation, current.turn = conversation, turn
                before, self._before = self._before, current
                if before is not None:
                    self._judge(before, current)
            case TurnFinished():
                current.is_whole, current.at = True, self._now()
            case _:
                pass

    def _judge(self, before: _Asked, now: _Asked) -> None:
        """What a question says of the answer to the one before it; the writer has the time to tell."""
        # As they are now: what is heard later is of no other question.
        one, other = replace(before), replace(now)
        self._signals.record_current(before.turn, lambda: _said_by(one, other), now.at)

    # Acts

    def copied(self, turn: int) -> None:
        """Something of a turn's answer was copied, or written to a file."""
        self._signals.record_current(turn, SignalKind.COPIED.value)

    def escalated(self, turn: int, run: Ending) -> None:
        """The person had an answer, and asks for depth on the same question."""
        escalated = self._signals.record_current(turn, SignalKind.ESCALATED.value)
        self._behind.start(self._compare(turn, asyncio.wrap_future(escalated), run))

    def blocked(self, answer: int, blocked_ms: float) -> None:
        """A deep run was waited for so long, and nothing else was done."""
        self._measured.blocked(answer, blocked_ms)

    async def _compare(self, turn: int, escalated: Awaitable[int], run: Ending) -> None:
        """Whether the deep answer says what the draft said."""
        draft = await escalated
        await run.over()
        with suppress(HouseError):  # the turn may be gone
            answers = {each.id: each for each in self._conversations.turn(turn).answers}
            deep = next((each for each in reversed(answers.values()) if each.route.is_deep), None)
            if deep is None or deep.id <= draft or draft not in answers:
                return
            from core.deep.draft import agrees

            if agrees(answers[draft].text, deep.text):
                self._signals.record(draft, SignalKind.AGREED.value)


def _said_by(before: _Asked, now: _Asked) -> str:
    """Of an answer, by the question behind it; empty where it says nothing."""
    if is_same(before.text, now.text):
        # Word for word the same, and not out of the cache: the answer that was there was not wanted.
        return SignalKind.AFRESH.value if now.is_afresh else ""
    if now.at - before.at <= REPHRASED_WITHIN_S and is_rephrased(before.text, now.text):
        return SignalKind.REPHRASED.value
    is_new = now.conversation != before.conversation
    if before.is_whole and is_another_topic(before.text, now.text, before.answer, is_new=is_new):
        return SignalKind.MOVED_ON.value
    return ""

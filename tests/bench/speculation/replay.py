"""One conversation under one policy: what the person waited for, and what was made ahead of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing, suppress
from dataclasses import dataclass, field
from typing import Protocol

from core.events import TextDelta
from core.lanes import Lanes
from core.messages import Question, Route
from core.providers.base import Ended, Piece, Request
from core.speculation.chip import Chip, Mark, Offer
from core.speculation.level import Level
from core.speculation.ports import Adopted, Answered
from core.speculation.speculator import Speculator
from tests.bench.speculation.conversations import Conversation
from tests.bench.speculation.drafting import Drafting
from tests.bench.speculation.person import Move, leaving_s, move
from tests.bench.speculation.voice import Voice

OPENING_S = 5.0
"""Between the screen's first paint and the first question."""
NOW = 1_800_000_000.0
"""Unix time at which each conversation begins."""


LONGEST_S = 300.0
"""A longer silence counts as so much of the time that a busy share is of."""
_RUNS = ("still", "running")


class Server(Protocol):
    """What answers the person, and can say what it did."""

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer."""
        ...

    def asking(self) -> AbstractContextManager[None]:
        """For the time of the block, whatever is sent is the person's own request."""
        ...

    def alone_s(self, request: Request) -> float:
        """How long its first token would take, had what is made ahead now never been begun."""
        ...

    def give(self) -> None:
        """The request that runs is the person's from now on."""
        ...


@dataclass(slots=True)
class Asked:
    """A follow-up, and how its answer came.

    Attributes:
        is_chip: it was taken, not typed.
        ttft_s: from Enter, or the chip's key, to the first text.
        held_up_s: by what was made ahead.
        route: as an adopted answer says it; None when nothing was adopted.
        mark: as far as the taken chip's answer was.
        at_once: characters that were there in the same moment.
        is_wrong: it was given another request's answer.
        thought_s: before the first key.
        marks: of the chips on offer when it was asked, by place.
    """

    is_chip: bool
    ttft_s: float
    held_up_s: float
    route: Route | None
    mark: Mark | None
    at_once: int
    is_wrong: bool
    thought_s: float
    marks: tuple[Mark, ...]


@dataclass(slots=True)
class Person:
    """Somebody in a conversation, with the product's speculation at work beside them.

    Attributes:
        most_thinking_s: thoughts are cut to it, where time is real.
        asked: the follow-ups so far.
        passed_s: by the person's clock, silences cut to `LONGEST_S`; at the end.
        said_last: when the last answer ended, behind which nothing is asked.
    """

    conversation: Conversation
    speculator: Speculator
    lanes: Lanes
    drafting: Drafting
    server: Server
    voice: Voice
    level: Level
    accept: float
    seed: int
    clock: Callable[[], float]
    most_thinking_s: float = float("inf")
    said_last: float = 0.0
    passed_s: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    offer: Offer = field(default_factory=lambda: Offer(0))

    async def live(self) -> None:
        """The whole conversation, and a while behind its last answer."""
        watching = asyncio.create_task(self._watch())
        try:
            self.speculator.begin(None)
            await asyncio.sleep(OPENING_S)
            await self._ask(self.conversation.turns[0].user, None, Move(0.0, (), 0.0, 1.0, 0.0))
            for index in range(1, len(self.conversation.turns)):
                await self._follow_up(move(self.conversation, index, self.seed), index)
            self.said_last = self.clock()
            await asyncio.sleep(min(leaving_s(self.conversation, self.seed), self.most_thinking_s))
            self.passed_s += self.clock()
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _follow_up(self, moved: Move, index: int) -> None:
        thinking_s = min(moved.thinking_s, self.most_thinking_s)
        await asyncio.sleep(thinking_s)
        chip = moved.takes(self._shown(), self.accept)
        if chip is not None:
            self.speculator.took(chip)
            await self._ask(chip.question, chip, moved)
        else:
            await self._type(moved)
            await self._ask(self.conversation.turns[index].user, None, moved)
        self.passed_s -= max(0.0, thinking_s - LONGEST_S)

    def _shown(self) -> tuple[Chip, ...]:
        """The chips under the last answer; a hidden row shows none, and those of an older one are gone."""
        is_shown = self.offer.turn == self.drafting.turn and not self.offer.is_hidden
        return self.offer.chips if is_shown else ()

    async def _type(self, moved: Move) -> None:
        """Type the question; a policy that reads nothing of it hears of the first key alone."""
        is_read = self.level >= Level.TYPING
        rest_s = moved.enter_s
        for place, key in enumerate(moved.keys):
            if is_read or not place:
                await asyncio.sleep(key.after_s)
                self.speculator.typed(Question(key.text, conversation=self.drafting.conversation))
            else:
                rest_s += key.after_s
        await asyncio.sleep(rest_s)

    async def _ask(self, text: str, chip: Chip | None, moved: Move) -> None:
        """What the engine does with a question, in its order."""
        request = self.drafting.draft(Question(text, conversation=self.drafting.conversation))
        marks = tuple(one.mark for one in self._shown())
        began, alone_s = self.clock(), self.server.alone_s(request)
        adopted = self.speculator.adopt(request)
        if adopted is not None and adopted.origin in _RUNS:
            self.server.give()
        self.speculator.typed(Question("", conversation=self.drafting.conversation))
        with self.lanes.foreground(), self.server.asking():
            stream = adopted.stream if adopted is not None else self.server.stream(request)
            answer = await _read(stream, self.clock)
        if self.drafting.turn:
            expected = "".join(self.voice.answer(request)[: request.num_predict])
            self.asked.append(
                Asked(
                    chip is not None,
                    answer.first_at - began,
                    max(0.0, answer.first_at - began - alone_s),
                    adopted.route if adopted is not None else None,
                    chip.mark if chip is not None else None,
                    answer.at_once if adopted is not None else 0,
                    answer.text != expected,
                    moved.thinking_s,
                    marks,
                )
            )
        self._keep(text, request, adopted, answer)

    def _keep(self, text: str, request: Request, adopted: Adopted | None, answer: "_Answer") -> None:
        route = adopted.route if adopted is not None else Route.FAST
        self.drafting.keep(text, answer.text, answer.ended, route, NOW + self.clock())
        answered = Answered(
            self.drafting.conversation,
            self.drafting.turn,
            text,
            answer.text,
            answer.ended.reason,
            request,
        )
        self.speculator.answered(answered, answer.ended)

    async def _watch(self) -> None:
        async with aclosing(self.speculator.watch()) as offers:
            async for offer in offers:
                self.offer = offer


@dataclass(slots=True)
class _Answer:
    text: str
    first_at: float
    at_once: int
    ended: Ended


async def _read(stream: AsyncGenerator[Piece, None], clock: Callable[[], float]) -> _Answer:
    """An answer to its end; when its first text came, and how much of it came in the same moment."""
    began, first_at, at_once, ended = clock(), clock(), 0, Ended("stop")
    texts: list[str] = []
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            if isinstance(piece, TextDelta):
                if not texts:
                    first_at = clock()
                if clock() <= began:
                    at_once += len(piece.text)
                texts.append(piece.text)
            elif isinstance(piece, Ended):
                ended = piece
    return _Answer("".join(texts), first_at, at_once, ended)

"""Asks questions in depth: prepares them, says what would leave before it does, and begins."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from core.amounts import tokens_text
from core.deep.question import DeepQuestion, Preset
from core.errors import HouseError
from core.messages import Question
from core.sanitise import clean_line
from tui.docket import Docket
from tui.screens.deep_runs import Place, RunBoard
from tui.screens.deep_stage import AskStage
from tui.widgets.arming import ArmingRow, Item
from tui.widgets.deep_panel import DeepPanel, Shape

if TYPE_CHECKING:  # what deep calls need, and the panel's first frame does not
    from core.deep.arming import Prepared

CALM_S = 0.4
"""An enter so soon after the row appeared was meant for what was there before."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, and where its answer belongs.

    Attributes:
        key: of the turn that has it already; None where the deep answer will be alone.
        note: what is to be said of what goes along.
        is_new: it was typed to be thought through, and no answer to it was found wanting.
    """

    docket: Docket
    key: int | None
    question: Question
    note: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Armed:
    asked: _Asked
    prepared: "Prepared"
    at: float


class Deepener:
    """The person's way to depth; the screen runs its coroutines as workers."""

    def __init__(
        self,
        stage: AskStage,
        panel: DeepPanel,
        row: ArmingRow,
        board: RunBoard,
        clock: Callable[[], float],
    ) -> None:
        self._stage = stage
        self._panel = panel
        self._row = row
        self._board = board
        self._clock = clock
        self._armed: _Armed | None = None
        self._former: Shape = "hidden"
        self._moved = asyncio.Event()

    @property
    def is_armed(self) -> bool:
        """Whether something waits for the person's word."""
        return self._armed is not None

    def unsent(self) -> tuple[str, ...]:
        """The question that waits for the person's word, where nobody else has it."""
        armed = self._armed
        return (armed.asked.question.text,) if armed is not None and armed.asked.key is None else ()

    def moved(self) -> None:
        """A turn was stored, or is over."""
        self._moved.set()

    def forget(self) -> None:
        """Another conversation, or another engine: what was armed for the former is not sent."""
        self._disarm()
        self._moved.set()

    # Asking

    async def last(self, preset: Preset, *, is_local: bool = False) -> None:
        """The last question, once more and deeper."""
        docket = self._stage.docket
        last = docket.last
        if last is None:
            self._stage.tell("there is no question yet to think through; type one first")
            return
        await self._announce()
        turn = await self._turn_of(docket, last.key)
        if turn is not None and (run := self._board.of_turn(turn)):
            self._stage.tell("that question is being thought through already")
            self._board.open(run)
            self._board.set_shape("open")
            self._stage.to_panel()
            return
        asked = _Asked(docket, last.key, Question(last.text))
        await self._prepare(
            asked, DeepQuestion(last.text, preset, turn, docket.conversation, is_local=is_local)
        )

    async def failed(self, *, is_local: bool = False, queues: bool = False) -> bool:
        """The question of the run that found no way, elsewhere or later; False when there is none."""
        watched = self._board.failed
        if watched is None:
            return False
        status, place = watched.run.status(), watched.place
        asked = _Asked(place.docket, place.key, Question(status.question))
        turn, conversation = status.turn or None, place.docket.conversation
        await self._announce()
        await self._prepare(
            asked,
            DeepQuestion(
                status.question, status.preset, turn, conversation, is_local=is_local, queues=queues
            ),
        )
        return True

    async def queue(self) -> None:
        """The question of the run that found no way waits for one."""
        if not await self.failed(queues=True):
            self._stage.tell("no deep question has failed for want of a way; /deep asks the last one")

    async def here(self, preset: Preset) -> None:
        """The question of the run that found no way, else the last one, on this machine."""
        if not await self.failed(is_local=True):
            await self.last(preset, is_local=True)

    async def typed(self, question: Question, note: str, preset: Preset) -> None:
        """A question that was typed: deep, and fast beside it where that is not the same server's slot."""
        await self._announce()
        docket = self._stage.docket
        where = replace(question, conversation=docket.conversation)
        if await self._stage.bridge.has_deep(where, preset.depth):
            self._close_announced()
            self._stage.ask(question, note)  # serves it; who wants another one asks the last question deep
            return
        asked = _Asked(docket, None, question, note)
        deep = DeepQuestion(question.text, preset, None, docket.conversation, question.attachments)
        try:
            prepared = await (await self._stage.bridge.deepen()).prepare(deep)
        except HouseError as error:
            self._refuse(error)
            self._stage.ask(question, note)
            return
        if prepared.depth.shares_slot:
            self._arm_or_start(asked, prepared)
            return
        key = self._stage.ask(question, note)
        turn = await self._turn_of(docket, key)
        asked = _Asked(docket, key, question, note, is_new=True)
        await self._prepare(asked, DeepQuestion(question.text, preset, turn, docket.conversation))

    async def _announce(self) -> None:
        """Something is seen at once; the rest takes its time."""
        self._former = self._panel.shape
        if self._panel.shape != "open":
            self._panel.announce("deep ◐ reading what would go along")
            self._stage.place_panel()
            await self._stage.painted()  # before what depth needs is imported, which takes longer

    async def _turn_of(self, docket: Docket, key: int) -> int | None:
        """The store's turn; None when the store will not have it."""
        while docket.turn_of(key) is None and docket.has(key):
            self._moved.clear()
            await self._moved.wait()
        return docket.turn_of(key)

    async def _prepare(self, asked: _Asked, question: DeepQuestion) -> None:
        try:
            prepared = await (await self._stage.bridge.deepen()).prepare(question)
        except HouseError as error:
            self._refuse(error)
            return
        if self._stage.transcript.is_attached:  # who has left meanwhile pays for nothing
            self._arm_or_start(asked, prepared)

    def _refuse(self, error: HouseError) -> None:
        self._close_announced()
        self._stage.tell(error.told, is_warning=True)

    def _close_announced(self) -> None:
        self._board.set_shape("hidden" if self._board.current is None else self._former)

    def _arm_or_start(self, asked: _Asked, prepared: "Prepared") -> None:
        if not prepared.asks:
            self._start(asked, prepared)
            return
        self._disarm()
        self._armed = _Armed(asked, prepared, self._clock())
        self._close_announced()
        self._show()
        self._stage.focus_on(self._row)

    def _start(self, asked: _Asked, prepared: "Prepared") -> None:
        stage = self._stage
        if asked.key is not None:
            place = Place(asked.docket, asked.key)
        else:
            key = asked.docket.asked_deep(asked.question.text)
            if asked.docket is stage.docket:
                stage.show_turn(key, asked.question, asked.note)
            place = Place(asked.docket, key, is_alone=True)
        try:
            run = stage.bridge.deep.start(prepared)
        except HouseError as error:
            self._refuse(error)
            return
        turn = asked.docket.turn_of(place.key)
        if turn is not None and not asked.is_new:
            stage.bridge.judging.escalated(turn, run)
        self._board.add(run, place)

    # What leaves is said before it leaves

    def go(self, *, is_key: bool = False) -> bool:
        """Send what is shown; False when nothing is."""
        armed = self._armed
        if armed is None:
            return False
        if is_key and self._clock() - armed.at < CALM_S:
            return True
        self._disarm(is_sent=True)
        self._start(armed.asked, armed.prepared)
        return True

    def cancel(self) -> bool:
        """Send nothing of it; False when nothing was shown."""
        if self._armed is None:
            return False
        self._disarm()
        self._stage.tell("not sent")
        return True

    def strike(self, number: int) -> bool:
        """An item is not to be sent, or is again; False when nothing is shown."""
        armed = self._armed
        if armed is None:
            return False
        items = armed.prepared.pack.items
        if not 1 <= number <= len(items):
            amount = "one thing would" if len(items) == 1 else f"{len(items)} things would"
            self._stage.tell(f"{amount} go along; there is no {number}", is_warning=True)
            return True
        prepared = self._stage.bridge.deep.strike(armed.prepared, items[number - 1].id)
        self._armed = _Armed(armed.asked, prepared, armed.at)
        self._show()
        return True

    def _show(self) -> None:
        if self._armed is None:
            return
        from tui.arming_words import arming_text  # there already: it was prepared

        prepared = self._armed.prepared
        items = [
            Item(f"{each.label}, {tokens_text(each.tokens)} tok{_secrets(len(each.secrets))}", each.is_struck)
            for each in prepared.pack.items
        ]
        self._row.show(partial(arming_text, prepared), tuple(map(clean_line, prepared.asks)), items)

    def _disarm(self, *, is_sent: bool = False) -> None:
        armed, self._armed = self._armed, None
        if armed is None:
            return
        had_focus = self._row.has_focus
        self._row.close()
        if had_focus:
            self._stage.to_prompt()
        if armed.asked.key is None and not is_sent:  # nobody else has its text
            text = armed.asked.question.text
            if self._stage.prompt.text.strip():
                self._stage.not_asked(text)
            else:
                self._stage.prompt.put(text)


def _secrets(count: int) -> str:
    return f", {count} secret{'s' if count > 1 else ''}" if count else ""

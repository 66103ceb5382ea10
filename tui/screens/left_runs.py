"""Deep runs that an earlier leadline left behind: one line says so, and they are resumed, kept or dropped."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from core.deep.status import RunState
from core.errors import HouseError
from core.sanitise import clean_line
from tui.bridge import Bridge
from tui.docket import Docket
from tui.labels import shortened
from tui.screens.deep_runs import Place, RunBoard

if TYPE_CHECKING:
    from core.engine.deepening import LeftRun

_LONGEST = 30
NONE_LEFT = "no deep run was interrupted"


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def show_again(self, conversation: int, turn: int) -> None:
        """Show a stored conversation as it is now, at one of its turns."""
        ...


class LeftRuns:
    """The first of them is the one that is meant; then the next is offered."""

    def __init__(self, stage: Stage, board: RunBoard) -> None:
        self._stage = stage
        self._board = board
        self._is_offered = False

    async def offer(self) -> None:
        """Say what was left, or what a key in the environment would make possible."""
        deep = await self._stage.bridge.deepen()
        try:
            left = deep.left()
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)
            return
        offer = "" if left else deep.offer()
        self._is_offered = bool(offer)
        self._stage.say("deep", _told(left[0], len(left)) if left else clean_line(offer))

    def take_offer(self) -> None:
        """The person asks in depth while it is offered: that is where it goes, which the row says again."""
        if self._is_offered:
            self._is_offered = False
            self._stage.say("deep")
            self._stage.tell(self._stage.bridge.deep.take_offer())

    def withdraw_offer(self) -> None:
        """The person asks elsewhere, and the row that offered it goes: it is not taken without a word."""
        self._is_offered = False

    async def resume(self) -> None:
        """Go on with it; finished stages are not paid for again."""
        left = await self._first()
        if left is None:
            return
        try:
            run = await self._stage.bridge.deep.resume(left.run)
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)
            return
        stage = self._stage
        self._show(left)
        is_here = stage.docket.conversation == left.conversation
        docket = stage.docket if is_here else Docket(conversation=left.conversation)
        self._board.add(run, Place(docket, docket.key_of(left.turn)))
        await self.offer_next()

    def _show(self, left: "LeftRun") -> bool:
        """Its conversation as it is stored now; False while another one is being talked in."""
        docket = self._stage.docket
        is_idle = docket.running is None and not docket.waiting()
        may_show = is_idle and docket.conversation in (None, left.conversation)
        if may_show:
            self._stage.show_again(left.conversation, left.turn)
        return may_show

    async def accept(self) -> None:
        """Leave it as it is, as far as it came, and show what that is."""
        left = await self._settled(lambda left: self._stage.bridge.deep.keep(left.run))
        if left is not None:
            where = "" if self._show(left) else "; /history finds it"
            self._tell_settled(left, f"kept as far as it came{where}")
            await self.offer_next()

    async def drop(self) -> None:
        """Forget it."""
        left = await self._settled(lambda left: self._stage.bridge.deep.drop(left.run))
        if left is not None:
            if self._stage.docket.conversation == left.conversation:
                self._show(left)
            self._tell_settled(left, "dropped")
            await self.offer_next()

    async def _settled(self, act: "Callable[[LeftRun], Awaitable[None]]") -> "LeftRun | None":
        """The first, with which this was done; None, and a word why, when it was not."""
        left = await self._first()
        if left is None:
            return None
        try:
            await act(left)
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)
            return None
        return left

    def _tell_settled(self, left: "LeftRun", said: str) -> None:
        self._stage.tell(f"the deep run of “{shortened(clean_line(left.question), _LONGEST)}” is {said}")

    async def offer_next(self) -> None:
        """The next one that was left, if there is any."""
        left = self._stage.bridge.deep.left()
        self._stage.say("deep", _told(left[0], len(left)) if left else "")

    async def _first(self) -> "LeftRun | None":
        if not self._stage.bridge.is_open:
            self._stage.tell("still starting; try again in a moment")
            return None
        left = (await self._stage.bridge.deepen()).left()
        if not left:
            self._stage.tell(NONE_LEFT)
            return None
        return left[0]


def _told(left: "LeftRun", count: int) -> str:
    """``/resume · /accept · /drop · deep was interrupted in write, 3 of 5 stages done``.

    What can be typed goes first: a model gave the stage its name, and a narrow row is cut at its end.
    """
    more = f" (1 of {count})" if count > 1 else ""
    if left.state == RunState.QUEUED.value:
        what = f"a deep question waits for a way to {clean_line(left.host)}"
    else:
        what = f"deep was interrupted in {clean_line(left.stage)}, {left.done} of {left.count} stages done"
    return f"/resume · /accept · /drop · {what}{more}"

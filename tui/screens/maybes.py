"""The person's dealings with a stored answer that may fit: open it, keep it, rule it out."""

from typing import Protocol

from core.errors import HouseError
from core.events import MaybeFound
from core.messages import AnswerState
from tui.bridge import Bridge
from tui.docket import Docket
from tui.labels import stored_label
from tui.screens.maybe import MaybeScreen, Verdict
from tui.transcript.view import Transcript
from tui.wording import maybe_text


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket
    transcript: Transcript

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    async def weigh(self, screen: MaybeScreen) -> Verdict | None:
        """Show the stored answer; what the person says of it."""
        ...

    async def stop_and_wait(self) -> None:
        """Stop the running answer, if one runs, and wait until all of it is kept."""
        ...


class Maybes:
    """The offer of the last turn that had one; a new question takes it away."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._key = 0
        self._offered: MaybeFound | None = None

    @property
    def is_open_to_offer(self) -> bool:
        """Whether there is something to open."""
        return self._offered is not None

    def offer(self, key: int, maybe: MaybeFound) -> None:
        """A stored answer may fit the question of a turn; one dim row says so."""
        self._key, self._offered = key, maybe
        self._stage.transcript.remark(key, maybe_text(maybe))

    def forget(self) -> None:
        """Another question is asked, or another conversation begun."""
        self._offered = None

    async def open(self) -> None:
        """Show it, and do what the person says."""
        if self._offered is None:
            self._stage.tell("no stored answer to a similar question is offered here")
            return
        match await self._stage.weigh(MaybeScreen(self._offered)):
            case "keep":
                await self.keep()
            case "not this":
                await self.rule_out()

    async def keep(self) -> None:
        """Make it an answer of this turn, and the current one; what came of the fresh one stays beside it."""
        maybe, key = self._offered, self._key
        turn = self._stage.docket.turn_of(key)
        if maybe is None or turn is None:
            self._stage.tell("there is no stored answer to keep here")
            return
        await self._stage.stop_and_wait()
        try:
            kept = await self._stage.bridge.keep_maybe(turn, maybe)
        except HouseError as error:
            self._stage.tell(f"{error.message}. {error.remedy}", is_warning=True)
            return
        self.forget()
        transcript = self._stage.transcript
        beside = transcript.begin_answer(key, beside=True)
        transcript.append(beside, kept.text)
        label = stored_label(kept.route, kept.model, maybe.source.question, maybe.source.age_s)
        transcript.label(beside, label)
        transcript.end_answer(beside, AnswerState.COMPLETE)
        transcript.choose(beside)

    async def rule_out(self) -> None:
        """Never offer this answer for this question again."""
        maybe = self._offered
        if maybe is None:
            self._stage.tell("there is no stored answer to rule out here")
            return
        turn = self._stage.docket.turn_of(self._key)
        self.forget()
        if turn is not None:
            self._stage.bridge.rule_out(turn, maybe)
        self._stage.tell("noted: that answer is not offered for this question again")

"""The person's dealings with a stored answer that may fit: open it, keep it, rule it out."""

from typing import Protocol

from core.errors import HouseError
from core.events import MaybeFound
from core.messages import AnswerState, Route
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

    async def judge(self, screen: MaybeScreen) -> Verdict | None:
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
        self._question = ""
        self._offered: MaybeFound | None = None

    @property
    def has_offer(self) -> bool:
        """Whether there is something to open."""
        return self._offered is not None

    def offer(self, key: int, question: str, maybe: MaybeFound) -> None:
        """A stored answer may fit the question of a turn; one dim row says so."""
        self._key, self._question, self._offered = key, question, maybe
        self._stage.transcript.remark(key, *maybe_text(maybe))

    def forget(self) -> None:
        """Another question is asked, or another conversation begun."""
        self._offered = None

    async def open(self) -> None:
        """Show it, and do what the person says."""
        if self._offered is None:
            self._stage.tell("no stored answer to a similar question is offered here")
            return
        self._stage.bridge.opened_maybe(self._offered.entry)
        match await self._stage.judge(MaybeScreen(self._offered)):
            case "keep":
                await self.keep()
            case "not this":
                self.rule_out()

    async def keep(self) -> None:
        """Make it an answer of this turn, and the current one; what came of the fresh one stays beside it."""
        maybe, key = self._offered, self._key
        if maybe is None:
            self._stage.tell("there is no stored answer to keep here")
            return
        await self._stage.stop_and_wait()
        turn = self._stage.docket.turn_of(key)
        if turn is None:
            self._stage.tell("the question is not saved yet; try again in a moment")
            return
        try:
            await self._stage.bridge.keep_maybe(turn, maybe.entry)
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)
            return
        self.forget()
        transcript = self._stage.transcript
        kept = transcript.begin_answer(key, beside=True)
        transcript.append(kept, maybe.text)
        transcript.label(kept, stored_label(Route.MAYBE_KEPT, maybe.model, maybe.source))
        transcript.end_answer(kept, AnswerState.COMPLETE)
        transcript.choose(kept)

    def rule_out(self) -> None:
        """Never offer this answer for this question again."""
        if self._offered is None:
            self._stage.tell("there is no stored answer to rule out here")
            return
        self._stage.bridge.rule_out(self._question, self._offered.entry)
        self.forget()
        self._stage.tell("noted: that answer is not offered for this question again")

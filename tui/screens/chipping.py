"""The person's dealings with follow-up questions that are offered: seen, walked through, asked."""

from typing import Protocol

from core.speculation.chip import Chip, Offer
from core.speculation.level import Level
from tui.bridge import Bridge
from tui.docket import Docket
from tui.widgets.chips import ChipRow
from tui.widgets.prompt import Prompt

LEAST_ROWS = 10
"""On a screen that is lower, the answer needs the row more."""


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket
    prompt: Prompt
    chips: ChipRow

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def ask_offered(self, question: str) -> None:
        """Ask a question that was written by a model: nothing in it is a command or a source."""
        ...

    @property
    def rows(self) -> int:
        """How many rows the screen has."""
        ...

    @property
    def is_looked_at(self) -> bool:
        """Whether the terminal has the focus."""
        ...


class Chipper:
    """What is offered under the last answer."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._offer: Offer | None = None
        self._shown: tuple[Chip, ...] = ()
        self._put = ""

    def settle(self) -> None:
        """Keep a row free, or none: none where nothing will come, and it never goes for a passing reason."""
        stage = self._stage
        judgement = stage.bridge.ahead.judgement()
        if judgement is not None and judgement.level is Level.OFF and not stage.is_looked_at:
            return  # what would be done is known when the person looks again
        is_off = judgement is not None and judgement.level is Level.OFF
        is_kept = stage.bridge.ahead.may_offer and not is_off and stage.rows >= LEAST_ROWS
        if stage.chips.display != is_kept:  # told or not, Textual lays all of it out again
            stage.chips.display = is_kept

    def take_offer(self, offer: Offer) -> None:
        """Something else is on offer; it may be told before the end of its answer is."""
        self._offer = offer
        self.look()

    def look(self) -> None:
        """Show what stands under the last answer, now that the text or the turn is another."""
        text = self._stage.prompt.text
        standing = self._standing()
        is_typing = bool(text) and text not in {chip.question for chip in standing}
        if is_typing:  # nothing comes up beside what is being written; what is there goes on
            places = {chip.place for chip in self._shown}
            standing = tuple(chip for chip in standing if chip.place in places)
        if self._offer is not None and self._offer.is_hidden:
            standing = ()
        self._shown = standing
        self._stage.chips.show(standing, is_typing=is_typing)

    def _standing(self) -> tuple[Chip, ...]:
        """What may be asked now: nothing while an answer is made, or under another turn than the last."""
        docket, offer = self._stage.docket, self._offer
        if offer is None or docket.last is None or docket.running is not None or docket.waiting():
            return ()
        return offer.chips if docket.turn_of(docket.last.key) == offer.turn else ()

    def cycle(self) -> bool:
        """Tab: the next offered question into the empty prompt, behind the last one nothing again."""
        texts = [chip.question for chip in self._shown]
        text = self._stage.prompt.text
        if not texts or not self._stage.chips.display:
            return False
        if not text:
            at = 0
        elif text == self._put and text in texts:
            at = texts.index(text) + 1
        else:
            return False
        self._put = texts[at] if at < len(texts) else ""
        # A model has written it: text, whatever it begins with, and no file that it names goes along.
        is_model_text = bool(self._put)
        pasted = ((0, len(self._put)),) if is_model_text else ()
        self._stage.prompt.put(self._put, is_literal=is_model_text, pasted=pasted)
        return True

    def question(self, place: int) -> str:
        """What the one at a place would ask; empty where there is none."""
        return next((chip.question for chip in self._standing() if chip.place == place), "")

    def sent(self, text: str) -> None:
        """A question leaves the prompt: where it is one of those on offer, that one was taken."""
        chip = next((chip for chip in self._standing() if chip.question == text), None)
        if chip is not None:
            self._stage.bridge.ahead.took(chip)

    def take(self, place: int) -> None:
        """Ask the one at a place at once."""
        chips = self._standing()
        chip = next((chip for chip in chips if chip.place == place), None)
        if chip is not None:
            self._stage.bridge.ahead.took(chip)
            self._stage.ask_offered(chip.question)
        elif chips:
            self._stage.tell(f"there is no question {place} on offer; /{chips[-1].place} is the last one")
        else:
            self._stage.tell("no follow-up question is on offer now; /speculation says what is done ahead")

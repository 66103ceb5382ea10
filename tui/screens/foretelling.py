"""Tells what enter would ask now, as it is being typed, so that it can be read ahead."""

from typing import Protocol

from core.messages import Question
from core.sanitise import clean
from tui.bridge import Bridge
from tui.docket import Docket
from tui.screens.attaching import Attacher
from tui.screens.sending import Sender
from tui.widgets.candidates import CandidateList
from tui.widgets.prompt import Prompt

LONGEST = 100_000
"""Characters; what is longer fills most windows, and looking at it at every key would be felt."""
_NOTHING = Question("")


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket
    prompt: Prompt
    candidates: CandidateList
    attacher: Attacher
    sender: Sender

    @property
    def is_covered(self) -> bool:
        """Whether something lies over the screen."""
        ...


class Foreteller:
    """Knows what the prompt's text would become.

    A question on its way takes over what was read ahead for it, so from enter to the end of its answer
    nothing is told: not even that the prompt is empty again.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._told = _NOTHING
        self._seen = ""

    def sent(self) -> None:
        """Enter: that the prompt is empty next is no key of the person's."""
        self._told = _NOTHING
        self._seen = ""

    def changed(self) -> None:
        """The text is another now; where enter would not ask it as it stands, an empty one is told."""
        text = self._stage.prompt.text
        if text == self._seen:  # heard of a second time: keys came together
            self.look()
            return
        self._seen = text
        self._tell(self._question())

    def look(self) -> None:
        """Something else is another now: an answer is over, something lies over the screen or no more."""
        question = self._question()
        if question != self._told:
            self._tell(question)

    def looked_at(self) -> None:
        """The person looks here again: what was read ahead ended when they looked away."""
        self._told = _NOTHING
        self.look()

    def _tell(self, question: Question) -> None:
        if self._stage.docket.running is not None:
            self._told = _NOTHING
            return
        self._told = question
        self._stage.bridge.ahead.typed(question)

    def _question(self) -> Question:
        stage, prompt = self._stage, self._stage.prompt
        text = prompt.text
        if not text or len(text) > LONGEST or text.isspace() or self._is_on_the_way():
            return _NOTHING
        if stage.candidates.is_open or text.endswith("\\"):
            return _NOTHING  # enter may take what is offered, or go to the next line
        if not prompt.is_literal and text[0] in "/!":
            return _NOTHING
        text = clean(text)
        if stage.attacher.has(text, prompt.pasted):
            return _NOTHING
        return Question(text.strip(), conversation=stage.docket.conversation)

    def _is_on_the_way(self) -> bool:
        """Whether something goes out before it, or the prompt is not what the person writes in."""
        stage = self._stage
        return bool(
            stage.is_covered
            or stage.docket.running is not None
            or stage.docket.waiting()
            or stage.sender.on_the_way()
        )

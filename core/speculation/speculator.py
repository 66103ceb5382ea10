"""Speculation's face: told what the person does and what the engine did, it decides what is made ahead.

It is used on one event loop. Whatever it does costs the person nothing: it starts only what nobody waits for,
and makes way before a request of theirs goes out.
"""

from collections.abc import AsyncGenerator, Callable

from core.lanes import Lanes
from core.messages import Question
from core.providers.base import Ended, Provider, Request
from core.settings.model import SpeculationSettings
from core.speculation.chip import Chip, Offer
from core.speculation.level import Level
from core.speculation.modesty import Judgement, Modesty
from core.speculation.ports import Adopted, Answered, Drafts
from core.store.speculation import SpeculationStore


class Speculator:
    """Warm before Enter, ready before the question.

    Args:
        drafts: what a question would be sent as.
        clock: a clock in seconds, for pauses and delays.
        now: Unix time in seconds, for what is stored.
        most: never more than this.
    """

    def __init__(
        self,
        provider: Provider,
        lanes: Lanes,
        drafts: Drafts,
        store: SpeculationStore,
        modesty: Modesty,
        settings: SpeculationSettings,
        clock: Callable[[], float],
        now: Callable[[], float],
        most: Level = Level.ALL,
    ) -> None:
        raise NotImplementedError

    # The person

    def begin(self, conversation: int | None) -> None:
        """The screen is up, or another conversation is shown: load the model, read what comes first."""
        raise NotImplementedError

    def typed(self, question: Question) -> None:
        """The text in the prompt has changed: this is what Enter would ask now.

        A text that Enter would not ask as it stands (a command, one with sources still to be read) is told as
        an empty one: it closes what the first key closes, and nothing of it is read ahead.
        """
        raise NotImplementedError

    def focused(self, has_focus: bool) -> None:
        """The terminal has the focus, or has lost it."""
        raise NotImplementedError

    def took(self, chip: Chip) -> None:
        """A chip was chosen, and its question is asked next."""
        raise NotImplementedError

    def watch(self) -> AsyncGenerator[Offer, None]:
        """What is on offer, each time it changes."""
        raise NotImplementedError

    def judgement(self) -> Judgement:
        """How much is done ahead now, and why not more."""
        raise NotImplementedError

    # The engine

    def adopt(self, request: Request) -> Adopted | None:
        """The person's request goes out next: take over what was made ahead for it, else make way.

        Called before `Lanes.foreground`, and answers at once.
        """
        raise NotImplementedError

    def answered(self, answered: Answered, ended: Ended | None) -> None:
        """An answer has ended well; `ended` is None for a stored one."""
        raise NotImplementedError

    def passed(self) -> None:
        """A question was answered without the model, failed, or was stopped: nothing is offered under it."""
        raise NotImplementedError

    def queued(self) -> None:
        """The person's request waits for what neither loading nor reading its prompt explains."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close everything; before the provider and the database are."""
        raise NotImplementedError

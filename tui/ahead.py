"""The bridge to what is done ahead: loaded when the screen is up, and silent until then."""

import asyncio
import importlib
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from core.errors import HouseError
from core.messages import Question

if TYPE_CHECKING:  # all of it comes behind the first paint
    from core.engine.engine import Engine
    from core.speculation.chip import Chip, Offer
    from core.speculation.modesty import Judgement
    from core.speculation.speculator import Speculator
    from core.store.speculation import SpeculationCounts


class OfferChanged(Message):
    """Other follow-up questions are offered than before, or the answer to one of them is further."""

    def __init__(self, offer: "Offer") -> None:
        self.offer = offer
        super().__init__()


class Ahead:
    """Everything the screen tells and asks of speculation; while it is not there, nothing happens.

    Args:
        engine: the open one; None while there is none.
    """

    def __init__(self, engine: "Callable[[], Engine | None]") -> None:
        self._engine = engine
        self._speculator: Speculator | None = None
        self._has_focus = True

    async def begin(self, conversation: int | None) -> None:
        """Load it, in a thread, and let it begin; nothing where the settings want none."""
        engine = self._engine()
        if engine is None or not engine.settings.speculation.enabled:
            return
        await asyncio.to_thread(importlib.import_module, "core.engine.build_speculation")
        self._speculator = engine.speculation
        if not self._has_focus:
            self._speculator.focused(False)
        self._speculator.begin(conversation)

    def end(self) -> None:
        """The engine is closed next."""
        self._speculator = None

    @property
    def is_wanted(self) -> bool:
        """Whether the settings want anything done ahead; so it is taken while they are not read."""
        engine = self._engine()
        return engine is None or engine.settings.speculation.enabled

    @property
    def chips(self) -> int:
        """How many follow-up questions the settings allow."""
        engine = self._engine()
        return 0 if engine is None else engine.settings.speculation.chips

    @property
    def may_offer(self) -> bool:
        """Whether follow-up questions may come under an answer, as the settings and the person have it."""
        engine = self._engine()
        if engine is None or not engine.settings.speculation.enabled or not engine.settings.speculation.chips:
            return False
        with suppress(HouseError):  # a store that is busy is no reason for the screen to move
            return self._speculator is None or not engine.archive.are_offers_ignored()
        return True

    def shows(self, conversation: int | None) -> None:
        """Another conversation is on the screen, or a new one."""
        if self._speculator is not None:
            self._speculator.begin(conversation)

    def typed(self, question: Question) -> None:
        """What enter would ask now; an empty text where it would ask nothing as it stands."""
        if self._speculator is not None:
            self._speculator.typed(question)

    def focused(self, has_focus: bool) -> None:
        """The terminal has the focus, or has lost it."""
        self._has_focus = has_focus
        if self._speculator is not None:
            self._speculator.focused(has_focus)

    def took(self, chip: "Chip") -> None:
        """A chip was chosen, and its question is asked next."""
        if self._speculator is not None:
            self._speculator.took(chip)

    def judgement(self) -> "Judgement | None":
        """How much is done ahead, and why not more; None while nothing is loaded."""
        return self._speculator.judgement() if self._speculator is not None else None

    def counts(self, since: float) -> "SpeculationCounts | None":
        """What was done since a moment (Unix time in seconds); raises `HouseError`."""
        engine = self._engine()
        return engine.archive.speculation_counts(since) if engine is not None else None

    async def watch(self, listener: MessagePump) -> None:
        """Post what is on offer, each time it changes."""
        if self._speculator is None:
            return
        async with aclosing(self._speculator.watch()) as offers:
            async for offer in offers:
                listener.post_message(OfferChanged(offer))

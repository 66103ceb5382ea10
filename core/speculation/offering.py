"""What stands under the last answer: told to who watches, and kept in numbers, not in words."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace

from core.errors import HouseError
from core.speculation.chip import Chip, Mark, Offer
from core.store.speculation import SpeculationStore

_WORDS = {Mark.ASKED: "asked", Mark.STARTED: "started", Mark.READY: "ready"}


class Offering:
    """One answer's chips: what they are, how far, and what became of them.

    Attributes:
        offer: as it stands.
        taken: the places of those that were chosen.
    """

    def __init__(self, store: SpeculationStore) -> None:
        self._store = store
        self._watching: set[asyncio.Queue[Offer]] = set()
        self._conversation = 0
        self._numbers: Future[tuple[int, ...]] | None = None
        self._is_over = True
        self.offer = Offer(0, (), is_open=False)
        self.taken: set[int] = set()

    async def watch(self) -> AsyncGenerator[Offer, None]:
        """Every new state, from now on."""
        states: asyncio.Queue[Offer] = asyncio.Queue()
        self._watching.add(states)
        try:
            while True:
                yield await states.get()
        finally:
            self._watching.discard(states)

    def begin(self, conversation: int, offer: Offer) -> None:
        """Another answer, with what can be offered under it at once."""
        self._conversation = conversation
        self._numbers, self._is_over = None, False
        self.taken = set()
        self._tell(offer)

    def add(self, chip: Chip) -> None:
        """One more."""
        self._tell(replace(self.offer, chips=(*self.offer.chips, chip)))

    def mark(self, place: int, mark: Mark) -> None:
        """How far the answer to a chip is."""
        chips = tuple(replace(chip, mark=mark) if chip.place == place else chip for chip in self.offer.chips)
        self._tell(replace(self.offer, chips=chips))

    def settle(self) -> None:
        """No chip comes any more: what is shown counts as offered."""
        shown = self.offer.chips
        if shown and self._numbers is None and not self.offer.is_hidden and not self._is_over:
            self._number(shown)

    def close(self) -> None:
        """Nothing changes any more."""
        self.settle()
        self._tell(replace(self.offer, is_open=False))

    def take(self, place: int, saved_s: float) -> None:
        """One was chosen; once for each."""
        chip = next((chip for chip in self.offer.chips if chip.place == place), None)
        if chip is None or place in self.taken or self._is_over:
            return
        self.taken.add(place)
        if self._numbers is None:
            self._number(self.offer.chips)
        index = self.offer.chips.index(chip)
        mark = _WORDS[chip.mark]
        self._when_numbered(lambda numbers: self._store.taken(numbers[index], mark, saved_s))

    def pass_by(self) -> None:
        """Something else was asked, or one of them; once for each answer."""
        self.settle()
        if not self._is_over and not self.taken:
            self._when_numbered(self._store.ignored)
        self._is_over = True

    def _number(self, chips: tuple[Chip, ...]) -> None:
        with suppress(HouseError):
            self._numbers = self._store.offer(self._conversation, [(chip.place, chip.kind) for chip in chips])

    def _when_numbered(self, then: Callable[[tuple[int, ...]], object]) -> None:
        """Tell the store once it has numbered them; nobody waits for that, and a busy store costs a count."""

        def numbered(future: Future[tuple[int, ...]]) -> None:
            if future.cancelled() or future.exception() is not None:
                return
            with suppress(HouseError, IndexError):
                then(future.result())

        if self._numbers is not None:
            self._numbers.add_done_callback(numbered)

    def _tell(self, offer: Offer) -> None:
        if offer == self.offer:
            return
        self.offer = offer
        for states in self._watching:
            states.put_nowait(offer)

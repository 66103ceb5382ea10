"""Speculation as the screen sees it, saying what a test has it say, and noting what it was told."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.messages import Question
from core.providers.base import Ended, Request
from core.settings.model import Settings
from core.speculation.chip import Chip, Mark, Offer
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED, Judgement
from core.speculation.ports import Adopted, Answered
from core.store.speculation import SpeculationCounts, SpeculationStore
from tests.screen.driving import Person, Scene, drive, settings_for
from tests.server import OllamaServer, Script
from tui.app import LeadlineApp

YES = Chip(1, "yes", "yes", Mark.READY)
EXPLAIN = Chip(2, "explain the code", "explain", Mark.STARTED)
TESTS = Chip(3, "write tests", "tests")
THREE = (YES, EXPLAIN, TESTS)
SHORT = Script(reply="an answer. Shall I go on?\n\n```python\nprint()\n```\n")
LONG = Script(reply="first paragraph\n\n" + "word\n\n" * 5_000, tokens_per_s=100)


@dataclass
class ScriptedAhead:
    """The face of `Speculator`; it offers what `offer` is given, and does nothing ahead."""

    begun: list[int | None] = field(default_factory=list)
    told: list[Question] = field(default_factory=list)
    focus: list[bool] = field(default_factory=list)
    taken: list[Chip] = field(default_factory=list)
    says: Judgement = field(default_factory=lambda: Judgement(Level.ALL))
    is_closed: bool = False
    _offers: "asyncio.Queue[Offer]" = field(default_factory=asyncio.Queue)

    def offer(self, offer: Offer) -> None:
        """Have it on offer."""
        self._offers.put_nowait(offer)

    def begin(self, conversation: int | None) -> None:
        self.begun.append(conversation)

    def typed(self, question: Question) -> None:
        self.told.append(question)

    def focused(self, has_focus: bool) -> None:
        self.focus.append(has_focus)

    def took(self, chip: Chip) -> None:
        self.taken.append(chip)

    async def watch(self) -> AsyncGenerator[Offer, None]:
        while True:
            yield await self._offers.get()

    def judgement(self) -> Judgement:
        return self.says

    def adopt(self, request: Request) -> Adopted | None:
        return None

    def answered(self, answered: Answered, ended: Ended | None) -> None:
        pass

    def passed(self, *, is_lost: bool = False) -> None:
        pass

    async def aclose(self) -> None:
        self.is_closed = True

    @property
    def texts(self) -> list[str]:
        """What it was told is typed."""
        return [question.text for question in self.told]


NOTHING_YET = SpeculationCounts(0, 0, 0, 0.0, {}, 0, 0.0, {}, ())


@dataclass
class Stage:
    """A screen over scripted speculation, a real engine and the server a test has."""

    folder: Path
    ahead: ScriptedAhead = field(default_factory=ScriptedAhead)
    ignored: int = 0
    counts: SpeculationCounts = NOTHING_YET

    def play(
        self,
        scene: Scene,
        script: Script = SHORT,
        *,
        settings: Settings | None = None,
        size: tuple[int, int] = (80, 24),
        goes_on: bool = False,
    ) -> LeadlineApp:
        """Play a scene."""
        with OllamaServer(script) as server:
            chosen = settings or Settings()
            chosen = replace(chosen, fast=settings_for(server.url).fast)
            return drive(
                scene,
                self.folder,
                server.url,
                settings=chosen,
                size=size,
                goes_on=goes_on,
                speculates=True,
            )

    async def answer(self, person: Person, chips: tuple[Chip, ...] = THREE) -> None:
        """A question is asked and answered, and these are offered under it."""
        await person.until(lambda: self.ahead.begun)
        await person.ask("first question")
        await person.has_answer("an answer")
        await self.offer(person, chips)

    async def offer(self, person: Person, chips: tuple[Chip, ...], *, is_open: bool = True) -> None:
        """Have these on offer under the last turn, and see them there."""
        docket = person.chat.docket
        assert docket.last is not None
        turn = docket.turn_of(docket.last.key)
        assert turn is not None
        before = person.chat.chipper._offer
        self.ahead.offer(Offer(turn, chips, is_open))
        await person.until(lambda: person.chat.chipper._offer is not before)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Speculation says what the test has it say; its store has what the test puts there."""
    made = Stage(tmp_path)
    monkeypatch.setattr(Engine, "speculation", property(lambda _: made.ahead))
    monkeypatch.setattr(SpeculationStore, "ignored_in_a_row", lambda _: made.ignored)
    monkeypatch.setattr(SpeculationStore, "counts", lambda _, __: made.counts)
    return made


__all__ = ["MOST_IGNORED", "Stage", "stage"]

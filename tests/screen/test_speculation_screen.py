"""`/speculation`: what is done ahead is no secret, what it cost least of all."""

from pathlib import Path

from core.messages import Question
from core.settings.model import Settings, SpeculationSettings
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED, Judgement
from core.store.speculation import SpeculationCounts
from tests.screen.driving import Person, drive
from tests.screen.scripted_ahead import Stage, stage
from tui.screens.speculation import SpeculationScreen

__all__ = ["stage"]

COUNTS = SpeculationCounts(
    offered=42,
    taken=5,
    adopted=12,
    saved_s=42.0,
    tokens={"head": 12_000, "extend": 345},
    wasted_tokens=4_321,
    busy_s=93.0,
    requests={"preload": 1, "typing": 20, "head": 9},
    delays_ms=(8.0, 12.0, 12.0, 40.0),
)


async def opened(stage: Stage, person: Person) -> None:
    """It lies over the screen."""
    await person.until(lambda: stage.ahead.begun)
    await person.ask("/speculation")
    await person.until(lambda: isinstance(person.app.screen, SpeculationScreen))
    await person.settle()


def test_it_says_what_is_done_ahead_and_what_that_was_good_for(stage: Stage) -> None:
    """Offers, accepts, seconds saved, tokens wasted, and how fast it makes way: on one screen of 80x24."""
    stage.counts = COUNTS

    async def scene(person: Person) -> None:
        await opened(stage, person)
        for words in (
            "warm, typed text read meanwhile",
            "42 questions, 5 (12%) taken",
            "12 questions that enter then took",
            "0:42",
            "12.3k tokens, 4.3k of them used by nobody",
            "1:33",
            "preload 1 · typing 20 · head 9",
            "40 ms (p95), measured 4 times",
            "● its answer is there",
        ):
            await person.sees(words)
        await person.press("escape")
        assert person.app.screen is person.chat

    stage.play(scene)


def test_it_says_why_not_more_is_done_as_soon_as_that_is_so(stage: Stage) -> None:
    """One reason in plain words; it is looked at again while the screen is open."""
    stage.ahead.says = Judgement(Level.WARM, "on battery")

    async def scene(person: Person) -> None:
        await opened(stage, person)
        await person.sees("the model is kept warm (on battery)")
        stage.ahead.says = Judgement(Level.OFF, "qwen3 [b]runs[/b] at \x1b[31mollama.com")
        await person.sees("nothing (qwen3 [b]runs[/b] at")

    stage.play(scene)


def test_switched_off_it_says_by_what(stage: Stage) -> None:
    """Who looks for it finds the setting."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("/speculation")
        await person.sees("[speculation] enabled = false")

    stage.play(scene, settings=Settings(speculation=SpeculationSettings(enabled=False)))


def test_it_says_that_offers_are_hidden_and_how_they_come_back(stage: Stage) -> None:
    """Whoever misses them looks here, and the row went without a word."""
    stage.ignored = MOST_IGNORED

    async def scene(person: Person) -> None:
        await opened(stage, person)
        await person.sees("hidden: the last 10 offers")
        await person.sees("nothing was done ahead")

    stage.play(scene)


def test_looking_at_it_is_no_question_and_no_key_for_what_is_typed(stage: Stage) -> None:
    """A command that only shows something must not be read ahead."""

    async def scene(person: Person) -> None:
        await opened(stage, person)
        await person.press("escape")
        assert set(stage.ahead.told) == {Question("")}

    stage.play(scene)


def test_without_a_server_nothing_is_said_to_be_done(tmp_path: Path) -> None:
    """A promise that nobody keeps is worse than none."""

    async def scene(person: Person) -> None:
        await person.sees("Ollama is not running")
        await person.ask("/speculation")
        await person.sees("nothing (no model is there yet)")

    drive(scene, tmp_path, speculates=True)

"""What speculation is told of the prompt: what enter would ask, as it stands, at every key."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from core.messages import Question
from tests.screen.driving import Person
from tests.screen.scripted_ahead import LONG, SHORT, ScriptedAhead, Stage, stage
from tui.bridge import Bridge

__all__ = ["stage"]


async def ready(stage: Stage, person: Person) -> None:
    """Speculation is loaded, and the model known."""
    await person.until(lambda: stage.ahead.begun and person.chat.outlook is not None)


def test_every_key_tells_what_enter_would_ask_now(stage: Stage) -> None:
    """Reading ahead is only good for the very request that is sent."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.press("w", "h", "y", " ", "backspace")
        assert stage.ahead.told == [Question(text) for text in ("w", "wh", "why", "why", "why")]

    stage.play(scene)


def test_what_is_told_is_what_is_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One letter or one number apart, and everything that was made ahead is for nothing."""
    asked: list[Question] = []
    play = Bridge.play

    async def noted(self: Bridge, question: Question, key: int, listener: object) -> None:
        asked.append(question)
        await play(self, question, key, listener)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(Bridge, "play", noted)

    async def scene(person: Person) -> None:
        await ready(stage, person)
        for text in ("  first, with space around  ", "next\n```\ncode\n```", "zero\u200bwidth \u202e"):
            await person.paste(text)
            await person.press("enter")
            await person.has_answer("an answer")
            assert stage.ahead.told[-1] == asked[-1]
        assert [question.conversation for question in asked] == [None, 1, 1]

    stage.play(scene)


@pytest.mark.parametrize(
    "text",
    ["/copy", "/window 9", "/unknown", "!ls", "why @readme.md", "and then \\"],
    ids=["command", "with argument", "perhaps a command", "shell", "source", "next line"],
)
def test_what_enter_would_not_ask_as_it_stands_is_told_as_empty(
    stage: Stage, project: Path, text: str
) -> None:
    """A command is no question, and what a source holds is not known before it is read."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.type(text)
        assert stage.ahead.texts[-1] == ""
        assert stage.ahead.told, "the first key closes what is made for chips, whatever it is"

    stage.play(scene)


def test_a_slash_that_is_text_is_told(stage: Stage) -> None:
    """A leading space always makes it text."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.type(" /etc/hosts is what?")
        assert stage.ahead.texts[-1] == "/etc/hosts is what?"

    stage.play(scene)


def test_from_enter_to_the_end_of_the_answer_nothing_is_told(stage: Stage) -> None:
    """An empty prompt after enter, told, would drop the answer that was made ahead for this very question."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.ask("why")
        assert stage.ahead.texts == ["why"]
        await person.type("next one")
        assert stage.ahead.texts == ["why"]
        await person.until(lambda: person.chat.docket.conversation)  # what is typed then is told to be of it
        await person.press("escape")
        await person.until(lambda: not person.is_answering)
        assert stage.ahead.told[1:] == [Question("next one", conversation=1)]

    stage.play(scene, LONG)


def test_a_stored_answer_does_not_make_an_empty_prompt_a_key(stage: Stage) -> None:
    """It is there before the screen has heard of the emptied prompt; its chips must not be closed by that."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        for _ in range(4):
            await person.ask("why")
            await person.has_answer("an answer")
            await person.settle()
            assert stage.ahead.texts[-1] == "why"

    stage.play(scene, replace(SHORT, reply="an answer"))


def test_while_questions_wait_what_is_typed_is_told_as_empty(stage: Stage) -> None:
    """Enter would put it behind them: what it will be sent with is not known."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.ask("why")
        await person.ask("second")
        await person.until(lambda: person.queued)
        await person.type("third")
        assert "third" not in stage.ahead.texts

    stage.play(scene, LONG)


def test_under_an_overlay_nothing_is_read_ahead(stage: Stage) -> None:
    """Enter means something else there; back from it, the text is told again."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.type("why")
        await person.press("f1")
        await person.until(lambda: stage.ahead.texts[-1] == "")
        await person.press("escape")
        await person.until(lambda: stage.ahead.texts[-1] == "why")

    stage.play(scene)


def test_focus_is_told_and_a_text_that_waits_is_told_again(stage: Stage) -> None:
    """Nothing is made ahead for a window that nobody looks at."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.type("why")
        person.app.app_focus = False
        await person.until(lambda: stage.ahead.focus[-1:] == [False])
        before = len(stage.ahead.told)
        person.app.app_focus = True
        await person.until(lambda: stage.ahead.focus[-1:] == [True])
        await person.until(lambda: stage.ahead.texts[before:] == ["why"])

    stage.play(scene)


def test_each_conversation_is_told_once(stage: Stage) -> None:
    """What comes before its next question can be read while it is being looked at."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        await person.ask("one")
        await person.has_answer("an answer")
        assert stage.ahead.begun == [None]
        await person.press("ctrl+n")
        assert stage.ahead.begun == [None, None]
        person.chat.open_conversation(1, None)
        await person.settle()
        assert stage.ahead.begun == [None, None, 1]

    stage.play(scene)


def test_c_begins_with_the_conversation_that_goes_on(stage: Stage) -> None:
    """With -c the history is read before the first word is typed."""

    async def first(person: Person) -> None:
        await ready(stage, person)
        await person.ask("one")
        await person.has_answer("an answer")

    async def then(person: Person) -> None:
        await person.until(lambda: stage.ahead.begun)
        assert stage.ahead.begun == [1]

    stage.play(first)
    stage.ahead = ScriptedAhead()
    stage.play(then, goes_on=True)


def test_telling_costs_a_key_next_to_nothing(stage: Stage) -> None:
    """Less than 0.2 ms of the loop at each key: an echo that waits is felt more than an answer that does."""

    async def scene(person: Person) -> None:
        await ready(stage, person)
        for text, most_ms in (("why does git rebase -i fail here", 0.2), ("word " * 1_000, 1.0)):
            await person.paste(text)
            await asyncio.sleep(0)
            took = []
            for _ in range(200):
                begun = time.perf_counter()
                person.chat._text_changed()
                took.append((time.perf_counter() - begun) * 1000)
            assert median(took) < most_ms, median(took)

    stage.play(scene)

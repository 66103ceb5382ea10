"""What a question would be sent as is known while it is typed, and nobody notices that it was looked at."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.context.sources.sources import Sources
from core.engine import build_speculation
from core.engine.drafting import EngineDrafts
from core.engine.engine import Engine
from core.engine.past import Pasts
from core.events import Noted, TurnEvent
from core.messages import AnswerState, Question, Route, Turn
from core.providers.base import Request
from core.settings.model import CacheSettings, FastSettings, Settings
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.core.asking import WITHOUT_CACHE, Talk
from tests.core.speculating import StagedSpeculator, stage
from tests.scripted import SCRIPTED, ScriptedProvider

LARGE = replace(SCRIPTED, context_length=1_000_000)
UNDO = "how do I undo the last commit in git?"
SAME = "how can I undo the last git commit"


@asynccontextmanager
async def drafting(
    provider: ScriptedProvider,
    folder: str = "/somewhere",
    fast: FastSettings | None = None,
    cache: CacheSettings = WITHOUT_CACHE,
) -> AsyncGenerator[tuple[Talk, EngineDrafts], None]:
    """A talk, and what its questions would be sent as."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_speculation, "open_speculation", stage)
        database = Database.open(None, iter(range(10**6)).__next__)
        engine = Engine(Settings(fast or FastSettings(), cache=cache), provider, database, folder)
        speculator = engine.speculation
        assert isinstance(speculator, StagedSpeculator)
        try:
            yield Talk(engine, database), speculator.drafts
        finally:
            await engine.aclose()


def notes(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


def test_before_a_model_is_known_nothing_is_drafted_and_nobody_is_asked_for_one() -> None:
    """To look at the server is the question's own work, and may cost seconds."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        async with drafting(provider) as (t, drafts):
            assert await drafts.request(Question("one")) is None
            assert provider.looks == 0
            await t.ask("one")
            looks = provider.looks
            assert await drafts.request(Question("two", conversation=t.conversation)) is not None
            assert await drafts.request(Question("two", model="other:1b")) is None
            assert provider.looks == looks

    asyncio.run(main())


def test_what_a_stored_answer_serves_is_not_drafted() -> None:
    """No model will be asked, so whatever is made ahead for it is thrown away."""

    async def main() -> None:
        provider = ScriptedProvider(["Use reset."])
        async with drafting(provider, cache=CacheSettings()) as (t, drafts):
            await t.ask(UNDO)
            t.database.submit(lambda connection: None).result()

            assert await drafts.request(Question(UNDO)) is None
            assert await drafts.request(Question(SAME)) is None
            assert await drafts.request(Question(UNDO, use_cache=False)) is not None
            assert await drafts.request(Question("how do I undo the last merge?")) is not None
            # Inside a conversation another wording is another question.
            assert await drafts.request(Question(SAME, conversation=t.conversation)) is not None

    asyncio.run(main())


def test_what_cannot_be_sent_is_not_drafted() -> None:
    """It would fail, and that is told when it is asked, not while it is typed."""

    async def main() -> None:
        async with drafting(ScriptedProvider(["a"])) as (t, drafts):
            await t.ask("one")
            assert await drafts.request(Question("x" * 100_000, conversation=t.conversation)) is None
            assert await drafts.request(Question("", again=t.turn)) is None
            t.database.close()
            assert await drafts.request(Question("two", conversation=t.conversation)) is None

    asyncio.run(main())


def _furnish(folder: Path) -> None:
    folder.mkdir()
    (folder / ".leadline.md").write_text("Be brief.")
    (folder / "a.py").write_text("a = 1\n")
    (folder / "b.py").write_text("b = 1\n")


async def _story(folder: Path, is_watched: bool) -> tuple[list[Request], list[list[str]]]:
    """A conversation in which everything happens that is said once; with drafts before each question."""
    _furnish(folder)
    provider, said = ScriptedProvider(["1"], models=(LARGE,)), []
    async with drafting(provider, str(folder), FastSettings(num_ctx=2560)) as (t, drafts):
        await t.engine.look()

        async def ask(text: str, *names: str) -> None:
            read = [await Sources(folder, {}).read(name) for name in names]
            files = tuple(each for found in read for each in found.attachments)
            question = Question(text, files, t.conversation, fit=True)
            if is_watched:
                drafted = await drafts.request(question)
                assert await drafts.request(replace(question, text=text[:1])) is not None
            said.append(notes(await t.play(question)))
            if is_watched:
                assert drafted == provider.requests[-1]

        await ask("first", "a.py", "b.py")
        (folder / "a.py").write_text("a = 2\n")
        await ask("changed")
        (folder / "b.py").unlink()
        await ask("gone")
        (folder / ".leadline.md").write_text("x" * 20_000)
        await ask("too large")
        await ask("still too large")
        await ask("x" * 4000)
        await ask("y" * 2000)
        return provider.requests, said


def test_a_draft_is_the_very_request_and_leaves_no_trace(tmp_path: Path) -> None:
    """Whatever is said once (a file changed, one is gone, turns are dropped) is said to the person."""

    async def main() -> None:
        plain, said_plainly = await _story(tmp_path / "plain", is_watched=False)
        watched, said = await _story(tmp_path / "watched", is_watched=True)

        assert [each.messages for each in watched] == [each.messages for each in plain]
        assert [[note.replace("watched", "plain") for note in each] for each in said] == said_plainly
        everything = " ".join(note for each in said for note in each)
        for told in (
            "a.py changed",
            "no longer followed",
            "with .leadline.md",
            "larger than",
            "no longer sent",
        ):
            assert told in everything

    asyncio.run(main())


def test_a_draft_taken_as_the_answer_ends_is_the_request_of_the_next_question() -> None:
    """Chips are drafted in that moment; what is learnt of the model's tokens must be learnt by then."""

    async def main() -> None:
        provider = ScriptedProvider(["word " * 400], models=(LARGE,))
        taken: list[asyncio.Task[Request | None]] = []
        async with drafting(provider) as (t, drafts):
            speculator = t.engine.speculation
            assert isinstance(speculator, StagedSpeculator)
            speculator.on_answered = lambda answered: taken.append(
                asyncio.ensure_future(drafts.request(Question("next", conversation=answered.conversation)))
            )
            await t.ask("why? " * 1000)
            await t.ask("next")

            assert await taken[0] == provider.requests[-1]

    asyncio.run(main())


def test_a_word_end_reads_no_turn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred long turns take 20 ms to read, and every key would wait for them."""
    read: list[int | None] = []
    turns = Conversations.turns

    def counted(
        self: Conversations, conversation: int, last: int | None = None, before: int | None = None
    ) -> tuple[Turn, ...]:
        read.append(last)
        return turns(self, conversation, last, before)

    async def main() -> None:
        async with drafting(ScriptedProvider(["a"])) as (t, drafts):
            for number in range(30):
                await t.ask(f"question {number}")
            await drafts.request(Question("a", conversation=t.conversation))
            monkeypatch.setattr(Conversations, "turns", counted)
            for text in ("a b", "a b c", "a b c d"):
                await drafts.request(Question(text, conversation=t.conversation))
            assert read == []
            await t.ask("a b c d")
            await drafts.request(Question("e", conversation=t.conversation))
            assert read == [1], "only what is new is read"

    asyncio.run(main())


def test_a_word_end_behind_two_hundred_long_turns_holds_the_loop_for_an_instant() -> None:
    """The key echo stays flat; at rest it is 1 ms, and a busy machine is slower at everything."""

    async def main() -> None:
        provider, fast = ScriptedProvider(["a"], models=(LARGE,)), FastSettings(num_ctx=900_000)
        async with drafting(provider, fast=fast, cache=CacheSettings()) as (t, drafts):
            await t.ask("one")
            conversations, new = Conversations(t.database), NewAnswer(Route.FAST, LARGE.name, "", "local")
            for number in range(200):
                ending = Ending(AnswerState.COMPLETE, "word " * 800, reason="stop")
                asked = f"question {number} " + "long text " * 100
                conversations.ask(asked, (), t.conversation, "/somewhere", new, ending)
            await t.ask("all of it is written by now")
            took = []
            for number in range(30):
                question = Question("word " * number, conversation=t.conversation)
                began = time.perf_counter()
                assert await drafts.request(question) is not None
                took.append((time.perf_counter() - began) * 1000)

        assert min(took) < 2.0
        assert statistics.median(took[1:]) < 8.0

    asyncio.run(main())


def test_what_is_read_again_is_only_what_may_have_changed() -> None:
    """An answer that is being written, here or in another leadline, is not taken for its last word."""

    async def main() -> None:
        door = asyncio.Event()
        provider = ScriptedProvider(["1"], ["so far", door])
        async with drafting(provider) as (t, _):
            pasts = Pasts(Conversations(t.database))
            await t.ask("one")
            assert t.conversation is not None
            first = pasts.now(t.conversation)
            assert pasts.now(t.conversation) is first

            asking = asyncio.ensure_future(t.ask("two"))
            await provider.waits.wait()
            assert pasts.now(t.conversation).turns == first.turns
            door.set()
            await asking
            both = pasts.now(t.conversation)
            assert [turn.question for turn in both.turns] == ["one", "two"]
            assert both.turns[0] is first.turns[0]
            assert both.turns == t.turns()

            await t.again()
            assert pasts.now(t.conversation).turns == t.turns()
            assert [turn.question for turn in pasts.now(t.conversation, both.turns[1].id).turns] == ["two"]

    asyncio.run(main())

"""The answer cache inside the engine: what is served, offered, kept and asked afresh, as a turn's events."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.cache.entries import Entries
from core.engine.quiet import Quiet
from core.errors import ModelMissing, ProviderUnreachable
from core.events import MaybeFound, Routed, TextDelta, TurnEvent, TurnFinished, TurnStarted
from core.messages import Attachment, Question, Route
from core.settings.model import CacheSettings, FastSettings
from tests.core.asking import only, settled, talk, text_of
from tests.scripted import SCRIPTED, ScriptedProvider

ON = CacheSettings()
UNDO = "how do I undo the last commit in git?"
SAME = "how can I undo the last git commit"
OTHER = "how do I redo the last commit in git?"


def route(events: list[TurnEvent]) -> Route:
    return next(event.route for event in events if isinstance(event, Routed))


def test_the_same_question_is_answered_from_the_store_with_the_server_gone(tmp_path: Path) -> None:
    """What was answered yesterday needs no server today, and is a whole turn of its own."""

    async def main() -> None:
        provider = ScriptedProvider(["Use ", "reset."])
        async with talk(provider, tmp_path / "db", cache=ON) as t:
            await t.ask(UNDO)
            await settled()
        gone = ScriptedProvider([ProviderUnreachable("nobody", "Start it.")])
        gone.models = ProviderUnreachable("nobody", "Start it.")
        async with talk(gone, tmp_path / "db", cache=ON) as t:
            events = await t.ask(UNDO)

            assert [type(event) for event in events] == [Routed, TextDelta, TurnStarted, TurnFinished]
            routed = only(Routed, events)
            assert (routed.route, routed.model) == (Route.EXACT_HIT, SCRIPTED.name)
            assert routed.source is not None
            assert routed.source.question == UNDO
            assert text_of(events) == "Use reset."
            assert gone.requests == []
            assert t.conversation is not None
            (stored,) = t.engine.turns(t.conversation)
            assert stored.current is not None
            assert (stored.current.route, stored.current.text) == (Route.EXACT_HIT, "Use reset.")
            assert stored.current.source == UNDO

    asyncio.run(main())


def test_another_wording_is_served_and_names_the_question_it_was_given_to() -> None:
    """Sure means that every word that counts has its match; the label says where the answer came from."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], ["B"])
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            t.conversation = None
            events = await t.ask(SAME)

            assert route(events) is Route.SEMANTIC_HIT
            assert text_of(events) == "A"
            source = only(Routed, events).source
            assert source is not None
            assert (source.question, source.differs) == (UNDO, ())

    asyncio.run(main())


def test_an_opposite_is_answered_anew_and_at_most_offered_before_its_first_text() -> None:
    """A maybe is a row above the fresh answer, and never the answer itself."""

    async def main() -> None:
        provider = ScriptedProvider(["undo"], ["redo"])
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            t.conversation = None
            events = await t.ask(OTHER)

            assert route(events) is Route.FAST
            assert text_of(events) == "redo"
            kinds = [type(event) for event in events]
            if MaybeFound in kinds:
                assert kinds.index(MaybeFound) < kinds.index(TextDelta)
                assert only(MaybeFound, events).source.differs

    asyncio.run(main())


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other:1b"},
        {"system": "Answer in French."},
        {"attachments": (Attachment("a.py", "x", "1" * 64),)},
        {"use_cache": False},
    ],
)
def test_whatever_shaped_the_answer_must_be_the_same(change: dict[str, object]) -> None:
    """Another model, system prompt or file is another question."""

    async def main() -> None:
        models = (SCRIPTED, replace(SCRIPTED, name="other:1b", digest="o"))
        provider = ScriptedProvider(["A"], ["B"], models=models)
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            t.conversation = None
            assert text_of(await t.ask(UNDO, **change)) == "B"

    asyncio.run(main())


def test_a_changed_file_is_a_miss_and_the_same_file_a_hit() -> None:
    """An answer about a file is an answer about what stood in it."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], ["B"])
        one, two = Attachment("a.py", "x", "1" * 64), Attachment("a.py", "y", "2" * 64)
        async with talk(provider, cache=ON) as t:
            for file, answer in ((one, "A"), (one, "A"), (two, "B"), (two, "B")):
                t.conversation = None
                assert text_of(await t.ask("why does it fail here?", attachments=(file,))) == answer

    asyncio.run(main())


def test_a_command_that_ended_otherwise_is_a_miss() -> None:
    """Its exit status stands in the name only, which the model is told: "why does it fail" hangs on it."""

    async def main() -> None:
        provider = ScriptedProvider(["it fails"], ["it is fine"])
        failed, fine = (Attachment(f"make test (exit {status})", "", "1" * 64) for status in (1, 0))
        async with talk(provider, cache=ON) as t:
            for output, answer in ((failed, "it fails"), (failed, "it fails"), (fine, "it is fine")):
                t.conversation = None
                assert text_of(await t.ask("does it work?", attachments=(output,))) == answer

    asyncio.run(main())


def test_a_follow_up_is_only_ever_served_after_the_same_history() -> None:
    """Words like "and in rust?" mean what stood before it; after other turns they are another question."""

    async def main() -> None:
        provider = ScriptedProvider(["sort"], ["rust"], ["reverse"], ["rust again"])
        async with talk(provider, cache=ON) as t:
            await t.ask("sort a list in python")
            await t.ask("and in rust?")
            t.conversation = None
            await t.ask("reverse a string in python")
            assert text_of(await t.ask("and in rust?")) == "rust again"

    asyncio.run(main())


def test_asked_afresh_the_stored_answer_never_comes_back_for_that_pair() -> None:
    """Who asks again has said that the stored answer was not it; the pair is ruled out for ever."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], ["B"])
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            t.conversation = None
            assert route(await t.ask(SAME)) is Route.SEMANTIC_HIT
            assert text_of(await t.again()) == "B"
            t.conversation = None
            assert text_of(await t.ask(SAME)) == "B"
            t.conversation = None
            assert text_of(await t.ask(UNDO)) == "A"

    asyncio.run(main())


def test_asked_afresh_nothing_is_held_against_an_answer_that_was_fresh() -> None:
    """It is on the screen already; only what was *served* can have been the wrong one."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], [ProviderUnreachable("nobody", "Start it.")])
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            await t.again()
            assert Entries(t.database).stats().objections == {"exact": 0, "sure": 0, "maybe": 0}
            t.conversation = None
            assert text_of(await t.ask(UNDO)) == "A"

    asyncio.run(main())


def test_a_stored_answer_that_is_asked_afresh_stays_until_the_new_one_is_there() -> None:
    """A server that fails just then must not cost the answer that there was; its words find it still."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], [ProviderUnreachable("nobody", "Start it.")], ["B"])
        async with talk(provider, cache=ON) as t:
            entries = Entries(t.database)
            await t.ask(UNDO)
            t.conversation = None
            assert route(await t.ask(UNDO)) is Route.EXACT_HIT
            await t.again()
            assert entries.stats().objections["exact"] == 1
            assert [entry.text for entry in entries.list(9)] == ["A"]
            await t.again()
            assert [entry.text for entry in entries.list(9)] == ["B"]
            assert entries.stats().vetoes == 0
            t.conversation = None
            assert route(await t.ask(SAME)) is Route.SEMANTIC_HIT

    asyncio.run(main())


@pytest.mark.parametrize("steps", range(1, 5))
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["closed", "cancelled"])
def test_a_stored_answer_that_is_stopped_is_one_turn(tmp_path: Path, steps: int, is_cancelled: bool) -> None:
    """Wherever the person presses escape, what they were shown is kept, once, and as what it was."""

    async def main() -> None:
        async with talk(ScriptedProvider(["A"]), tmp_path / "db", cache=ON) as t:
            await t.ask(UNDO)
            events = t.engine.ask(Question(UNDO))
            taken = 0

            async def take() -> None:
                nonlocal taken
                async for _ in events:
                    taken += 1
                    if taken == steps:
                        if not is_cancelled:
                            return
                        task.cancel()  # felt where the engine waits next

            task = asyncio.ensure_future(take())
            await asyncio.wait({task})
            await events.aclose()
            await settled()
            assert taken >= steps
        async with talk(ScriptedProvider(["B"]), tmp_path / "db", cache=ON) as t:
            recent = t.engine.archive.recent(9)
            turns = [turn for each in recent for turn in t.engine.turns(each.id)]
            routes = [answer.route for turn in turns for answer in turn.answers]
            assert sorted(routes) == [Route.EXACT_HIT, Route.FAST]
            assert Entries(t.database).stats().hits["exact"] == 1

    asyncio.run(main())


def test_an_answer_by_a_second_choice_is_that_models_answer() -> None:
    """When the first is installed again, its own answer is wanted, not the one its stand-in gave."""

    async def main() -> None:
        other = replace(SCRIPTED, name="other:1b", digest="o")
        provider = ScriptedProvider(["A"], [ModelMissing("gone", "Fetch it.")], ["B"], ["C"])
        async with talk(provider, cache=ON) as t:
            await t.ask("what is a monad in haskell?")
            provider.models = (other,)
            t.conversation = None
            assert text_of(await t.ask(UNDO)) == "B"
            provider.models = (SCRIPTED, other)
            t.conversation = None
            assert text_of(await t.ask(UNDO, model=SCRIPTED.name, takes_offers=False)) == "C"
            t.conversation = None
            assert text_of(await t.ask(UNDO, model="other:1b")) == "B"

    asyncio.run(main())


def test_it_is_quiet_after_every_kind_of_turn_and_no_longer_when_somebody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is mostly answered from the store would else never have it kept small."""
    heard: list[str] = []
    monkeypatch.setattr(Quiet, "begin", lambda self: heard.append("begin"))
    monkeypatch.setattr(Quiet, "end", lambda self: heard.append("end"))

    async def main() -> None:
        provider = ScriptedProvider(["A", "B"], ["C"], [ProviderUnreachable("nobody", "Start it.")], ["D"])

        async def turn(question: Question, is_enough: Callable[[TurnEvent], bool] = lambda _: False) -> None:
            heard.clear()
            await t.play_until(question, is_enough)
            assert heard == ["end", "begin"]

        async with talk(provider, cache=ON) as t:
            await turn(Question("one"), lambda event: isinstance(event, TextDelta))  # stopped
            await turn(Question(UNDO))  # made
            await turn(Question(UNDO))  # stored
            await turn(Question(UNDO), lambda event: isinstance(event, Routed))  # stored, and stopped
            await turn(Question("fails"))
            await turn(Question("again", again=t.turn, use_cache=False))
            await turn(Question("nowhere", again=10**6))  # not even sent

    asyncio.run(main())


def test_a_kept_maybe_is_the_turns_answer_from_then_on() -> None:
    """What the person took is what the next question follows, and what the same one gets."""

    async def main() -> None:
        provider = ScriptedProvider(["merge"], ["rebase"], ["next"])
        async with talk(provider, cache=ON) as t:
            await t.ask("how do I undo a merge commit in git")
            t.conversation = None
            events = await t.ask("how do I undo the last commit in git")
            maybe = only(MaybeFound, events)
            assert t.turn is not None
            await t.engine.keep_maybe(t.turn, maybe.entry)
            kept = t.turns()[-1].current
            assert kept is not None
            assert (kept.route, kept.text) == (Route.MAYBE_KEPT, "merge")
            t.database.submit(lambda connection: None).result()  # all that was handed over is written
            question = Question("how do I undo the last commit in git")
            assert text_of([event async for event in t.engine.ask(question)]) == "merge"
            await t.ask("and then?")
            assert [message.text for message in provider.requests[-1].messages][2] == "merge"

    asyncio.run(main())


def test_another_windows_answer_is_a_miss(tmp_path: Path) -> None:
    """Every option that shapes an answer is part of its scope."""

    async def main() -> None:
        for fast, answer in ((FastSettings(), "A"), (FastSettings(num_ctx=2048), "B"), (FastSettings(), "A")):
            async with talk(ScriptedProvider([answer]), tmp_path / "db", fast=fast, cache=ON) as t:
                assert text_of(await t.ask(UNDO)) == answer

    asyncio.run(main())


def test_a_question_that_waited_for_its_server_is_answered_in_its_own_turn() -> None:
    """It stands in the store already; a stored answer joins it there instead of making another turn."""

    async def main() -> None:
        provider = ScriptedProvider(["A"], [ProviderUnreachable("nobody", "Start it.")])
        async with talk(provider, cache=ON) as t:
            await t.ask(UNDO)
            t.conversation = None
            await t.ask("something else that fails now")
            failed = t.turn
            assert failed is not None
            events = await t.play(Question(UNDO, again=failed))
            assert only(TurnStarted, events).turn == failed

    asyncio.run(main())

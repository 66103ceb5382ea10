"""What was made ahead, inside the engine: taken over, told of what happens, and never in the way."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.deep.question import DeepQuestion
from core.engine import build_speculation
from core.errors import ModelMissing, StreamCut
from core.events import (
    MaybeFound,
    Routed,
    TextDelta,
    ThinkingDelta,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    Waiting,
    WaitReason,
)
from core.messages import AnswerState, Question, Route
from core.providers.base import Ended
from core.settings.model import CacheSettings
from core.speculation.ports import Answered
from core.store.speculation import PreparedRow, SpeculationStore
from tests.core.asking import WITHOUT_CACHE, Talk, only, settled, talk, text_of
from tests.core.deep_runs import until
from tests.core.speculating import Prepared, StagedSpeculator, said, stage
from tests.core.test_deep_engine import HERE, here
from tests.scripted import SCRIPTED, ScriptedProvider
from tests.server import OllamaServer

CUT = StreamCut("it stopped", "Ask again.")


@asynccontextmanager
async def ahead_of(
    provider: ScriptedProvider, cache: CacheSettings = WITHOUT_CACHE, path: Path | None = None
) -> AsyncGenerator[tuple[Talk, StagedSpeculator], None]:
    """A talk whose engine has speculation, and the speculation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_speculation, "open_speculation", stage)
        async with talk(provider, path, cache=cache) as t:
            speculator = t.engine.speculation
            assert isinstance(speculator, StagedSpeculator)
            yield t, speculator


def routes(events: list[TurnEvent]) -> list[Route]:
    return [event.route for event in events if isinstance(event, Routed)]


def options_of(t: Talk) -> dict[str, object]:
    """What the store says shaped the last answer."""
    row = t.database.read(
        lambda connection: connection.execute("SELECT options FROM answer ORDER BY id DESC").fetchone()
    )
    found: dict[str, object] = json.loads(row["options"])
    return found


def test_an_answer_made_ahead_is_an_answer_and_says_what_it_is() -> None:
    """It is stored with its turn, labelled and counted apart; the model is not asked a second time."""

    async def main() -> None:
        provider = ScriptedProvider(["first"], ["never asked"])
        async with ahead_of(provider) as (t, speculator):
            await t.ask("one")
            speculator.ready = Prepared(*said("made ", "ahead"))
            events = await t.ask("two")

            routed = only(Routed, events)
            assert (routed.route, routed.model) == (Route.PREFETCH_HIT, SCRIPTED.name)
            assert routed.source is not None
            assert (routed.source.question, routed.source.age_s) == ("two", 12.0)
            assert text_of(events) == "made ahead"
            assert only(TurnFinished, events).reason == "stop"
            assert len(provider.requests) == 1
            stored = t.answer()
            assert (stored.route, stored.text, stored.state) == (
                Route.PREFETCH_HIT,
                "made ahead",
                AnswerState.COMPLETE,
            )
            assert stored.source == "two"
            assert stored.source_at is not None
            assert stored.source_at < stored.started_at
            assert options_of(t)["origin"] == "full"

            await t.ask("three")
            assert [each.text for each in provider.requests[-1].messages[-3:]] == [
                "two",
                "made ahead",
                "three",
            ]

    asyncio.run(main())


def test_a_question_sent_while_its_text_was_still_is_as_fast_as_any_and_no_more() -> None:
    """It is the person's own question a moment early: the model's speed must not be made better by it."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["no"])) as (t, speculator):
            speculator.ready = Prepared(*said("yes"), route=Route.FAST, origin="still", age_s=0.2)
            events = await t.ask("one")

            assert routes(events) == [Route.FAST]
            assert only(Routed, events).source is None
            assert text_of(events) == "yes"
            assert (t.answer().route, t.answer().source_at) == (Route.FAST, None)
            assert options_of(t)["origin"] == "still"

    asyncio.run(main())


@pytest.mark.parametrize("before", [(), (ThinkingDelta("hm"), Waiting(WaitReason.PROMPT, 1.0))])
def test_what_breaks_before_its_first_text_is_asked_anew_and_nobody_is_troubled(
    before: tuple[ThinkingDelta | Waiting, ...],
) -> None:
    """That the speculative request broke is no reason that the person's own should."""

    async def main() -> None:
        provider = ScriptedProvider(["anew"])
        async with ahead_of(provider) as (t, speculator):
            speculator.ready = Prepared(*before, CUT)
            events = await t.ask("one")

            assert routes(events) == [Route.PREFETCH_HIT, Route.FAST]
            assert text_of(events) == "anew"
            assert len(provider.requests) == 1
            assert (t.answer().route, t.answer().text) == (Route.FAST, "anew")
            assert speculator.words == ["adopt", "answered"]

    asyncio.run(main())


def test_what_breaks_behind_its_first_text_is_a_part_like_any_other() -> None:
    """The person has begun to read it, and nothing on the screen is ever replaced."""

    async def main() -> None:
        provider = ScriptedProvider(["anew"])
        async with ahead_of(provider) as (t, speculator):
            speculator.ready = Prepared(TextDelta("half"), CUT)
            events = await t.ask("one")

            assert only(TurnFailed, events).is_partial
            assert provider.requests == []
            assert (t.answer().state, t.answer().text) == (AnswerState.PARTIAL, "half")
            assert speculator.words == ["adopt", "passed", "begin"]

    asyncio.run(main())


def test_a_model_that_is_gone_is_found_out_by_the_question_itself() -> None:
    """The choice of another model is the plain request's matter, whatever was made ahead."""

    async def main() -> None:
        provider = ScriptedProvider(["anew"])
        async with ahead_of(provider) as (t, speculator):
            speculator.ready = Prepared(ModelMissing("gone", "Fetch it."), route=Route.FAST, origin="still")

            assert text_of(await t.ask("one")) == "anew"

    asyncio.run(main())


def test_to_stop_an_adopted_answer_ends_its_request() -> None:
    """From its adoption on it is the person's: nobody else would close it."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["no"])) as (t, speculator):
            ready = speculator.ready = Prepared(TextDelta("half"), asyncio.Event(), origin="running")
            await t.play_until(Question("one"), lambda event: isinstance(event, TextDelta))

            assert ready.is_closed
            assert speculator.told[1:] == [("passed", False), ("begin", t.conversation)]
            assert (t.answer().state, t.answer().text) == (AnswerState.CANCELLED, "half")
            assert not t.engine.lanes.is_wanted

    asyncio.run(main())


def test_what_is_ours_makes_way_before_the_person_takes_the_server_and_begins_after() -> None:
    """Told within the foreground, an adopted request would be closed as somebody in the way."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["a"])) as (t, speculator):
            await t.ask("one")

            assert speculator.words == ["adopt", "answered"]
            assert speculator.was_wanted == [False, False]

    asyncio.run(main())


def test_an_answer_is_told_with_the_very_request_it_was_made_from() -> None:
    """Speculation builds on what the slot holds, and this is it."""

    async def main() -> None:
        provider = ScriptedProvider(["a", "b", Ended("length", 10, 2)])
        async with ahead_of(provider) as (t, speculator):
            await t.ask("one")

            (told,) = speculator.all(Answered)
            assert t.conversation is not None
            assert t.turn is not None
            assert told == Answered(t.conversation, t.turn, "one", "ab", "length", provider.requests[0])

    asyncio.run(main())


def test_a_stored_answer_is_told_without_a_request() -> None:
    """The slot holds something else, so there is nothing to build on; what follows can be offered."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["a"]), CacheSettings()) as (t, speculator):
            await t.ask("how do I undo a commit?")
            await settled()
            t.conversation = None
            await t.ask("how do I undo a commit?")

            assert speculator.words == ["adopt", "answered", "answered"]
            last = speculator.all(Answered)[-1]
            assert (last.text, last.request) == ("a", None)

    asyncio.run(main())


def test_whatever_ends_otherwise_is_told_once_as_passed() -> None:
    """An offer under an answer that is not there would be an offer under the one before.

    Only what failed may have cost the server what it held: to read that again costs the next question.
    """

    async def main() -> None:
        provider = ScriptedProvider([CUT], ["half", asyncio.Event()], [Ended("stop")])
        async with ahead_of(provider) as (t, speculator):
            await t.ask("it fails")
            await t.play_until(Question("stopped"), lambda event: isinstance(event, TextDelta))
            await t.ask("it says nothing")
            provider.models = ()
            await t.ask("it is never sent", model="nowhere:1b")

            told = [each for each in speculator.told if each[0] not in ("adopt", "begin")]
            assert told == [("passed", is_lost) for is_lost in (True, False, False, True)]

    asyncio.run(main())


def test_a_wait_that_only_somebody_else_explains_is_told() -> None:
    """A good neighbour does less while another program uses the server."""

    async def main() -> None:
        for reason in WaitReason:
            async with ahead_of(ScriptedProvider([Waiting(reason, 3000.0), "a"])) as (t, speculator):
                await t.ask("one")

                assert ("queued" in speculator.words) == (reason is WaitReason.QUEUE)

    asyncio.run(main())


def test_a_prefetched_answer_serves_the_same_question_later() -> None:
    """Once accepted it is an answer like any other, and needs no model the next time."""

    async def main() -> None:
        provider = ScriptedProvider(["never"])
        async with ahead_of(provider, CacheSettings()) as (t, speculator):
            speculator.ready = Prepared(*said("made ahead"))
            await t.ask("how do I undo a commit?")
            await settled()
            t.conversation = None
            again = await t.ask("how do I undo a commit?")

            assert routes(again) == [Route.EXACT_HIT]
            assert provider.requests == []

    asyncio.run(main())


def test_what_was_made_ahead_and_not_taken_serves_nobody() -> None:
    """It is found by its whole request alone: never by likeness, and never by the answer cache."""

    async def main() -> None:
        provider = ScriptedProvider(["the model's own"])
        async with ahead_of(provider, CacheSettings()) as (t, _):
            await t.ask("one")
            assert t.conversation is not None
            asked = "how do I undo the last commit in git?"
            row = PreparedRow(
                b"k" * 32, t.conversation, SCRIPTED.name, asked, "made ahead", "full", "model", 2, 1e6
            )
            SpeculationStore(t.database).keep_prepared(row).result()
            for text in (asked, "how can I undo the last git commit"):
                t.conversation = None
                events = await t.ask(text, takes_offers=False)

                assert "made ahead" not in text_of(events)
                assert Route.PREFETCH_HIT not in routes(events)
            assert len(provider.requests) == 2, "the second is served what the model said to the first"

    asyncio.run(main())


def test_a_cut_answer_made_ahead_serves_nobody_else() -> None:
    """Only what came whole may be given to another question."""

    async def main() -> None:
        provider = ScriptedProvider(["the model's own"])
        async with ahead_of(provider, CacheSettings()) as (t, speculator):
            speculator.ready = Prepared(*said("made ahead", reason="length"))
            await t.ask("how do I undo a commit?")
            await settled()
            t.conversation = None

            assert routes(await t.ask("how do I undo a commit?")) == [Route.FAST]

    asyncio.run(main())


def test_asked_again_a_prefetched_answer_is_made_by_the_model() -> None:
    """Who doubts it asks again, and gets another one beside it."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["the model's own"])) as (t, speculator):
            speculator.ready = Prepared(*said("made ahead"))
            await t.ask("one")
            events = await t.again()

            assert routes(events) == [Route.FAST]
            (turn,) = t.turns()
            assert [each.route for each in turn.answers] == [Route.PREFETCH_HIT, Route.FAST]
            assert turn.current is not None
            assert turn.current.text == "the model's own"

    asyncio.run(main())


def test_another_current_answer_warms_the_conversation_anew_where_it_is_before_the_person() -> None:
    """The prefix that was read holds the former answer; a conversation nobody looks at warms nothing."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["1"], ["2"], ["elsewhere"])) as (t, speculator):
            await t.ask("one")
            await t.again()
            assert t.turn is not None
            (turn,) = t.turns()
            first, turn_id, here = turn.answers[0].id, t.turn, t.conversation
            await t.engine.archive.choose_answer(turn_id, first)
            assert speculator.told[-1] == ("begin", here)

            t.conversation = None
            await t.ask("elsewhere")
            before = len(speculator.told)
            await t.engine.archive.choose_answer(turn_id, turn.answers[1].id)
            assert len(speculator.told) == before

    asyncio.run(main())


def test_a_stored_answer_that_is_kept_warms_the_conversation_anew() -> None:
    """The next question follows it, and not what the model was about to say."""

    async def main() -> None:
        async with ahead_of(ScriptedProvider(["merge"], ["rebase"]), CacheSettings()) as (t, speculator):
            await t.ask("how do I undo a merge commit in git")
            t.conversation = None
            maybe = only(MaybeFound, await t.ask("how do I undo the last commit in git"))
            assert t.turn is not None
            await t.engine.keep_maybe(t.turn, maybe.entry)

            assert speculator.told[-1] == ("begin", t.conversation)

    asyncio.run(main())


def test_a_deep_run_that_ends_warms_the_conversation_anew() -> None:
    """Its answer is current from then on, whether it came whole or was ended with what it had."""

    async def main() -> None:
        with pytest.MonkeyPatch.context() as patch, OllamaServer(HERE) as server:
            patch.setattr(build_speculation, "open_speculation", stage)
            async with here(server) as t:
                speculator = t.engine.speculation
                assert isinstance(speculator, StagedSpeculator)
                await t.ask("How do I undo the last commit?")
                speculator.told.clear()
                run = t.engine.deep.start(await t.engine.deep.prepare(DeepQuestion("", turn=t.turn)))
                await run.over()
                await until(lambda: bool(speculator.told))

                assert speculator.told == [("begin", t.conversation)]

    asyncio.run(main())


def test_it_is_closed_before_what_it_uses() -> None:
    """A request that outlives its provider, or a write that outlives the database, would be an error."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        seen: list[bool] = []
        async with ahead_of(provider) as (t, speculator):
            await t.ask("one")
            closing = speculator.aclose

            async def aclose() -> None:
                seen.append(provider.is_given_back)
                await closing()

            speculator.aclose = aclose  # type: ignore[method-assign]  # to see the order
        assert seen == [False]
        assert speculator.words[-1] == "closed"
        assert provider.is_given_back

    asyncio.run(main())


def test_who_never_opens_it_has_none() -> None:
    """A command asks once and leaves; nothing is warmed, and nothing is closed."""

    async def main() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(build_speculation, "open_speculation")
            async with talk(ScriptedProvider(["a"])) as t:
                await t.ask("one")

    asyncio.run(main())

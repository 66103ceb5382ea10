"""Which model answers: chosen once, kept, said once; and what is said when there is none."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.outlook import Readiness
from core.errors import (
    AccessRefused,
    HouseError,
    ModelMissing,
    NameNotFound,
    NothingHeard,
    ProtocolBroken,
    ProviderError,
    ProviderUnreachable,
    ProxyInTheWay,
    RequestRejected,
    ServerFailed,
)
from core.events import Noted, Routed, TurnEvent, TurnFailed, TurnFinished
from core.providers.base import Ended, ModelInfo
from core.providers.demo import DemoProvider, Pace
from core.settings.model import FastSettings
from core.store.database import Database
from core.store.tuned import TuneAnswer, TunedStore
from core.tuning.machine import this_machine
from tests.core.asking import Talk, only, talk, text_of
from tests.scripted import CHAT, SCRIPTED, ScriptedProvider

OTHER = ModelInfo("other:1b", size_bytes=1_000_000, context_length=32_768, capabilities=CHAT)
STRONGER = ModelInfo(
    "stronger:4b", size_bytes=4_000_000, parameters=4e9, context_length=32_768, capabilities=CHAT
)
CLOUD = ModelInfo("big:cloud", remote_host="https://ollama.example:443", capabilities=CHAT)
GONE = ModelMissing("scripted:1b is not installed", "Fetch it.")


def notes(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


def test_a_choice_is_said_once_and_kept_for_the_next_process(tmp_path: Path) -> None:
    """A warm start sends the question first: a look at the server would cost the time of a first token."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        first = ScriptedProvider()
        async with talk(first, path) as t:
            said = notes(await t.ask("one"))
            assert len(said) == 1
            assert said[0].startswith("scripted:1b answers from now on: ")
            assert notes(await t.ask("two")) == []

        second = ScriptedProvider(["hi", asyncio.Event()])
        async with talk(second, path) as t:
            task = asyncio.ensure_future(t.ask("three"))
            await second.waits.wait()
            assert second.looks == 0
            assert second.requests[0].profile == first.requests[0].profile
            task.cancel()
            await asyncio.wait({task})

        third = ScriptedProvider(models=(SCRIPTED, STRONGER))
        async with talk(third, path) as t:
            events = await t.ask("four")
            assert notes(events) == []
            assert only(Routed, events).model == "scripted:1b"  # changed by offer, never silently
        assert third.looks == 1  # behind the answer

    asyncio.run(main())


def test_a_choice_is_said_even_when_its_first_question_does_not_fit() -> None:
    """`cat huge.log | leadline ask` may well be the first thing that is ever asked."""

    async def main() -> None:
        async with talk(ScriptedProvider()) as t:
            events = await t.ask("x" * 100_000)

            assert notes(events)[0].startswith("scripted:1b answers from now on")
            assert only(TurnFailed, events).kind == "context_full"

    asyncio.run(main())


def test_a_chosen_model_that_is_gone_is_chosen_anew_and_said() -> None:
    """An `ollama rm` must not leave the person with a question that fails for ever."""

    async def main() -> None:
        provider = ScriptedProvider(["one"], [GONE], ["two"])
        async with talk(provider) as t:
            await t.ask("one")
            provider.models = (OTHER,)
            events = await t.ask("two")

            assert notes(events)[0].startswith("scripted:1b is not there any more; other:1b answers")
            assert text_of(events) == "two"
            assert isinstance(events[-1], TurnFinished)
            assert (t.answer().model, t.answer().text) == ("other:1b", "two")
            assert len(t.turns()[-1].answers) == 1
            assert notes(await t.ask("three")) == []

    asyncio.run(main())


def test_a_server_that_lists_a_model_and_denies_it_is_not_asked_for_ever() -> None:
    """A broken blob looks so: listed, and 404 on use."""

    async def main() -> None:
        provider = ScriptedProvider([GONE])
        async with talk(provider) as t:
            failed = only(TurnFailed, await t.ask("one"))

            assert failed.kind == "model_missing"
            assert len(provider.requests) == 2

    asyncio.run(main())


def test_when_the_only_model_is_gone_the_error_says_what_to_fetch() -> None:
    """The name of a model that we chose ourselves would not tell the person what to do."""

    async def main() -> None:
        provider = ScriptedProvider(["one"], [GONE])
        async with talk(provider) as t:
            await t.ask("one")
            provider.models = ()
            failed = only(TurnFailed, await t.ask("two"))

            assert failed.message == "no local model is installed yet"
            assert "leadline pull" in failed.remedy

    asyncio.run(main())


@pytest.mark.parametrize("how", ["flag", "setting", "choice"])
def test_a_model_that_was_asked_for_by_name_is_never_replaced(how: str) -> None:
    """Who names a model gets it, or a sentence; another model's answer would be a lie."""

    async def main() -> None:
        provider = ScriptedProvider(["one"], [GONE], models=(SCRIPTED, OTHER))
        fast = FastSettings(model="missing:1b" if how == "setting" else "auto")
        async with talk(provider, fast=fast) as t:
            if how == "choice":
                await t.engine.use("other:1b")
                await t.ask("one")
                provider.models = (SCRIPTED,)
            failed = only(TurnFailed, await t.ask("two", model="missing:1b" if how == "flag" else None))

            assert failed.kind == "model_missing"
            assert "leadline pull" in failed.remedy or how == "choice"
            assert len(provider.requests) == (2 if how == "choice" else 0)

    asyncio.run(main())


def test_the_person_s_choice_is_kept_for_the_next_process(tmp_path: Path) -> None:
    """`/model` and `leadline models --use` mean from now on."""

    async def main() -> None:
        provider = ScriptedProvider(models=(SCRIPTED, OTHER))
        async with talk(provider, tmp_path / "leadline.db") as t:
            await t.engine.use("other:1b")
        async with talk(provider, tmp_path / "leadline.db") as t:
            events = await t.ask("hi")
            assert only(Routed, events).model == "other:1b"
            assert notes(events) == []
            in_use = t.engine.model_in_use()
            assert in_use is not None
            assert not in_use.is_pinned_auto

    asyncio.run(main())


def test_choosing_what_is_not_there_is_refused() -> None:
    """A pin on a typo would make every later question fail."""

    async def main() -> None:
        async with talk(ScriptedProvider()) as t:
            with pytest.raises(ModelMissing, match="nope is not installed"):
                await t.engine.use("nope")
            assert only(Routed, await t.ask("hi")).model == "scripted:1b"

    asyncio.run(main())


def test_a_name_without_its_tag_is_known_on_the_second_start(tmp_path: Path) -> None:
    """`-m llama3.2` is what people type; it must be as warm as the full name."""

    async def main() -> None:
        provider = ScriptedProvider(models=(replace(SCRIPTED, name="llama3.2:latest"),))
        async with talk(provider, tmp_path / "leadline.db") as t:
            await t.ask("hi", model="llama3.2")
        async with talk(provider, tmp_path / "leadline.db", FastSettings(model="llama3.2")) as t:
            assert t.engine.model_in_use() is not None
            before = provider.looks
            events = await t.ask("hi", model="llama3.2")
            assert only(Routed, events).model == "llama3.2:latest"
            assert t.engine.widen(16_384) is not None
        assert provider.looks == before + 1  # behind the answer, not before it

    asyncio.run(main())


def test_only_cloud_models_is_no_model_and_nothing_is_sent() -> None:
    """What leaves this machine leaves because the person said so, never because nothing else was there."""

    async def main() -> None:
        provider = ScriptedProvider(models=(CLOUD,))
        async with talk(provider) as t:
            outlook = await t.engine.look()
            assert outlook.readiness is Readiness.NO_MODEL
            assert outlook.message == "no local model is installed yet"
            assert "big:cloud runs REMOTE, so it is never taken unasked" in outlook.remedy
            assert outlook.proposal is not None
            failed = only(TurnFailed, await t.ask("hi"))
            assert failed.remedy == outlook.remedy
            assert provider.requests == []

            asked = await t.ask("hi", model="big:cloud")
            assert only(Routed, asked).place == "REMOTE https://ollama.example:443"

    asyncio.run(main())


def test_a_larger_window_that_others_loaded_is_adopted() -> None:
    """To ask for our own would load the model again, for us and then for them."""

    async def main() -> None:
        provider = ScriptedProvider(models=(replace(SCRIPTED, loaded_ctx=16_384),))
        async with talk(provider) as t:
            await t.ask("one")
            provider.models = (SCRIPTED,)
            await t.ask("two")

        assert [request.profile.num_ctx for request in provider.requests] == [16_384, 16_384]

    asyncio.run(main())


def test_a_smaller_window_that_others_loaded_is_not_enough() -> None:
    """Ollama's own default of 4096 is full after two files."""

    async def main() -> None:
        provider = ScriptedProvider(models=(replace(SCRIPTED, loaded_ctx=4096),))
        async with talk(provider) as t:
            await t.ask("one")

        assert provider.requests[0].profile.num_ctx == 8192

    asyncio.run(main())


def test_no_window_is_larger_than_the_model_s_own() -> None:
    """We would count on room that the server does not give."""

    async def main() -> None:
        small = replace(SCRIPTED, context_length=2048)
        for path_is_warm in (False, True):
            provider = ScriptedProvider(models=(small,))
            async with talk(provider, fast=FastSettings(num_ctx=65_536 if path_is_warm else 0)) as t:
                await t.ask("one")
                await t.ask("two")
            assert {request.profile.num_ctx for request in provider.requests} == {2048}

    asyncio.run(main())


def test_a_window_from_the_settings_is_not_kept_when_the_setting_goes(tmp_path: Path) -> None:
    """One run with LEADLINE_FAST__NUM_CTX=1024 must not shrink every later one."""

    async def main() -> None:
        windows = []
        for num_ctx in (1024, 0, 2048, 0):
            provider = ScriptedProvider()
            async with talk(provider, tmp_path / "leadline.db", FastSettings(num_ctx=num_ctx)) as t:
                await t.ask("one")
            windows.append(provider.requests[0].profile.num_ctx)

        assert windows == [1024, 8192, 2048, 8192]

    asyncio.run(main())


def test_how_long_loading_took_is_known_the_next_time(tmp_path: Path) -> None:
    """`loading the model (last time 4.1 s)` is the difference between waiting and giving up."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        async with talk(ScriptedProvider(["a", Ended("stop", 1, 1, load_ms=4100.0)]), path) as t:
            await t.ask("one")
        warm = ScriptedProvider(["a", Ended("stop", 1, 1, load_ms=20.0)])
        async with talk(warm, path) as t:
            await t.ask("two")
        last = ScriptedProvider()
        async with talk(last, path) as t:
            await t.ask("three")

        assert warm.requests[0].usual_load_ms == 4100.0
        assert last.requests[0].usual_load_ms == 4100.0  # a warm answer says nothing of loading

    asyncio.run(main())


@pytest.mark.parametrize(
    ("error", "readiness"),
    [
        (ProviderUnreachable("nobody answers", "Start it."), Readiness.NO_SERVER),
        (NameNotFound("the name leads nowhere", "Check it."), Readiness.NO_SERVER),
        (NothingHeard("it said nothing", "Restart it."), Readiness.STRANGE),
        (ServerFailed("the server answered HTTP 502", "Look there."), Readiness.STRANGE),
        (RequestRejected("it does not know the request", "Update it."), Readiness.STRANGE),
        (ProtocolBroken("something else answers", "Set the address."), Readiness.STRANGE),
        (AccessRefused("it refuses us", "Use its IP."), Readiness.REFUSED),
        (ProxyInTheWay("a proxy answers", "Set NO_PROXY."), Readiness.PROXY),
    ],
    ids=lambda value: value.kind if isinstance(value, HouseError) else "",
)
def test_an_outlook_says_what_is_missing_and_what_to_do(error: ProviderError, readiness: Readiness) -> None:
    """The first minute decides whether there is a second one."""

    async def main() -> None:
        provider = ScriptedProvider()
        provider.models = error
        async with talk(provider) as t:
            outlook = await t.engine.look()

            assert (outlook.readiness, outlook.message) == (readiness, error.message)
            assert outlook.remedy == error.remedy
            assert outlook.place == "local"

    asyncio.run(main())


async def outlook_after_warm_start(t: Talk, provider: ScriptedProvider) -> None:
    await t.ask("one")
    provider.models = (OTHER,)


def test_an_outlook_does_not_believe_the_store_against_the_server() -> None:
    """READY for a model that was removed would be found out by the first question."""

    async def main() -> None:
        provider = ScriptedProvider()
        async with talk(provider) as t:
            await outlook_after_warm_start(t, provider)
            outlook = await t.engine.look()
            assert outlook.model == OTHER
            assert "scripted:1b is not there any more" in outlook.note
        async with talk(provider, fast=FastSettings(model="scripted:1b")) as t:
            provider.models = (SCRIPTED,)
            await outlook_after_warm_start(t, provider)
            outlook = await t.engine.look()
            assert outlook.readiness is Readiness.NO_MODEL
            assert outlook.message == "scripted:1b is not installed"
            assert outlook.proposal is not None
            assert outlook.proposal.name == "scripted:1b"

    asyncio.run(main())


def test_an_outlook_adopts_a_larger_window_before_the_first_question(tmp_path: Path) -> None:
    """The screen looks first: that is the moment to fit in with what is loaded now."""

    async def main() -> None:
        async with talk(ScriptedProvider(), tmp_path / "leadline.db") as t:
            await t.ask("one")
        provider = ScriptedProvider(models=(replace(SCRIPTED, loaded_ctx=16_384),))
        async with talk(provider, tmp_path / "leadline.db") as t:
            assert (await t.engine.look()).readiness is Readiness.READY
            await t.ask("two")

        assert provider.looks == 2  # one look, and the one behind the answer
        assert provider.requests[0].profile.num_ctx == 16_384

    asyncio.run(main())


def test_the_demo_says_nothing_of_a_choice() -> None:
    """It has one model; to announce it would make it look like a real one."""

    async def main() -> None:
        async with talk(DemoProvider(Pace(0.0, 10_000.0))) as t:
            events = await t.ask("how do I undo the last commit?")

            assert notes(events) == []
            assert only(Routed, events).place == "demo"
            assert "git reset" in text_of(events)

    asyncio.run(main())


def test_a_newer_measurement_changes_our_choice_and_never_the_person_s(tmp_path: Path) -> None:
    """Auto means the best that is known; it is said once, and costs no look at the server any more."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        both = (SCRIPTED, OTHER)
        async with talk(ScriptedProvider(models=both), path) as t:
            address = t.engine.provider.address
            first = only(Routed, await t.ask("one")).model
        better = next(each for each in both if each.name != first)
        database = Database.open(path, lambda: 2_000_000.0)
        store = TunedStore(database)
        for each in both:
            run = store.begin(address, this_machine(), each.name, each.digest or each.name, "q/full").result()
            store.answer(run, TuneAnswer("a", True, "x", 100.0 if each == better else 300.0, 400.0))
            store.end(run, "complete").result()
        database.close()
        later = ScriptedProvider(models=both)
        async with talk(later, path, since=3_000_000.0) as t:
            events = await t.ask("two")
            assert only(Routed, events).model == better.name
            (said,) = notes(events)
            assert "measured here, 100 % at 0.10 s" in said
            looks = later.looks
            assert notes(await t.ask("three")) == []
            assert later.looks == looks + 1  # behind the answer, as ever
            await t.engine.use(first)
        async with talk(ScriptedProvider(models=both), path) as t:
            assert only(Routed, await t.ask("four")).model == first

    asyncio.run(main())

"""The engine's own door to depth: what is sent, where it goes, what is asked first, and what serves again."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.deep.question import DeepQuestion, Preset
from core.deep.status import RunState
from core.engine.engine import Engine
from core.errors import HouseError
from core.events import Noted, Routed, StageReported, TextDelta
from core.lanes import Lanes
from core.messages import Question, Route
from core.providers.demo import DemoProvider
from core.providers.demo_deep import DemoCaller
from core.providers.link import import_httpx
from core.settings.model import CacheSettings, DeepSettings, FastSettings, Settings
from core.store.database import Database
from tests.core.asking import WITHOUT_CACHE, Talk, talk, text_of
from tests.core.deep_runs import heard, in_a_loop, until
from tests.core.ollama_door import PATIENT, at
from tests.server import Loaded, Model, OllamaServer, Script

import_httpx()

HERE = Script(
    models=(Model("qwen3.5:4b"),),
    loaded=(Loaded("qwen3.5:4b", 8192),),
    thinking="Hm. ",
    reply="Use `git switch`.",
)


@asynccontextmanager
async def here(
    server: OllamaServer, cache: CacheSettings = WITHOUT_CACHE, *, is_patient: bool = False
) -> AsyncGenerator[Talk, None]:
    """A talk whose depth is the server's too; it is always quiet, unless the real quiet is what is tested."""
    async with talk(at(server, PATIENT), fast=FastSettings(base_url=server.url), cache=cache) as has:
        if not is_patient:
            has.engine.lanes = Lanes(itertools.count(0.0, 100.0).__next__)
        yield has


@in_a_loop
async def test_without_any_setting_depth_is_the_same_loaded_model_thinking() -> None:
    """Nothing leaves, nothing reloads, nobody is asked; and the draft is no part of what is sent."""
    with OllamaServer(HERE) as server:
        async with here(server) as has:
            await has.ask("How do I change branches?")
            prepared = await has.engine.deep.prepare(DeepQuestion("", turn=has.turn))
            assert (prepared.asks, prepared.depth.place) == ((), "local")
            run = has.engine.deep.start(prepared)
            events = await heard(run)
            answers = has.turns()[-1].answers
        deep = server.requests("/api/chat")[-1]
        assert (server.loads, server.reloads) == (0, 0)
    assert [event.route for event in events if isinstance(event, Routed)] == [Route.DEEP_LOCAL]
    assert [answer.route for answer in answers] == [Route.FAST, Route.DEEP_LOCAL]
    assert deep.body["think"] is not False
    said = deep.body["messages"]
    assert isinstance(said, list)
    assert [each["role"] for each in said] == ["system", "user"]
    assert run.status().thinking == "Hm."


@in_a_loop
async def test_earlier_turns_go_along_and_can_be_struck() -> None:
    """What is said before it is sent is what is sent."""
    with OllamaServer(HERE) as server:
        async with here(server) as has:
            for question in ("What is a branch?", "And a tag?", "Which one moves?"):
                await has.ask(question)
            prepared = await has.engine.deep.prepare(DeepQuestion("", turn=has.turn))
            labels = [item.label for item in prepared.pack.items]
            struck = has.engine.deep.strike(prepared, "turn-1")
            assert struck.estimate.tokens < prepared.estimate.tokens
            await heard(has.engine.deep.start(struck))
        said = str(server.requests("/api/chat")[-1].body["messages"])
    assert labels == ["turn 1", "turn 2"]
    assert "And a tag?" in said
    assert "What is a branch?" not in said


@in_a_loop
async def test_what_a_small_window_does_not_hold_is_struck_and_said() -> None:
    """Context is never cut silently."""
    with OllamaServer(HERE) as server:
        async with here(server) as has:
            for question in ("What is this? ", "And that? "):  # the second is too much for the fast path
                await has.ask(question + "word " * 3_500)
            prepared = await has.engine.deep.prepare(DeepQuestion("", turn=has.turn))
            events = await heard(has.engine.deep.start(prepared))
    assert any("turn 1 left out" in why for why in prepared.asks)
    assert any("turn 1 left out" in event.text for event in events if isinstance(event, Noted))


@in_a_loop
async def test_a_remote_run_is_asked_about_and_a_missing_model_is_said() -> None:
    """Nothing leaves without a word; what cannot work is said before anything is tried."""
    deep = DeepSettings(provider="anthropic")
    with OllamaServer(HERE) as server:
        settings = Settings(FastSettings(), deep, CacheSettings(enabled=False))
        database = Database.open(None, lambda: 1.0)
        engine = Engine(
            settings, at(server, PATIENT), database, "/somewhere", environ={"ANTHROPIC_API_KEY": "k" * 20}
        )
        with pytest.raises(HouseError, match="model"):
            await engine.deep.prepare(DeepQuestion("Why?"))
        prepared = await engine.deep.prepare(DeepQuestion("Why?", model="claude-opus-4-1"))
        await engine.aclose()
    assert prepared.depth.place.startswith("REMOTE")
    assert prepared.asks
    assert not server.requests("/api/chat")


def _serving(database: Database) -> str:
    """The route of the answer that a stored question is answered with now."""
    return str(
        database.read(
            lambda connection: connection.execute(
                "SELECT a.route FROM entry e JOIN answer a ON a.id = e.answer_id ORDER BY e.id DESC LIMIT 1"
            ).fetchone()[0]
        )
    )


@in_a_loop
async def test_a_whole_deep_answer_serves_the_same_question_again() -> None:
    """A deep answer may serve a quick question; never the reverse."""
    with OllamaServer(HERE) as server:
        async with here(server, CacheSettings()) as has:
            await has.ask("How do I change branches?")
            server.script = Script(loaded=HERE.loaded, reply="Deeper: `git switch`.")
            run = has.engine.deep.start(await has.engine.deep.prepare(DeepQuestion("", turn=has.turn)))
            await run.over()
            await until(lambda: _serving(has.database) == Route.DEEP_LOCAL)  # it is kept behind the answer
            has.conversation = None
            events = await has.ask("How do I change branches?")
    assert text_of(events) == "Deeper: `git switch`."
    assert [event.route for event in events if isinstance(event, Routed)] == [Route.EXACT_HIT]


@in_a_loop
async def test_what_a_quit_left_is_found_from_below_the_project_s_root(tmp_path: Path) -> None:
    """A run belongs to the project, wherever in it the person stands."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    below = tmp_path / "project" / "src"
    slow = replace(HERE, reply=[f"w{n} " for n in range(500)], tokens_per_s=100.0)
    settings = Settings(cache=WITHOUT_CACHE)
    with OllamaServer(slow) as server:
        settings = replace(settings, fast=FastSettings(base_url=server.url))
        for has_left in (False, True):
            database = Database.open(tmp_path / "x.db", time.time)
            engine = Engine(settings, at(server, PATIENT), database, str(below))
            try:
                assert bool(engine.deep.left()) == has_left
                if not has_left:
                    run = engine.deep.start(await engine.deep.prepare(DeepQuestion("Why?")))
                    await until(lambda run=run: run.status().stages[1].tokens > 5)  # type: ignore[misc]  # at once
            finally:
                await engine.aclose()


@in_a_loop
async def test_an_answer_is_held_against_what_can_be_known_and_beside_its_draft() -> None:
    """A block that does not parse is said to, item by item; commands of draft and answer are compared."""
    with OllamaServer(replace(HERE, thinking="", reply="Run:\n\n```sh\ngit switch main\n```")) as server:
        async with here(server) as has:
            await has.ask("How do I change branches?")
            server.script = replace(
                HERE, reply="```sh\ngit switch main\n```\n\n```python\nx = (\n```\n\n```json\n{}\n```"
            )
            run = has.engine.deep.start(await has.engine.deep.prepare(DeepQuestion("", turn=has.turn)))
            events = await heard(run)
            status = run.status()
    check = status.stages[-1]
    assert check.note == "1 of 2 checks hold"
    assert any(line.startswith("! ") and "python" in line for line in check.finding.splitlines())
    told = [event for event in events if isinstance(event, StageReported) and event.id == "check"]
    assert "json" in told[-1].note
    assert status.differs == "same commands as the draft"


@in_a_loop
async def test_the_demo_thinks_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries the demo sees a plan, its parts and a synthesis."""

    async def at_once(caller: DemoCaller, piece: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(DemoCaller, "_breathe", at_once)
    monkeypatch.setattr("core.providers.demo_deep._BEGINS_LATER", 0.0)
    async with talk(DemoProvider()) as has:
        await has.play(Question("why does the test fail?"))
        question = DeepQuestion("", Preset.DEEPER, turn=has.turn)
        run = has.engine.deep.start(await has.engine.deep.prepare(question), waits_for_plan=False)
        await run.over()
        status = run.status()
    assert status.state is RunState.COMPLETE
    assert len([stage for stage in status.stages if stage.id.startswith("part-")]) >= 3
    assert status.place == "demo"


@in_a_loop
async def test_a_fast_question_goes_before_local_depth() -> None:
    """The person's next question waits for nobody; the cut call starts again behind it."""
    slow = Script(loaded=HERE.loaded, reply=[f"w{n} " for n in range(100)], tokens_per_s=200.0)
    with OllamaServer(slow) as server:
        async with here(server) as has:
            run = has.engine.deep.start(await has.engine.deep.prepare(DeepQuestion("Why?", is_local=True)))
            async for event in run.listen():
                if isinstance(event, TextDelta):
                    break
            server.script = Script(loaded=HERE.loaded, reply="At once.")
            events = await has.ask("What is a tag?")
            assert run.status().state is RunState.YIELDING
            gone = [record for record in server.log if record.client_gone_at is not None]
            run.end()
            await run.over()
    assert text_of(events) == "At once."
    assert len(gone) == 1
    assert run.status().state is RunState.PARTIAL

"""Choosing, doctoring and setting up with an OpenAI-compatible server: whose key, which model, what words."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.doctor.finding import Finding
from core.doctor.server import check_server
from core.engine.build import build_engine
from core.engine.build_provider import build_provider
from core.engine.outlook import Outlook, Readiness
from core.errors import SettingsInvalid
from core.events import Routed, TurnFailed, UsageReported
from core.messages import Question
from core.providers.base import ModelInfo
from core.providers.choice import choose_served
from core.settings.load import Loaded, load
from core.settings.model import FastSettings, Settings
from core.settings.paths import find_paths
from tests.core.asking import only
from tests.core.openai_door import CHAT
from tests.server import Fault, Model, OllamaServer, Script
from tui.wording import guide

ONE, TWO, LOADED = ModelInfo("one"), ModelInfo("two"), ModelInfo("three", loaded_ctx=4096)
EMBEDDING = ModelInfo("text-embedding-3-small")
KEYS = {
    "LEADLINE_FAST__API_KEY": "ours",
    "OPENAI_API_KEY": "openai's",
    "OPENROUTER_API_KEY": "router's",
    "OLLAMA_API_KEY": "ollama's",
}


def settings_of(tmp_path: Path, **variables: str) -> Loaded:
    """The settings as variables of the environment make them."""
    environ = {"LEADLINE_HOME": str(tmp_path)} | {
        f"LEADLINE_FAST__{name.upper()}": value for name, value in variables.items()
    }
    return load(find_paths(environ, demo=False), environ, {})


def settings_for(server: OllamaServer, model: str = "auto") -> Settings:
    return Settings(fast=FastSettings(provider="openai", base_url=f"{server.url}/v1", model=model))


@pytest.mark.parametrize("base_url", ["", " ", '""', "127.0.0.1:8080/v1", "box/v1"])
def test_an_address_is_wanted_with_its_scheme(tmp_path: Path, base_url: str) -> None:
    """There is no usual place for such a server, and a guess could send a key somewhere."""
    with pytest.raises(SettingsInvalid, match=r"base_url") as raised:
        settings_of(tmp_path, provider="openai", base_url=base_url)
    assert "http://127.0.0.1:8080/v1" in raised.value.remedy


def test_an_unknown_provider_is_named_with_the_known_ones(tmp_path: Path) -> None:
    """A typo must not fall back to something else."""
    with pytest.raises(SettingsInvalid) as raised:
        settings_of(tmp_path, provider="opanai")
    assert "ollama, openai" in raised.value.remedy


@pytest.mark.parametrize(
    ("base_url", "without_ours", "with_ours"),
    [
        ("http://127.0.0.1:8080/v1", "", "ours"),
        ("https://api.openai.com/v1", "openai's", "ours"),
        ("https://API.OpenAI.com/v1", "openai's", "ours"),
        ("http://api.openai.com/v1", "", "ours"),
        ("https://api.openai.com.evil.example/v1", "", "ours"),
        ("https://api.openai.com@evil.example/v1", "", "ours"),
        ("https://openrouter.ai/api/v1", "router's", "ours"),
        ("https://ollama.com/v1", "ollama's", "ours"),
        ("https://api.groq.com/openai/v1", "", "ours"),
    ],
)
def test_a_key_goes_to_whom_it_belongs(base_url: str, without_ours: str, with_ours: str) -> None:
    """A vendor's key goes to that vendor alone, over https; ours to the address beside it."""

    def key(environ: dict[str, str]) -> str:
        settings = Settings(FastSettings(provider="openai", base_url=base_url))
        provider = build_provider(settings, environ, is_demo=False)
        bearer: str = provider._link._bearer  # type: ignore[attr-defined]  # nobody is asked in a test
        return bearer

    assert key(KEYS) == with_ours
    assert (
        key({name: value for name, value in KEYS.items() if not name.startswith("LEADLINE")}) == without_ours
    )


@pytest.mark.parametrize(
    ("models", "is_near", "name"),
    [
        ((ONE,), True, "one"),
        ((ONE,), False, "one"),
        ((EMBEDDING, ONE), False, "one"),
        ((ONE, TWO), True, "one"),
        ((ONE, TWO, LOADED), True, "three"),
        ((ONE, TWO), False, ""),
        ((EMBEDDING,), True, ""),
        ((), True, ""),
    ],
)
def test_nearby_the_loaded_or_first_model_is_taken_and_far_away_only_the_only_one(
    models: tuple[ModelInfo, ...], is_near: bool, name: str
) -> None:
    """Of hundreds that cost money none may be taken unasked."""
    chosen = choose_served(models, is_near)
    assert (chosen.model.name if chosen else "") == name


def look(settings: Settings, tmp_path: Path, far: bool = False) -> Outlook:
    """What the engine says of the first minute."""

    async def main() -> Outlook:
        engine, _ = build_engine(settings, tmp_path / "leadline.db", {})
        if far:
            engine.provider.place = lambda remote_host="": "REMOTE api.example"  # type: ignore[method-assign]
        try:
            return await engine.look()
        finally:
            await engine.aclose()

    return asyncio.run(main())


def test_the_first_minute_never_speaks_of_ollama(tmp_path: Path) -> None:
    """To start Ollama would not help somebody who uses llama-server."""
    server = OllamaServer()
    server.start()
    server.close()
    outlook = look(settings_for(server), tmp_path)
    assert outlook.readiness is Readiness.NO_SERVER
    assert "ollama" not in f"{outlook.message} {outlook.remedy} {guide(outlook)}".lower()
    assert "llama-server" in guide(outlook)

    server.start()
    server.script = Script(models=())
    outlook = look(settings_for(server), tmp_path)
    server.close()
    assert outlook.readiness is Readiness.NO_MODEL
    assert outlook.proposal is None
    assert "pull" not in f"{outlook.message} {outlook.remedy} {guide(outlook)}"


def test_far_away_one_of_many_is_not_taken_unasked_and_a_set_one_is_trusted(tmp_path: Path) -> None:
    """The list of a hosted service is not all that it answers by, and none of it is free."""
    models = (Model("a:1b"), Model("b:1b"))
    with OllamaServer(Script(models=models)) as server:
        outlook = look(settings_for(server), tmp_path, far=True)
        assert outlook.readiness is Readiness.NO_MODEL
        assert "serves 2" in outlook.message
        assert "fast.model" in outlook.remedy
        named = look(settings_for(server, "c:1b"), tmp_path, far=True)
        assert named.readiness is Readiness.READY
        assert named.model is not None
        assert named.model.name == "c:1b"
        nearby = look(settings_for(server, "c:1b"), tmp_path)
        assert nearby.readiness is Readiness.NO_MODEL
        assert "is not served" in nearby.message


def test_an_engines_answer_has_place_provider_and_counts(tmp_path: Path) -> None:
    """The same events as from Ollama, cached tokens with them; the window is the server's own."""

    async def main() -> None:
        engine, _ = build_engine(settings_for(server), tmp_path / "leadline.db", {})
        events = [event async for event in engine.ask(Question("how do I change the branch?"))]
        routed, usage = only(Routed, events), only(UsageReported, events)
        assert (routed.provider, routed.place, routed.model) == ("openai", "local", "qwen3.5:4b")
        assert (usage.output_tokens, usage.window) == (4, 2048)
        assert usage.cached_tokens > 0
        events = [event async for event in engine.ask(Question("x" * 40_000))]
        assert only(TurnFailed, events).kind == "context_full"
        await engine.aclose()

    with OllamaServer(Script(owned_by="llamacpp", served_ctx=2048)) as server:
        asyncio.run(main())
        assert len(server.requests(CHAT)) == 1


def examined(server: OllamaServer, tmp_path: Path, **more: str) -> list[Finding]:
    """What the doctor says of a server."""
    loaded = settings_of(tmp_path, provider="openai", base_url=f"{server.url}/v1", **more)

    async def main() -> list[Finding]:
        provider = build_provider(loaded.settings, {}, is_demo=False)
        try:
            return await check_server(provider, loaded, {})
        finally:
            await provider.aclose()

    return asyncio.run(main())


def test_the_doctor_knows_whom_it_looks_at(tmp_path: Path) -> None:
    """Its remedies must be doable there: nothing is fetched, and a queue is no matter of Ollama's."""
    with OllamaServer(Script(owned_by="llamacpp")) as server:
        first, second = examined(server, tmp_path)
        assert "fast.base_url from LEADLINE_FAST__BASE_URL" in first.message
        assert second.message == "1 model; qwen3.5:4b (4,096 tokens) loaded"
        (*_, wrong) = examined(server, tmp_path, model="other")
        assert (wrong.state, "pull" in wrong.remedy) == ("problem", False)
        server.script = replace(server.script, models=())
        assert [finding.state for finding in examined(server, tmp_path)] == ["ok", "warning"]
        server.script = replace(server.script, fault=Fault.SIGN_IN, fault_paths=())
        (refused,) = examined(server, tmp_path)
        assert "LEADLINE_FAST__API_KEY" in refused.remedy

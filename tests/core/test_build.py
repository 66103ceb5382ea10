"""Settings to an engine: whose key goes where, and what the demo does not listen to."""

import asyncio
from pathlib import Path

import pytest

from core.engine.build import build_engine
from core.engine.build_provider import build_provider
from core.events import Routed, TurnFailed, TurnFinished
from core.messages import Question
from core.settings.model import FastSettings, Settings
from tests.core.asking import only
from tests.server import OllamaServer

KEYS = {"LEADLINE_FAST__API_KEY": "ours", "OLLAMA_API_KEY": "theirs"}


def key_for(base_url: str, host: str = "", keys: dict[str, str] | None = None) -> str:
    """What would be sent as the key to the address that is taken."""
    environ = (KEYS if keys is None else keys) | ({"OLLAMA_HOST": host} if host else {})
    provider = build_provider(Settings(FastSettings(base_url=base_url)), environ, is_demo=False)
    bearer: str = provider._link._bearer  # type: ignore[attr-defined]  # ollama.com is not asked in a test
    return bearer


@pytest.mark.parametrize("blank", ['""', "''", " ", ' "" ', ""])
def test_a_blank_address_takes_no_key_along(blank: str) -> None:
    """The key is for the address beside it; with none there, OLLAMA_HOST is somebody else."""
    assert key_for(blank, "http://box.example:11434") == ""
    assert key_for(blank) == ""


def test_a_key_goes_to_the_address_beside_it() -> None:
    """That is what it was set for."""
    assert key_for("http://box.example:8000", "other") == "ours"
    assert key_for("https://ollama.com") == "ours"


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("https://ollama.com", "theirs"),
        ("ollama.com", "theirs"),
        ("https://Ollama.COM", "theirs"),
        ("http://ollama.com", ""),
        ("ollama.com:80", ""),
        ("https://ollama.com.evil.example", ""),
        ("https://ollama.com@evil.example", ""),
        ("https://box.example", ""),
    ],
)
def test_a_vendors_key_goes_to_that_vendor_alone_and_never_in_the_open(host: str, key: str) -> None:
    """Over http everyone on the way could read it."""
    assert key_for("", host) == key
    assert key_for(host, "", {"OLLAMA_API_KEY": "theirs"}) == key


def test_a_key_is_not_sent_to_the_host_of_a_blank_setting() -> None:
    """The whole way: what the server that was found really receives."""

    async def main(server: OllamaServer) -> None:
        settings = Settings(FastSettings(base_url='""'))
        provider = build_provider(settings, KEYS | {"OLLAMA_HOST": server.url}, is_demo=False)
        await provider.look()
        await provider.aclose()

    with OllamaServer() as server:
        asyncio.run(main(server))
        assert not [record for record in server.log if "authorization" in record.headers]


def test_the_demo_does_not_listen_to_what_is_set_for_real_models(tmp_path: Path) -> None:
    """Whoever has a model and a window in their settings tries the demo too."""

    async def main() -> None:
        settings = Settings(FastSettings(model="qwen3:4b", num_ctx=512))
        engine, note = build_engine(settings, tmp_path / "demo.db", {}, is_demo=True)
        events = [event async for event in engine.ask(Question("x" * 4000))]
        await engine.aclose()

        assert note == ""
        assert only(Routed, events).model == "demo model"
        assert isinstance(events[-1], TurnFinished)

    asyncio.run(main())


def test_the_demo_says_that_it_has_one_model_only(tmp_path: Path) -> None:
    """It cannot fetch any, so "fetch it" would lead nowhere."""

    async def main() -> None:
        engine, _ = build_engine(Settings(), tmp_path / "demo.db", {}, is_demo=True)
        events = [event async for event in engine.ask(Question("hi", model="other"))]
        await engine.aclose()

        assert only(TurnFailed, events).remedy == "The demo has one model only; leave -m away."

    asyncio.run(main())

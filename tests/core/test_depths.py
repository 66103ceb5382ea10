"""Where a deep question goes: what the settings say, what this machine can do, and what that means."""

import asyncio
import socket
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from core.deep.yielding import YieldingCaller
from core.errors import HouseError
from core.messages import Message, Role, Route
from core.providers.base import ModelInfo, Profile, Request
from core.providers.deep.calls import Effort
from core.providers.deep.failures import KeyMissing
from core.providers.larger import larger_than
from core.settings.model import DeepSettings, FastSettings
from tests.core.depth_door import ASKED, Stage, stage
from tests.server import Fault, Loaded, Model, OllamaServer, Script
from tests.server.faults import Refusal

PLAIN = ("completion", "tools")
NAME = "qwen3.5:4b"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks up a name, or connects, fails the test."""

    def refuse(*args: object, **more: object) -> None:
        raise AssertionError(f"the network was asked: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


async def ask_fast(s: Stage) -> None:
    """A fast question, exactly as the engine sends it."""
    ready = await s.models.ready(None)
    request = Request(
        ready.model, (Message(Role.USER, "hi"),), Profile(ready.profile.num_ctx), 512, ready.think
    )
    async with aclosing(s.provider.stream(request)) as pieces:
        assert [piece async for piece in pieces]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("deep", "environ", "provider", "host", "place", "is_free"),
    [
        (
            DeepSettings(provider="anthropic", model="claude-x"),
            {"ANTHROPIC_API_KEY": "sk-ant-x"},
            "anthropic",
            "api.anthropic.com",
            "REMOTE api.anthropic.com",
            False,
        ),
        (
            DeepSettings(provider="openai", model="m", base_url="http://10.0.0.5:8000/v1"),
            {},
            "openai",
            "10.0.0.5:8000",
            "lan 10.0.0.5",
            True,
        ),
        (
            DeepSettings(provider="openai", model="m", base_url="http://127.0.0.1:8000/v1"),
            {},
            "openai",
            "",
            "local",
            True,
        ),
        (
            DeepSettings(provider="ollama", model="gpt-oss:120b-cloud"),
            {},
            "ollama",
            "ollama.com",
            "REMOTE ollama.com",
            False,
        ),
        (
            DeepSettings(provider="ollama", model="qwen3:32b", base_url="http://gpu-box:11434"),
            {},
            "ollama",
            "gpu-box:11434",
            "REMOTE gpu-box",
            False,
        ),
    ],
)
def test_the_settings_name_the_place_and_nothing_is_asked_for_it(
    deep: DeepSettings,
    environ: dict[str, str],
    provider: str,
    host: str,
    place: str,
    is_free: bool,
    tmp_path: Path,
) -> None:
    """What would leave, and for where, is said before a single packet goes out."""

    async def main() -> None:
        async with stage(tmp_path, replace(deep, effort="xhigh"), environ=environ) as s:
            depth = await s.depths.find(ASKED)
            assert (depth.provider, depth.model) == (provider, deep.model)
            assert (depth.host, depth.place) == (host, place)
            assert (depth.is_free, depth.shares_slot) == (is_free, False)
            assert (depth.effort, depth.parallel) == (Effort.XHIGH, 5)
            assert depth.route is (Route.DEEP_LOCAL if place == "local" else Route.DEEP)
            assert (await s.depths.find(replace(ASKED, model="other-cloud"))).model == "other-cloud"
            assert (await s.depths.find(ASKED)).caller is depth.caller

    asyncio.run(main())


@pytest.mark.usefixtures("no_network")
def test_what_is_missing_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    """A model or a key that is not there is no reason to pack anything up."""

    async def main() -> None:
        async with stage(tmp_path, DeepSettings(provider="anthropic")) as s:
            with pytest.raises(HouseError, match="no model is set") as nameless:
                await s.depths.find(ASKED)
            assert "deep.model" in nameless.value.remedy
            with pytest.raises(KeyMissing) as keyless:
                await s.depths.find(replace(ASKED, model="claude-x"))
            assert "ANTHROPIC_API_KEY" in keyless.value.remedy

    asyncio.run(main())


@pytest.mark.parametrize("server_kind", ["ollama", "openai"])
def test_local_depth_is_the_same_loaded_model_with_thinking_and_nothing_reloads(
    server_kind: str, tmp_path: Path
) -> None:
    """A reload would cost the fast path 20 s, twice; every option of the request must be the same."""
    window = 8192 if server_kind == "ollama" else 4096
    script = Script(thinking="Hm. ", loaded=(Loaded(NAME, num_ctx=window),), owned_by="llamacpp")

    async def main() -> None:
        with OllamaServer(script) as server:
            is_ollama = server_kind == "ollama"
            fast = (
                FastSettings(base_url=server.url, keep_alive="5m")
                if is_ollama
                else FastSettings(provider="openai", base_url=f"{server.url}/v1")
            )
            async with stage(tmp_path, fast=fast) as s:
                await ask_fast(s)
                asked = len(server.log)
                depth = await s.depths.find(ASKED)
                assert len(server.log) == asked  # all of it was known
                told = await s.hear(depth)
                await ask_fast(s)
            assert (told.text, told.thinking) == ("Use `git switch`.", "Hm. ")
            assert (server.loads, server.reloads) == (0, 0)
            assert isinstance(depth.caller, YieldingCaller)
            assert (depth.model, depth.effort, depth.provider) == (NAME, Effort.HIGH, server_kind)
            assert (depth.place, depth.host, depth.route) == ("local", "", Route.DEEP_LOCAL)
            assert (depth.is_free, depth.shares_slot, depth.parallel) == (True, True, 1)
            assert depth.note.startswith(f"no remote model is set: {NAME} thinks here")
            if is_ollama:
                fast_body, deep_body, _ = (record.body for record in server.requests("/api/chat"))
                assert deep_body["think"] is True
                options = [dict(body["options"]) for body in (fast_body, deep_body)]  # type: ignore[call-overload]  # JSON
                for each in options:
                    del each["num_predict"]
                assert options == [{"num_ctx": 8192}] * 2
                assert (depth.num_ctx, depth.keep_alive) == (8192, "5m")

    asyncio.run(main())


def test_a_model_that_cannot_think_answers_as_it_is_and_that_is_said(tmp_path: Path) -> None:
    """Better than nothing, but no one may take it for more than it is; it is not asked in vain."""

    async def main() -> None:
        script = Script(models=(Model("llama3.2:3b", capabilities=PLAIN),))
        with OllamaServer(script) as server:
            async with stage(tmp_path, fast=FastSettings(base_url=server.url)) as s:
                await ask_fast(s)
                depth = await s.depths.find(replace(ASKED, is_local=True))
                assert depth.effort is Effort.NONE
                assert depth.note == "llama3.2:3b answers here, and cannot think first"
                await s.hear(depth)
            assert [record.body["think"] for record in server.requests("/api/chat")] == [False, False]

    asyncio.run(main())


def test_local_means_here_whatever_the_settings_say(tmp_path: Path) -> None:
    """With a vendor in the settings, or a cloud model in use, the word is kept, or it is said why not."""

    async def main() -> None:
        cloud = Model("big:cloud", remote_host="https://ollama.example:443")
        deep = DeepSettings(provider="anthropic", model="claude-x")
        with OllamaServer(Script(models=(Model(NAME), cloud))) as server:
            async with stage(tmp_path, deep, FastSettings(base_url=server.url)) as s:
                depth = await s.depths.find(replace(ASKED, is_local=True))
                assert (depth.model, depth.place, depth.provider) == (NAME, "local", "ollama")
                await s.models.use("big:cloud")
                depth = await s.depths.find(replace(ASKED, is_local=True))
                assert (depth.model, depth.place) == (NAME, "local")
                with pytest.raises(HouseError, match=r"big:cloud runs at ollama\.example"):
                    await s.depths.find(replace(ASKED, is_local=True, model="big:cloud"))
            async with stage(tmp_path, fast=FastSettings(base_url=server.url)) as s:
                await s.models.use("big:cloud")
                depth = await s.depths.find(ASKED)
                assert (depth.place, depth.host) == ("REMOTE ollama.example", "ollama.example")
                assert (depth.is_free, depth.shares_slot, depth.parallel) == (False, False, 5)
                assert (depth.num_ctx, depth.window) == (0, 262_144)

    asyncio.run(main())


def test_a_larger_model_is_taken_when_it_is_named_and_its_price_is_told(tmp_path: Path) -> None:
    """It may throw the fast model out of memory: that is the person's to decide, knowing what it costs."""

    async def main() -> None:
        small = Model(NAME, size=3 * 2**30, parameter_size="4B")
        huge = Model("qwen3:32b", size=20 * 2**30, parameter_size="32B")
        script = Script(models=(small, huge), loaded=(Loaded(NAME, num_ctx=8192),))
        with OllamaServer(script) as server:
            async with stage(tmp_path, fast=FastSettings(base_url=server.url, model=NAME)) as s:
                await s.models.ready(None)
                seen = s.models.seen
                assert len(seen) == 2
                depth = await s.depths.find(ASKED)
                assert depth.model == NAME
                named = await s.depths.find(replace(ASKED, model="qwen3:32b"))
                assert named.model == "qwen3:32b"
                assert f"unloads {NAME}, about 20 s each way" in named.note
                assert named.shares_slot
                with pytest.raises(HouseError, match="not-there:1b"):
                    await s.depths.find(replace(ASKED, model="not-there:1b"))
            chosen = DeepSettings(model="qwen3:32b")
            async with stage(tmp_path, chosen, FastSettings(base_url=server.url, model=NAME)) as s:
                assert (await s.depths.find(ASKED)).model == "qwen3:32b"
                remote = replace(chosen, provider="openai", base_url="http://127.0.0.1:9/v1")
            async with stage(tmp_path, remote, FastSettings(base_url=server.url, model=NAME)) as s:
                assert (await s.depths.find(replace(ASKED, is_local=True))).model == NAME

    asyncio.run(main())


GIB = 2**30
SMALL = ModelInfo(NAME, size_bytes=3 * GIB, parameters=4e9, loaded_ctx=8192, loaded_bytes=4 * GIB)
LARGE = ModelInfo("qwen3:32b", size_bytes=20 * GIB, parameters=32e9)


@pytest.mark.parametrize(
    ("others", "memory", "larger", "fits"),
    [
        ((LARGE,), 64 * GIB, LARGE.name, True),
        ((LARGE,), 28 * GIB, LARGE.name, False),  # it loads, but not beside
        ((LARGE,), 16 * GIB, "", False),  # it would not even load
        ((LARGE,), 0, LARGE.name, False),  # another machine's memory is not known
        ((replace(LARGE, loaded_bytes=21 * GIB, loaded_ctx=4096),), 0, LARGE.name, True),
        ((replace(LARGE, remote_host="https://x.example"),), 64 * GIB, "", False),
        ((replace(LARGE, capabilities=frozenset(PLAIN)),), 64 * GIB, "", False),
        ((replace(LARGE, parameters=5e9),), 64 * GIB, "", False),  # hardly larger
        ((replace(LARGE, name="nomic-embed-text"),), 64 * GIB, "", False),
        (
            (LARGE, replace(LARGE, name="q:72b", parameters=72e9, size_bytes=40 * GIB)),
            99 * GIB,
            "q:72b",
            True,
        ),
    ],
)
def test_a_larger_model_is_offered_only_where_it_could_help(
    others: tuple[ModelInfo, ...], memory: int, larger: str, fits: bool
) -> None:
    """What cannot load, cannot think or is hardly larger is no help; what fits beside costs the least."""
    found = larger_than(NAME, (SMALL, *others), memory)
    assert ((found.model.name, found.fits_beside) if found else ("", False)) == (larger, fits)
    assert larger_than("not-there:1b", (SMALL, *others), memory) is None


def test_what_a_graphics_card_holds_is_not_guessed() -> None:
    """A model wholly on a card says nothing of how much more the card holds."""
    on_a_card = replace(SMALL, loaded_vram_bytes=4 * GIB)
    found = larger_than(NAME, (on_a_card, LARGE), 64 * GIB)
    assert found is not None
    assert not found.fits_beside


def test_what_one_call_learns_the_next_question_knows(tmp_path: Path) -> None:
    """An effort that is refused costs a request; it is refused once in a process, not once a question."""

    async def main() -> None:
        refused = Refusal(400, {"error": {"message": "reasoning_effort: 'xhigh' is not supported"}})
        script = Script(fault=Fault.REFUSED, refused=refused, fault_times=1)
        with OllamaServer(script) as server:
            deep = DeepSettings(provider="openai", model="m", base_url=f"{server.url}/v1", effort="xhigh")
            async with stage(tmp_path, deep, FastSettings(base_url="http://127.0.0.1:9")) as s:
                for _ in range(2):
                    await s.hear(await s.depths.find(ASKED))
            efforts = [record.body["reasoning_effort"] for record in server.log]
        assert efforts == ["xhigh", "high", "high"]

    asyncio.run(main())

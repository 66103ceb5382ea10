"""A canary key through every way a deep call can go wrong: it reaches its own host, and nobody else."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.providers.deep.calls import Failed
from core.providers.link import Link
from core.settings.model import DeepSettings, FastSettings
from tests.core.deep_calling import caller
from tests.core.deep_door import Told
from tests.core.deep_runs import bench, heard, text_of
from tests.core.depth_door import ASKED, Stage, stage
from tests.server import Fault, OllamaServer, Script
from tests.server.faults import Refusal

CANARY = "sk-canary-7f3b9d21e0a4c5d6"
ERRORS = {
    "openai": b'data: {"choices":[{"delta":{"content":"Use"}}]}\n\ndata: {"error":{"message":"key %b"}}\n\n',
    "anthropic": b'event: message_start\ndata: {"type":"message_start","message":{"model":"m"}}\n\n'
    b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"key %b"}}\n\n',
    "ollama": b'{"message":{"content":"Use"}}\n{"error":"key %b"}\n',
}
EACH = pytest.mark.parametrize("protocol", sorted(ERRORS))


def settings(server: OllamaServer, protocol: str) -> DeepSettings:
    """Depth at the server, in a protocol."""
    url = f"{server.url}/v1" if protocol == "openai" else server.url
    return DeepSettings(provider=protocol, model="qwen3.5:4b", base_url=url)  # type: ignore[arg-type]  # one of three


def hear(
    server: OllamaServer,
    protocol: str,
    home: Path,
    act: Callable[[Stage], Awaitable[Told]] | None = None,
    environ: dict[str, str] | None = None,
) -> Told:
    """One question, all the way from the settings."""

    async def main() -> Told:
        deep, keys = settings(server, protocol), environ or {"LEADLINE_DEEP__API_KEY": CANARY}
        # Another address than the deep one, so that no one takes the place for the fast path's own.
        fast = FastSettings(base_url="http://127.0.0.1:9")
        async with stage(home, deep, fast, keys) as s:
            return await (act(s) if act else s.hear(await s.depths.find(ASKED)))

    return asyncio.run(main())


def sent(server: OllamaServer) -> str:
    """Everything the server was told beside the question."""
    return repr([dict(record.headers) for record in server.log])


def shown(told: Told) -> str:
    """Everything a person, a log or a store could be told of it."""
    error = told.end.error if isinstance(told.end, Failed) else told.end.shortfall
    return f"{told.events!r} {error!r} {error and (error.told, error.args, vars(error))!r}"


@EACH
def test_a_redirect_takes_no_key_along(protocol: str, tmp_path: Path) -> None:
    """Whoever answers in a provider's place could send us anywhere."""
    with OllamaServer() as elsewhere:
        moved = Refusal(307, {}, {"location": f"{elsewhere.url}/v1/messages"})
        with OllamaServer(Script(fault=Fault.REFUSED, refused=moved)) as server:
            told = hear(server, protocol, tmp_path)
            assert CANARY in sent(server)
        assert elsewhere.log == ()
    assert told.failure.error.kind == "rejected"
    assert "another address" in told.failure.error.message
    assert CANARY not in shown(told)


@EACH
def test_a_vendors_key_does_not_go_to_another_base_url(protocol: str, tmp_path: Path) -> None:
    """A base_url can come from a project's environment; it must not collect keys."""
    names = ("ANTHROPIC", "OPENAI", "OPENROUTER", "OLLAMA", "LEADLINE_FAST_")
    keys = {f"{name}_API_KEY": CANARY for name in names}
    with OllamaServer() as server:
        told = hear(server, protocol, tmp_path, environ=keys)
        assert told.text
        assert CANARY not in sent(server)
        assert CANARY not in repr([record.body for record in server.log])


def test_thinking_here_sends_no_key_that_is_for_elsewhere(tmp_path: Path) -> None:
    """The deep key belongs to the address beside it, and this machine is another one."""

    async def main() -> None:
        with OllamaServer() as server:
            deep = DeepSettings(provider="anthropic", model="claude-x")
            keys = {"LEADLINE_DEEP__API_KEY": CANARY, "ANTHROPIC_API_KEY": CANARY}
            async with stage(tmp_path, deep, FastSettings(base_url=server.url), keys) as s:
                told = await s.hear(await s.depths.find(replace(ASKED, is_local=True)))
            assert told.text
            assert CANARY not in sent(server)

    asyncio.run(main())


@EACH
@pytest.mark.parametrize("how", ["401", "400", "echo midway", "crash"])
def test_a_canary_is_in_no_log_no_event_no_error_and_no_traceback(
    protocol: str,
    how: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reports a bug sends us all of these; a key among them would be everybody's."""
    caplog.set_level(logging.DEBUG)
    said: dict[str, object] = {
        "error": {"message": f"bad {CANARY}, Authorization: Bearer {CANARY}", "type": "x"}
    }
    script = Script(fault=Fault.RAW, raw_body=ERRORS[protocol] % CANARY.encode())
    if how.isdigit():
        script = Script(fault=Fault.REFUSED, refused=Refusal(int(how), said))
    crash = ""

    async def act(s: Stage) -> Told:
        nonlocal crash
        depth = await s.depths.find(ASKED)
        if how != "crash":
            return await s.hear(depth)

        async def broken(*args: object, **more: object) -> None:
            raise RuntimeError("a bug of ours")

        monkeypatch.setattr(Link, "send", broken)
        try:
            return await s.hear(depth)
        except Exception:  # noqa: BLE001  (any bug there is)
            crash = traceback.format_exc()
            return Told()

    with OllamaServer(script) as server:
        told = hear(server, protocol, tmp_path, act)
        if how == "crash":
            assert "Traceback" in crash
            assert CANARY not in crash
        else:
            assert CANARY in sent(server)
            assert isinstance(told.end, Failed)
            assert CANARY not in shown(told)
        if how == "401":
            assert f"…{CANARY[-4:]} from LEADLINE_DEEP__API_KEY" in told.failure.error.message
    assert caplog.records
    assert CANARY not in caplog.text
    assert CANARY not in repr([vars(record) for record in caplog.records])


@EACH
@pytest.mark.parametrize("is_cut", [False, True])
def test_a_key_within_an_answer_is_not_shown_stored_or_journalled(
    protocol: str, is_cut: bool, tmp_path: Path
) -> None:
    """A model that was shown its request's headers may repeat them, in thought and in text, word by word."""
    key = "lumen.CANARY+7f3a/92bd"  # shaped like no key, so that only knowing it finds it
    at_end = key[:-2] if is_cut else key
    words = ["Yours is ", key[:5], key[5:9], key[9:], " or ", key, " or ", *at_end]
    script = Script(reply=words, thinking=words)

    async def main() -> str:
        with OllamaServer(script) as server:
            deep = caller(server, protocol, key=key)
            async with bench(deep, tmp_path / "x.db", model="qwen3.5:4b") as at:
                run = await at.start()
                events = await heard(run)
                status = run.status()
            assert key in sent(server)
        assert status.thinking.startswith("Yours is ")
        assert text_of(events).startswith("Yours is lu…92bd or …92bd or ")
        return f"{events!r} {status!r}"

    told = asyncio.run(main())
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Yours is" in kept
    for said in (told, kept.decode("utf-8", "replace")):
        assert "CANARY" not in said
        assert "7f3a" not in said

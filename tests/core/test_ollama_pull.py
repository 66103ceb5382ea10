"""Fetching a model, and asking what an older server leaves out: both through the `ollama` package."""

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from core.errors import (
    ModelMissing,
    NothingHeard,
    ProtocolBroken,
    ProviderError,
    ProviderUnreachable,
    ServerFailed,
    StreamCut,
)
from core.providers.address import parse_address
from core.providers.base import ModelInfo, PullProgress
from core.providers.ollama.limits import Limits
from core.providers.ollama.provider import OllamaProvider
from tests.core.ollama_door import NAME, SHORT, at, left_running, raises
from tests.server import Fault, Model, OllamaServer, Pull, Record, Script

RED = "\x1b[31mred\x07\u202e"
STEADY = replace(SHORT, report_s=5.0, checking_s=5.0)


def pull(server: OllamaServer, name: str = "llama3.2:1b", limits: Limits = STEADY) -> list[PullProgress]:
    """All of a download's reports."""

    async def main() -> list[PullProgress]:
        provider = OllamaProvider(parse_address(server.url, "OLLAMA_HOST"), {}, limits=limits)
        try:
            return [step async for step in provider.pull(name)]
        finally:
            await provider.aclose()

    return asyncio.run(main())


def is_pull(record: Record) -> bool:
    return record.path == "/api/pull"


def test_a_download_says_how_far_it_is() -> None:
    """One bar for all layers: the sum only grows, and ends whole."""
    layers = (8000, 1500, 500)

    with OllamaServer(Script(pull=Pull(layers=layers, seconds=0.3, step_s=0.01))) as server:
        steps = pull(server)
        names = [model.name for model in asyncio.run(at(server).look()).models]

    assert steps[0] == PullProgress("pulling manifest")
    assert steps[-1] == PullProgress("success", sum(layers), sum(layers))
    done = [step.completed for step in steps]
    assert done == sorted(done)
    assert all(step.completed <= step.total for step in steps)
    assert len(set(done)) > 10
    assert "llama3.2:1b" in names


def test_a_model_that_does_not_exist_is_said() -> None:
    """The error comes as a line behind HTTP 200, since "pulling manifest" went first."""
    script = Script(pull=Pull(error="pull model manifest: file does not exist"))

    with OllamaServer(script) as server, raises(ModelMissing, match="tpyo"):
        pull(server, "tpyo")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("max retries exceeded: dial tcp: lookup registry.ollama.ai: no such host", ServerFailed),
        ("write: no space left on device", ServerFailed),
        ("12", ProtocolBroken),  # the package takes it for JSON, and dies of it
    ],
)
def test_a_failed_download_says_why(text: str, kind: type[ProviderError]) -> None:
    """Disk and network are the person's to mend."""
    with OllamaServer(Script(pull=Pull(error=text))) as server, raises(kind):
        pull(server)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.CUT_LINE, StreamCut),
        (Fault.RESET, StreamCut),
        (Fault.NO_END, StreamCut),
        (Fault.GARBAGE, ProtocolBroken),
        (Fault.STALL_MIDWAY, NothingHeard),
        (Fault.ERROR_LINE, ServerFailed),
    ],
)
def test_a_download_that_breaks_has_a_name_and_a_remedy(fault: Fault, kind: type[ProviderError]) -> None:
    """The package raises four unrelated types for these, and for one of them nothing at all."""
    script = Script(
        fault=fault, fault_paths=("/api/pull",), pull=Pull(layers=(1000, 1000), seconds=0.1, step_s=0.01)
    )

    with OllamaServer(script) as server, raises(kind) as caught:
        pull(server, limits=SHORT)

    assert caught.value.remedy


@pytest.mark.parametrize(
    "body", [b"[1]\n", b"1\n", b"\n\n", b'{"status":7}\n', b'{"status":"a","total":"x"}\n']
)
def test_what_is_no_report_is_no_traceback(body: bytes) -> None:
    """The package checks types by raising its checker's own errors."""
    script = Script(fault=Fault.RAW, fault_paths=("/api/pull",), raw_body=body)

    with OllamaServer(script) as server, raises(ProtocolBroken):
        pull(server)


@pytest.mark.parametrize(
    "fault", [Fault.PROXY_502, Fault.PROXY_200, Fault.OLD_SERVER, Fault.HANG_UP, Fault.BUSY]
)
def test_a_refused_download_has_a_name(fault: Fault) -> None:
    """Whatever stands between; HTML is never shown."""
    script = Script(fault=fault, fault_paths=("/api/pull",))

    with OllamaServer(script) as server, raises(ProviderError) as caught:
        pull(server)

    assert "<" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_at_once() -> None:
    """The package's own time limit for connecting is none."""
    with OllamaServer() as server:
        pass
    began = time.perf_counter()

    with raises(ProviderUnreachable, match="not running"):
        pull(server)

    assert time.perf_counter() - began < 20


def test_a_silent_server_is_given_up() -> None:
    """No report at all within the limit."""
    script = Script(fault=Fault.SILENT, fault_paths=("/api/pull",))

    with OllamaServer(script) as server, raises(NothingHeard, match=r"0\.2 s"):
        pull(server, limits=SHORT)


def test_checking_what_was_fetched_has_more_time() -> None:
    """The sum over many gigabytes takes minutes, and the server says nothing meanwhile."""
    first = b'{"status":"verifying sha256 digest"}\n'
    body = first + b'{"status":"success"}\n'
    script = Script(fault=Fault.RAW, fault_paths=("/api/pull",), raw_body=body, raw_cuts=(len(first),))
    slow = replace(SHORT, report_s=0.000001, checking_s=5.0)

    with OllamaServer(script) as server, raises(NothingHeard):
        pull(server, limits=slow)  # the first report is still one of fetching
    with OllamaServer(replace(script, fault=Fault.STALL_MIDWAY, fault_after=99)) as server:
        assert pull(server)[-1].status == "success"


def test_leaving_pauses_and_a_new_pull_goes_on() -> None:
    """Esc in the middle of two gigabytes must cost nothing of what is there."""
    script = Script(pull=Pull(layers=(100_000,), seconds=4.0, step_s=0.01))

    async def half(server: OllamaServer) -> tuple[int, float]:
        provider, last = at(server, STEADY), PullProgress("")
        async with aclosing(provider.pull("llama3.2:1b")) as steps:
            async for last in steps:
                if last.completed > 10_000:
                    break
            left_at = time.monotonic()
        gone = await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at)
        assert is_pull(gone)
        assert gone.client_gone_at is not None
        assert not left_running()
        await provider.aclose()
        return last.completed, (gone.client_gone_at - left_at) * 1000

    with OllamaServer(script) as server:
        there, gone_ms = asyncio.run(half(server))
        server.script = replace(script, pull=Pull(layers=(100_000,), seconds=0.3))
        steps = pull(server)

    print(f"\nleft a pull: the server knew after {gone_ms:.1f} ms")
    assert gone_ms < 1_000, "it would have gone on for seconds"
    first = next(step for step in steps if step.completed)
    assert first.completed >= there
    assert steps[-1].status == "success"


def test_cancelling_closes_a_pull_as_well() -> None:
    """A worker that is cancelled must not leave the download running for nobody."""

    async def main(server: OllamaServer) -> None:
        async def all_of_it() -> None:
            async with aclosing(at(server, STEADY).pull("llama3.2:1b")) as steps:
                async for _ in steps:
                    pass

        task = asyncio.ensure_future(all_of_it())
        await asyncio.to_thread(server.wait_for, lambda record: record.first_token_at)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at)

    with OllamaServer(Script(pull=Pull(seconds=30.0))) as server:
        asyncio.run(main(server))


def test_a_pull_cannot_play_with_the_terminal() -> None:
    """Status and error are the server's words."""
    lines = json.dumps({"status": f"pulling {RED}"}) + "\n" + json.dumps({"error": RED}) + "\n"
    script = Script(fault=Fault.RAW, fault_paths=("/api/pull",), raw_body=lines.encode())

    async def main(server: OllamaServer) -> str:
        said = ""
        try:
            async for step in at(server, STEADY).pull(f"evil{RED}"):
                said += step.status
        except ProviderError as error:
            said += error.message + error.remedy
        return said

    with OllamaServer(script) as server:
        said = asyncio.run(main(server))

    assert said.count("red") == 2
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_a_vendors_key_in_the_environment_goes_to_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package sends OLLAMA_API_KEY to every server there is; it is meant for ollama.com alone."""
    monkeypatch.setenv("OLLAMA_API_KEY", "hunter2")

    async def keyed(server: OllamaServer) -> None:
        provider = OllamaProvider(parse_address(server.url, ""), {}, "our-own", limits=STEADY)
        assert [step async for step in provider.pull("a:1b")]

    with OllamaServer() as server:
        pull(server)
        asyncio.run(at(server).show(ModelInfo(NAME)))
        asyncio.run(keyed(server))
        sent = [record.headers.get("authorization") for record in server.log]

    assert sent == [None, None, "Bearer our-own"]


def test_the_packages_requests_bypass_the_proxy_as_ours_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the environment by itself, and would send loopback traffic to the proxy."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with OllamaServer() as server:
        assert pull(server)[-1].status == "success"
        assert server.log[0].headers["host"] == f"127.0.0.1:{server.port}"


def test_what_a_list_leaves_out_is_asked_for() -> None:
    """A middle-aged server says capabilities only when asked for one model."""

    async def main(server: OllamaServer) -> ModelInfo:
        provider = at(server)
        (listed,) = (await provider.look()).models
        assert (listed.capabilities, listed.context_length) == (None, 0)
        shown = await provider.show(listed)
        await provider.aclose()
        return shown

    with OllamaServer(Script(tags_say_capabilities=False)) as server:
        shown = asyncio.run(main(server))

    assert shown.capabilities == frozenset({"completion", "tools", "thinking"})
    assert (shown.name, shown.context_length) == (NAME, 262_144)


@pytest.mark.parametrize(
    "fault", [None, Fault.LOAD_FAILED, Fault.BAD_REQUEST, Fault.MODEL_MISSING, Fault.BUSY]
)
def test_a_model_the_server_cannot_describe_stays_as_it_was(fault: Fault | None) -> None:
    """One damaged model must not keep all the others from being chosen."""
    script = Script(models=(Model(NAME, capabilities=None),), fault=fault, fault_paths=("/api/show",))

    with OllamaServer(script) as server:
        shown = asyncio.run(at(server).show(ModelInfo(NAME, size_bytes=7)))

    assert (shown.name, shown.size_bytes, shown.capabilities) == (NAME, 7, None)


def test_a_description_that_never_comes_ends() -> None:
    """The package would wait for ever."""
    with OllamaServer(Script(fault=Fault.SILENT, fault_paths=())) as server, raises(NothingHeard):
        asyncio.run(at(server, SHORT).show(ModelInfo(NAME)))

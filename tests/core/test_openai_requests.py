"""The OpenAI-compatible provider over a real socket: answers, waits, refusals, stalls, and stopping."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from core.errors import (
    AccessRefused,
    ModelMissing,
    NothingHeard,
    PromptTooLong,
    ProtocolBroken,
    ProviderBusy,
    ProviderError,
    ProviderUnreachable,
    RequestRejected,
    ServerFailed,
    StreamCut,
)
from core.events import TextDelta, WaitReason
from core.providers.address import parse_address
from core.providers.base import Ended, Renders
from core.providers.openai.catalogue import read_models
from core.providers.openai.provider import OpenAIProvider
from core.providers.openai.refusals import from_status
from tests.core.ollama_door import Heard, eventually, left_running, question
from tests.core.openai_door import CHAT, PATIENT, SHORT, ask, at, hear
from tests.core.test_openai_chunks import RECORDINGS
from tests.server import Fault, Model, OllamaServer, Refusal, Script

SLOW = Script(reply=[f"word{n} " for n in range(200)], tokens_per_s=40.0)


def test_an_answer_comes_whole_with_its_counts() -> None:
    """The same as from Ollama: text, reason, tokens."""
    with OllamaServer() as server:
        heard = ask(server)

    assert heard.text == "Use `git switch`."
    assert heard.ended == Ended("stop", input_tokens=1, output_tokens=4)


def test_a_known_server_nearby_is_told_not_to_think_and_its_times_are_taken() -> None:
    """A minute of thinking is no fast answer; only a server that knows the word is told."""
    with OllamaServer(Script(thinking="Hm. ", owned_by="llamacpp")) as server:
        heard = ask(server)
        assert heard.thinking == ""
        assert heard.ended is not None
        assert heard.ended.prefill_ms > 0
    with OllamaServer(Script(thinking="Hm. ", reasoning_field="reasoning")) as server:
        assert ask(server).thinking == "Hm. "
        assert "chat_template_kwargs" not in server.requests(CHAT)[0].body


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recording_cut_over_a_socket_ends_whole_or_with_a_name(name: str) -> None:
    """The same as without a socket, with a server that closes in the middle; nothing is left running."""
    recording = RECORDINGS[name]

    async def main() -> None:
        provider = at(server, PATIENT)
        for cut in range(0, len(recording), 7):
            server.script = replace(server.script, raw_body=recording[:cut], raw_cuts=(cut // 2,))
            heard = await hear(provider, question())
            assert (heard.ended is None) == isinstance(heard.error, StreamCut)
            assert heard.error is None or heard.ended is None
        await provider.aclose()
        assert not left_running()

    with OllamaServer(Script(fault=Fault.RAW_CUT)) as server:
        asyncio.run(main())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.ERROR_LINE, ServerFailed),
        (Fault.NO_END, StreamCut),
        (Fault.CUT_LINE, StreamCut),
        (Fault.RESET, StreamCut),
        (Fault.STALL_MIDWAY, NothingHeard),
        (Fault.GARBAGE, ProtocolBroken),
        (Fault.HUGE_LINE, ProtocolBroken),
    ],
)
def test_what_breaks_midway_keeps_the_text_and_has_a_name(fault: Fault, kind: type[ProviderError]) -> None:
    """Half an answer is worth something, and is never taken for a whole one."""
    with OllamaServer(Script(fault=fault, tokens_per_s=200.0)) as server:
        limits = SHORT if fault is Fault.STALL_MIDWAY else PATIENT
        heard = ask(server, limits=replace(limits, first_byte_loading_s=20.0, say_wait_after_s=20.0))
        assert len(server.requests(CHAT)) == 1
        assert heard.waits == []
    assert heard.text == "Use `git"
    assert type(heard.error) is kind or (fault is Fault.ERROR_LINE and heard.error is not None)
    assert heard.ended is None


@pytest.mark.parametrize("fault", [Fault.EMPTY_LINES, Fault.SEPARATORS])
def test_keep_alives_and_odd_separators_do_no_harm(fault: Fault) -> None:
    """Comments come between, U+2028 comes inside; the answer is the same."""
    with OllamaServer(Script(fault=fault)) as server:
        heard = ask(server)
    assert heard.ended is not None
    assert heard.text.replace("\u0085\u2028a\u0085b\u2028c\u2029d", "") == "Use `git switch`."


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.MODEL_MISSING, ModelMissing, "not served"),
        (Fault.SIGN_IN, AccessRefused, "API key"),
        (Fault.CLOUD_OFF, AccessRefused, "disabled"),
        (Fault.TOO_MANY, ProviderBusy, "Rate limit"),
        (Fault.OUT_OF_CREDIT, AccessRefused, "out of credit"),
        (Fault.BUSY, ProviderBusy, "busy"),
        (Fault.CONTEXT_TOO_LONG, PromptTooLong, "more tokens"),
        (Fault.OLD_SERVER, RequestRejected, "knows the OpenAI-compatible requests"),
        (Fault.PROXY_502, ServerFailed, "502"),
        (Fault.PROXY_200, ProtocolBroken, "something else"),
        (Fault.HANG_UP, StreamCut, "broke"),
        (Fault.SILENT, NothingHeard, "not begun"),
    ],
)
def test_each_refusal_says_what_happened_and_what_to_do(
    fault: Fault, kind: type[ProviderError], words: str
) -> None:
    """A sentence and a remedy, and no word of a program that is not there."""
    with OllamaServer(Script(fault=fault)) as server:
        error = ask(server, limits=SHORT if fault is Fault.SILENT else PATIENT).error
    assert type(error) is kind
    assert words in error.message
    assert error.remedy
    assert "ollama" not in error.remedy.lower()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (402, b'{"error":{"message":"Insufficient Balance"}}', AccessRefused),
        (400, b'[{"error":{"code":400,"message":"bad level","status":"INVALID_ARGUMENT"}}]', RequestRejected),
        (400, b'{"error":{"message":"x","code":"context_length_exceeded"}}', PromptTooLong),
        (422, b'{"detail":"no"}', RequestRejected),
        (429, b'{"error":{"message":"x","code":"insufficient_quota"}}', AccessRefused),
        (529, b"", ProviderBusy),
        (500, b"", ServerFailed),
        (500, b"\xff\x00[[[[", ServerFailed),
        (307, b"", RequestRejected),
        (418, b"{}", RequestRejected),
    ],
)
def test_every_status_has_its_error(status: int, body: bytes, kind: type[ProviderError]) -> None:
    """Hosted services differ in what they put where."""
    error = from_status(status, body, "m", "http://box/v1", retry_after="7")
    assert type(error) is kind
    assert error.message
    assert error.remedy


def test_a_field_that_a_strict_server_refuses_is_left_out_from_then_on() -> None:
    """Old servers do not know ``stream_options``; the answer matters more than its counts."""

    async def main() -> list[Heard]:
        provider = at(server)
        heard = [await hear(provider, question()) for _ in range(2)]
        await provider.aclose()
        return heard

    with OllamaServer(Script(fault=Fault.STRICT, fault_times=1)) as server:
        heard = asyncio.run(main())
        sent = ["stream_options" in record.body for record in server.requests(CHAT)]
    assert [each.text for each in heard] == ["Use `git switch`."] * 2
    assert sent == [True, False, False]


def test_a_server_that_loads_its_model_is_waited_for_and_said() -> None:
    """llama-server answers 503 for a minute after its start; that is a wait, not a failure."""
    with OllamaServer(Script(fault=Fault.STILL_LOADING, fault_times=8)) as server:
        heard = ask(server, limits=replace(PATIENT, say_wait_after_s=20.0))
    assert heard.text == "Use `git switch`."
    assert [wait.reason for wait in heard.waits] == [WaitReason.LOADING]


def test_a_wait_that_a_person_notices_is_told_once() -> None:
    """Silence looks like a hang."""
    with OllamaServer(Script(ttft_s=0.3)) as server:
        heard = ask(server)
    assert [wait.reason for wait in heard.waits] == [WaitReason.UNKNOWN]
    assert heard.text


def test_stopping_closes_the_socket_at_once() -> None:
    """What nobody reads any more must not be computed; 5 ms from the key to the server's seeing it."""

    async def main() -> float:
        provider = at(server, PATIENT)
        async with aclosing(provider.stream(question())) as pieces:
            async for piece in pieces:
                if isinstance(piece, TextDelta):
                    break
            stopped = time.monotonic()
        gone = await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at is not None)
        await provider.aclose()
        assert not left_running()
        return (gone.client_gone_at or 0.0) - stopped

    times = []
    for _ in range(40):  # the machine may be busy with other things; once is enough to show that it can
        with OllamaServer(SLOW) as server:
            times.append(asyncio.run(main()))
        if times[-1] < 0.005:
            return
    raise AssertionError(times)


def test_stopping_before_the_first_byte_leaves_nothing_behind() -> None:
    """The wait is when people change their minds."""

    async def main() -> None:
        provider = at(server, PATIENT)
        task = asyncio.ensure_future(hear(provider, question()))
        await asyncio.to_thread(server.wait_for, lambda record: record.path == CHAT)
        task.cancel()
        await asyncio.wait({task})
        await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at is not None)
        await provider.aclose()
        assert not left_running()

    with OllamaServer(Script(fault=Fault.SILENT)) as server:
        asyncio.run(main())


def test_the_models_come_with_the_windows_they_really_have() -> None:
    """llama-server trained for 262k and started with 4k has 4k; vLLM says its own."""

    async def look() -> tuple[int, int]:
        provider = at(server)
        (model,) = (await provider.look()).models
        await provider.aclose()
        return model.context_length, model.loaded_ctx

    with OllamaServer(Script(owned_by="llamacpp", served_ctx=4096)) as server:
        assert asyncio.run(look()) == (4096, 4096)
    with OllamaServer(Script(owned_by="vllm", models=(Model("m", context_length=32768),))) as server:
        assert asyncio.run(look()) == (32768, 32768)
    with OllamaServer() as server:
        assert asyncio.run(look()) == (0, 0)


def test_a_server_without_a_list_of_models_may_be_used_all_the_same() -> None:
    """Some gateways only answer questions."""

    async def main() -> None:
        provider = at(server)
        assert (await provider.look()).models == ()
        assert (await hear(provider, question())).text
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.OLD_SERVER, fault_paths=("/v1/models",))) as server:
        asyncio.run(main())


def test_a_server_too_busy_to_list_its_models_is_asked_all_the_same() -> None:
    """llama-cpp-python says nothing while it computes for somebody else (seen with a real one)."""
    with OllamaServer(Script(fault=Fault.SILENT, fault_paths=("/v1/models",))) as server:
        assert ask(server).text == "Use `git switch`."


def test_what_it_cannot_do_it_says() -> None:
    """There is no request to fetch a model in this protocol."""

    async def main() -> None:
        provider = OpenAIProvider(parse_address("http://127.0.0.1:9/v1", "fast.base_url"), {}, limits=SHORT)
        with pytest.raises(RequestRejected, match="cannot fetch models"):
            async for _ in provider.pull("m"):
                pass
        assert provider.place() == "local"
        heard = await hear(provider, question())
        assert isinstance(heard.error, ProviderUnreachable)
        assert "ollama serve" not in heard.error.remedy
        await provider.aclose()

    asyncio.run(main())


def test_the_key_is_sent_and_a_finished_connection_is_used_again() -> None:
    """A new connection a question would cost its handshake each time."""

    async def main() -> None:
        provider = at(server, bearer="secret")
        for _ in range(3):
            assert (await hear(provider, question())).ended
        await provider.aclose()

    with OllamaServer() as server:
        asyncio.run(main())
        assert {record.headers["authorization"] for record in server.log} == {"Bearer secret"}
        assert eventually(lambda: len({record.connection for record in server.log}) == 1)


def test_a_server_that_knows_no_shapes_is_asked_without_one() -> None:
    """What comes then may be no list, which is for who reads it to see; the next question loses nothing."""
    refused = Refusal(400, {"error": {"message": "response_format: extra inputs are not permitted"}})

    async def main() -> list[Heard]:
        provider = at(server)
        shaped, plain = question(schema='{"type": "array"}', temperature=0.0), question()
        heard = [await hear(provider, request) for request in (shaped, shaped, plain)]
        await provider.aclose()
        return heard

    with OllamaServer(Script(fault=Fault.REFUSED, refused=refused, fault_times=1)) as server:
        heard = asyncio.run(main())
        bodies = [record.body for record in server.requests(CHAT)]
    assert [each.text for each in heard] == ["Use `git switch`."] * 3
    assert ["response_format" in body for body in bodies] == [True, False, False, False]
    assert ["temperature" in body for body in bodies] == [True, True, True, False]


def test_nothing_is_sent_where_a_model_cannot_be_loaded_alone() -> None:
    """There is no such request here; one with a made-up question would cost tokens, and money elsewhere."""
    with OllamaServer() as server:
        heard = ask(server, question(messages=()))
        assert not server.log
        assert not isinstance(at(server), Renders)
    assert heard.pieces == [Ended("stop")]


def test_what_another_server_calls_the_architecture_is_the_family() -> None:
    """LM Studio tells it in a list of its own; the recipe of what is read ahead goes by it."""
    (model,) = read_models([{"id": "m"}], {}, [{"id": "m", "arch": "lfm2", "type": "llm"}])

    assert model.family == "lfm2"


@pytest.mark.parametrize(
    ("owned_by", "place"),
    [
        ("openai", "REMOTE 127.0.0.1"),
        ("Anthropic", "REMOTE 127.0.0.1"),
        ("Azure OpenAI", "REMOTE 127.0.0.1"),
        ("llamacpp", "local"),
        ("library", "local"),
    ],
)
def test_what_a_gateway_on_this_machine_passes_on_is_not_local(owned_by: str, place: str) -> None:
    """Behind a loopback port may stand a company's service: "nothing leaves" would be untrue there."""

    async def main(server: OllamaServer) -> None:
        looking, asking = at(server), at(server, PATIENT)
        await looking.look()
        await hear(asking, question())
        assert looking.place() == asking.place() == place
        await looking.aclose()
        await asking.aclose()

    with OllamaServer(Script(owned_by=owned_by)) as server:
        asyncio.run(main(server))

"""What is sent, what is tried again, and what each refusal means for the person."""

import asyncio
import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from core.errors import (
    AccessRefused,
    ModelLoadFailed,
    ModelMissing,
    PromptTooLong,
    ProtocolBroken,
    ProviderBusy,
    ProviderError,
    ProviderUnreachable,
    RequestRejected,
    ServerFailed,
    StreamCut,
)
from core.messages import Message, Role
from core.providers.address import parse_address
from core.providers.base import Profile, Request
from core.providers.ollama.body import chat_body
from core.providers.ollama.provider import OllamaProvider
from core.providers.ollama.refusals import from_status, from_text
from tests.core.ollama_door import NAME, PATIENT, SHORT, ask, at, hear, question, raises
from tests.server import Fault, Loaded, Model, OllamaServer, Script

RED = "\x1b[31mred\x07\u202e"


def body_of(**more: object) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(chat_body(question("hi", NAME, **more)))
    return made


def test_a_request_says_all_that_must_be_said_and_no_more() -> None:
    """Absent `think` means *on*; `truncate` cuts silently; any further option makes the model reload."""
    request = Request(
        NAME,
        (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "hi")),
        Profile(8192, 262_144),
        700,
    )

    assert json.loads(chat_body(request)) == {
        "model": NAME,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "stream": True,
        "think": False,
        "truncate": False,
        "keep_alive": "30m",
        "options": {"num_ctx": 8192, "num_predict": 700},
    }


def test_an_answer_is_always_bounded() -> None:
    """Ollama takes 0 for "without limit"."""
    assert [body_of(num_predict=count)["options"]["num_predict"] for count in (0, -1, 1, 9)] == [1, 1, 1, 9]


@pytest.mark.parametrize(
    ("setting", "sent"),
    [("-1", -1), ("0", 0), ("600", 600), ("30m", "30m"), ("-1m", "-1m"), ("1h30m", "1h30m"), ("--5", "--5")],
)
def test_a_bare_number_of_keep_alive_goes_as_a_number(setting: str, sent: object) -> None:
    """As a string it is a Go duration without a unit, which Ollama refuses."""
    assert body_of(keep_alive=setting)["keep_alive"] == sent


def test_a_model_that_cannot_stop_thinking_is_asked_for_little() -> None:
    """`think: false` is ignored by gpt-oss; "low" is the least it knows."""
    assert body_of(think="low")["think"] == "low"


def test_what_arrives_is_what_was_meant() -> None:
    """The whole way over a socket, with a text that JSON has to escape."""
    with OllamaServer() as server:
        ask(server, question('a "quoted" \u2028 \ud83d\ude00 line\n', keep_alive="-1"))
        sent = server.requests("/api/chat")[0]

    assert sent.body["keep_alive"] == -1
    assert sent.body["messages"] == [{"role": "user", "content": 'a "quoted" \u2028 😀 line\n'}]
    assert sent.headers["host"] == f"127.0.0.1:{server.port}"
    assert "authorization" not in sent.headers


def test_a_full_queue_is_tried_again_with_growing_pauses() -> None:
    """503 passes by itself, and the person should not have to press a key for it."""
    with OllamaServer(Script(fault=Fault.BUSY, fault_times=3)) as server:
        heard = ask(server)
        times = [record.at for record in server.requests("/api/chat")]

    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert heard.text == "Use `git switch`."
    assert len(pauses) == 3
    assert all(pause >= least for pause, least in zip(pauses, SHORT.busy_pauses_s, strict=True))


def test_a_queue_that_stays_full_is_said() -> None:
    """After the last pause it is the person's turn."""
    with OllamaServer(Script(fault=Fault.BUSY)) as server:
        heard = ask(server)
        assert len(server.requests("/api/chat")) == 4

    assert isinstance(heard.error, ProviderBusy)


@pytest.mark.parametrize(("fault", "kind"), [(Fault.RUNNER_DIED, ServerFailed), (Fault.HANG_UP, StreamCut)])
def test_what_a_second_try_cures_is_tried_once_more(fault: Fault, kind: type[ProviderError]) -> None:
    """Ollama restarts a crashed model by itself, and a kept connection may have been closed meanwhile."""
    with OllamaServer(Script(fault=fault, fault_times=1)) as server:
        cured = ask(server)
        server.script = replace(server.script, fault_times=None)
        not_cured = ask(server)
        assert len(server.requests("/api/chat")) == 4

    assert cured.text == "Use `git switch`."
    assert isinstance(not_cured.error, kind)
    assert not not_cured.text


def test_a_hang_up_on_a_kept_connection_is_not_noticed() -> None:
    """The server closes idle connections when it restarts; the next question just works."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        assert (await hear(provider, question())).ended
        server.script = replace(server.script, fault=Fault.HANG_UP, fault_times=1)
        assert (await hear(provider, question())).ended
        server.drop_connections()
        assert (await hear(provider, question())).ended
        await provider.aclose()
        first, hung_up, again, *_ = server.requests("/api/chat")
        assert first.connection == hung_up.connection != again.connection

    with OllamaServer() as server:
        asyncio.run(main(server))


@pytest.mark.parametrize(
    "fault", [Fault.CUT_LINE, Fault.RESET, Fault.NO_END, Fault.ERROR_LINE, Fault.GARBAGE]
)
def test_after_the_first_text_nothing_is_tried_again(fault: Fault) -> None:
    """Text that starts over under the person's eyes is worse than one that stops; they decide."""
    with OllamaServer(Script(fault=fault)) as server:
        heard = ask(server)
        assert len(server.requests("/api/chat")) == 1

    assert heard.text == "Use `git"
    assert type(heard.error) is {
        Fault.ERROR_LINE: ModelLoadFailed,
        Fault.GARBAGE: ProtocolBroken,
    }.get(fault, StreamCut)


@pytest.mark.parametrize("fault", [Fault.EMPTY_LINES, Fault.SEPARATORS])
def test_odd_but_good_streams_come_whole(fault: Fault) -> None:
    """Empty lines, and line separators inside a token, break clients that split text instead of bytes."""
    with OllamaServer(Script(fault=fault)) as server:
        heard = ask(server)

    assert heard.ended
    odd = "\u0085\u2028a\u0085b\u2028c\u2029d" if fault is Fault.SEPARATORS else ""
    assert heard.text == f"Use `git{odd} switch`."


def test_a_line_of_nine_megabytes_is_no_answer() -> None:
    """It is refused before it fills the memory."""
    with OllamaServer(Script(fault=Fault.HUGE_LINE)) as server:
        heard = ask(server, limits=PATIENT)

    assert heard.text == "Use `git"
    assert isinstance(heard.error, ProtocolBroken)


def test_a_model_that_cannot_think_is_asked_again_without_a_word_about_it() -> None:
    """A level of thinking is refused by a model that has none; the question is still a good one."""
    plain = Model("llama3.2:3b", capabilities=("completion",))

    with OllamaServer(Script(models=(plain,))) as server:
        heard = ask(server, question(model=plain.name, think="low"))
        first, second = server.requests("/api/chat")

    assert heard.ended
    assert first.body["think"] == "low"
    assert "think" not in second.body


REFUSALS = {
    Fault.MODEL_MISSING: (ModelMissing, "not installed", f"leadline pull {NAME}"),
    Fault.BAD_REQUEST: (RequestRejected, "model is required", ""),
    Fault.BAD_OPTION: (RequestRejected, "num_ctx", "settings"),
    Fault.NO_CHAT: (RequestRejected, "does not support chat", "another model"),
    Fault.CONTEXT_TOO_LONG: (PromptTooLong, "more tokens", "--fit"),
    Fault.LOAD_FAILED: (ModelLoadFailed, "signal: killed", "smaller"),
    Fault.SIGN_IN: (AccessRefused, "signed in", "https://ollama.com/connect"),
    Fault.CLOUD_OFF: (AccessRefused, "cloud is disabled", "F2"),
    Fault.OFFLINE: (ProviderUnreachable, "no such host", "local model"),
    Fault.FORBIDDEN_HOST: (AccessRefused, "host name", "OLLAMA_ORIGINS"),
    Fault.OLD_SERVER: (RequestRejected, "does not know", "Update"),
    Fault.PROXY_502: (ServerFailed, "HTTP 502", ""),
    Fault.PROXY_200: (ProtocolBroken, "something else than Ollama", "address"),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_each_refusal_says_what_happened_and_what_to_do(fault: Fault) -> None:
    """Never a bare status code, and nothing is tried again that cannot get better."""
    kind, message, remedy = REFUSALS[fault]

    with OllamaServer(Script(fault=fault)) as server:
        heard = ask(server)
        assert len(server.requests("/api/chat")) == 1

    assert type(heard.error) is kind
    assert message in heard.error.message
    assert remedy in heard.error.remedy
    assert heard.error.remedy


def test_the_server_counting_more_than_the_window_holds_is_its_own_kind() -> None:
    """Our estimate was too low; the person gets the same ways out as before sending."""
    with OllamaServer() as server:
        heard = ask(server, question("word " * 5000))

    assert isinstance(heard.error, PromptTooLong)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CUDA error: out of memory", ModelLoadFailed),
        ("llama-server process has terminated: exit status 2", ModelLoadFailed),
        ("model requires more system memory (9.1 GiB) than is available", ModelLoadFailed),
        ("unable to load model: /x", ModelLoadFailed),
        ("model 'bloom:7b' not found", ModelMissing),
        ('model "bloom:7b" not found, try pulling it first', ModelMissing),
        ("the classroom was not found by the model", ServerFailed),
        ({"message": "worded as an object"}, ServerFailed),
        ({"code": 1}, ServerFailed),
        (None, ServerFailed),
        (17, ServerFailed),
    ],
)
def test_an_error_in_words_is_understood(text: object, kind: type[ProviderError]) -> None:
    """A "room" is not "oom", and a name in a text is not its meaning."""
    assert type(from_text(text, NAME)) is kind


def test_a_redirect_is_explained_and_not_followed() -> None:
    """Following it would carry the question, and a key, to where nobody sent it."""
    error = from_status(301, b"", NAME, is_proxied=False)

    assert isinstance(error, RequestRejected)
    assert "another address" in error.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 507])
def test_a_refusal_cannot_play_with_the_terminal(status: int) -> None:
    """Error texts are the server's: escape sequences in them would act on the screen."""
    body = json.dumps({"error": RED, "signin_url": f"https://ollama.com/{RED}"}).encode()
    error = from_status(status, body, f"evil{RED}", is_proxied=False)

    assert not {"\x1b", "\x07", "\u202e"} & set(error.message + error.remedy)


def test_a_sign_in_link_to_elsewhere_is_not_shown() -> None:
    """A server must not send people to a page of its own with our words around it."""
    error = from_status(401, b'{"error":"unauthorized","signin_url":"https://evil.example/"}', NAME, False)

    assert "evil" not in error.remedy
    assert "ollama signin" in error.remedy


def test_an_error_line_in_the_stream_cannot_play_with_the_terminal() -> None:
    """The same for what comes after HTTP 200."""
    line = json.dumps({"error": RED}).encode() + b"\n"

    with OllamaServer(Script(fault=Fault.RAW, raw_body=line)) as server:
        heard = ask(server, question(model=NAME))

    assert isinstance(heard.error, ServerFailed)
    assert "\x1b" not in heard.error.message
    assert "red" in heard.error.message


def test_a_look_finds_version_models_and_what_is_loaded() -> None:
    """Three small questions at once; the server's own names, harmless."""
    models = (
        Model("qwen3:4b", parameter_size="4.0B", size=2_500_000_000),
        Model(f"evil{RED}:1b", family=RED),
        Model("big:cloud", remote_host="https://ollama.com:443", capabilities=None),
    )
    script = Script(version=f"0.33.0{RED}", models=models, loaded=(Loaded("qwen3:4b", 8192, vram=1000),))

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        state = await provider.look()
        first, evil, cloud = state.models
        assert state.version.startswith("0.33.0")
        assert (first.name, first.parameters, first.context_length) == ("qwen3:4b", 4e9, 262_144)
        assert (first.is_loaded, first.loaded_ctx, first.loaded_vram_bytes) == (True, 8192, 1000)
        assert first.capabilities == frozenset({"completion", "tools", "thinking"})
        assert not evil.is_loaded
        assert (cloud.remote_host, cloud.capabilities) == ("https://ollama.com:443", None)
        assert "\x1b" not in repr(state).encode().decode("unicode_escape")
        await provider.aclose()

    with OllamaServer(script) as server:
        asyncio.run(main(server))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'{"models":null}', 0),
        (b"{}", 0),
        (b'{"models":[1,null,{"name":""},{"name":"a","size":1e3,"details":[]},{"name":7}]}', 1),
        (b'{"models":[{"name":"a","size":-1,"details":{"parameter_size":"1.2.3B"},"capabilities":{}}]}', 1),
        (
            b'{"models":[{"name":"a","size":'
            + b"9" * 300
            + b',"details":{"parameter_size":"99999999999B"}}]}',
            1,
        ),
    ],
)
def test_a_list_of_any_age_can_be_read(body: bytes, count: int) -> None:
    """Older servers leave out, other programs that speak Ollama's protocol put in other things."""

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        state = await provider.look()
        assert len(state.models) == count
        assert all(model.size_bytes == 0 and model.parameters == 0.0 for model in state.models)
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.RAW, fault_paths=("/api/tags",), raw_body=body)) as server:
        asyncio.run(main(server))


def test_a_look_at_a_silent_server_ends() -> None:
    """It is a matter of seconds, not of a load's minutes."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, SHORT)
        with raises(ProviderError, match="said nothing for 1 s"):
            await provider.look()
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.SILENT, fault_paths=())) as server:
        asyncio.run(main(server))


def test_a_look_survives_that_only_the_list_answers() -> None:
    """Version and memory are worth knowing, not worth failing for."""

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        state = await provider.look()
        assert (state.version, len(state.models)) == ("", 1)
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.OLD_SERVER, fault_paths=("/api/ps", "/api/version"))) as server:
        asyncio.run(main(server))


@pytest.mark.parametrize("body", [b"hello", b"[]", b"[" * 100_000, b"\xff"])
def test_something_else_at_the_address_is_named(body: bytes) -> None:
    """Another program on the port is a common mistake."""

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        with raises(ProtocolBroken, match="something else than Ollama"):
            await provider.look()
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.RAW, fault_paths=("/api/tags",), raw_body=body)) as server:
        asyncio.run(main(server))


@pytest.mark.parametrize("key", ["sécret-hunter2", "hunter2\nX-Evil: 1", "hunter2\r\n"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    """Pasted with a line break or an odd character; the HTTP client's own message would print it."""

    async def main(server: OllamaServer) -> None:
        provider = OllamaProvider(parse_address(server.url, ""), {}, key)
        heard = await hear(provider, question())
        await provider.aclose()
        if heard.error is None:
            assert server.log[0].headers["authorization"] == f"Bearer {key.strip()}"
            return
        assert isinstance(heard.error, RequestRejected)
        assert "hunter2" not in heard.error.message + heard.error.remedy
        assert not server.log

    with OllamaServer() as server:
        asyncio.run(main(server))


def test_credentials_of_the_address_are_sent_and_decoded() -> None:
    """A server behind basic authentication; special characters in a URL are percent-encoded."""

    async def main(server: OllamaServer) -> None:
        address = parse_address(f"http://me:p%40ss@127.0.0.1:{server.port}", "OLLAMA_HOST")
        provider = OllamaProvider(address, {})
        await provider.look()
        await provider.aclose()
        assert {record.headers["authorization"] for record in server.log} == {"Basic bWU6cEBzcw=="}

    with OllamaServer() as server:
        asyncio.run(main(server))


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.RUNNER_DIED])
def test_what_nobody_waits_for_is_sent_once(fault: Fault) -> None:
    """A server that is overloaded has enough to do with those who wait."""
    with OllamaServer(Script(fault=fault)) as server:
        heard = ask(server, replace(question(), may_retry=False), PATIENT)
        assert isinstance(heard.error, ProviderError)
        assert len(server.requests("/api/chat")) == 1

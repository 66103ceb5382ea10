"""What is asked of Ollama ahead: a model only loaded, a prompt shown, a prompt gone on from, a shape kept."""

import asyncio
import json
from contextlib import aclosing, suppress
from typing import Any

import pytest

from core.errors import (
    ModelMissing,
    NothingHeard,
    PromptTooLong,
    ProviderBusy,
    ProviderError,
    RequestRejected,
    StreamCut,
)
from core.messages import Message, Role
from core.providers.base import Ended, ModelInfo, Profile, Renders, Request
from core.providers.ollama.body import chat_body, is_unloading, raw_body
from core.providers.ollama.limits import Limits
from core.providers.ollama.provider import OllamaProvider
from tests.core.ollama_door import (
    NAME,
    PATIENT,
    SHORT,
    Heard,
    ask,
    at,
    eventually,
    hear,
    left_running,
    question,
)
from tests.server import Fault, Loaded, Model, OllamaServer, Pace, Script

SCHEMA = '{"type": "array", "items": {"type": "string"}, "maxItems": 3}'
CHATML = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
CHAT, GENERATE = "/api/chat", "/api/generate"
ONLY_LOADED = question(messages=())


def rendered(template: object) -> bytes:
    """What the server answers to who only wants to see the prompt."""
    said = {"model": NAME, "message": {"role": "", "content": ""}, "done": False}
    return json.dumps({**said, "_debug_info": {"rendered_template": template}}).encode()


async def hear_raw(provider: OllamaProvider, prompt: str, request: Request | None = None) -> Heard:
    """Go on from a prompt, and keep all that comes."""
    heard = Heard()
    try:
        async with aclosing(provider.stream_raw(request or question(num_predict=1), prompt)) as pieces:
            async for piece in pieces:
                heard.pieces.append(piece)
    except ProviderError as error:
        heard.error = error
    return heard


def ask_raw(
    server: OllamaServer, prompt: str, request: Request | None = None, limits: Limits = PATIENT
) -> Heard:
    """The same in a loop of its own that must be left clean."""

    async def main() -> Heard:
        provider = at(server, limits)
        try:
            return await hear_raw(provider, prompt, request)
        finally:
            await provider.aclose()
            assert not left_running()

    return asyncio.run(main())


def show(server: OllamaServer, times: int = 1) -> list[str | ProviderError]:
    """Ask for a prompt so many times."""

    async def main() -> list[str | ProviderError]:
        provider = at(server, PATIENT)
        seen: list[str | ProviderError] = []
        for _ in range(times):
            try:
                seen.append(await provider.render(question()))
            except ProviderError as error:
                seen.append(error)
        await provider.aclose()
        return seen

    return asyncio.run(main())


# ---- what is sent ----


def test_a_shape_and_a_temperature_are_sent_and_nothing_else_changes() -> None:
    """A chip call that differed in anything a model is loaded with would unload it under the person."""
    plain: dict[str, Any] = json.loads(chat_body(question()))
    shaped: dict[str, Any] = json.loads(chat_body(question(schema=SCHEMA, temperature=0.0)))

    assert shaped.pop("format") == json.loads(SCHEMA)
    assert shaped["options"].pop("temperature") == 0.0
    assert shaped == plain


def test_a_prompt_as_it_stands_is_sent_with_the_chat_s_own_options() -> None:
    """The same window, the same bound: else the raw prefill reloads the model it is to warm."""
    body: dict[str, Any] = json.loads(raw_body(question(num_predict=1, keep_alive="-1"), CHATML))

    assert body == {
        "model": NAME,
        "prompt": CHATML,
        "raw": True,
        "stream": True,
        "think": False,
        "truncate": False,
        "keep_alive": -1,
        "options": {"num_ctx": 4096, "num_predict": 1},
    }


@pytest.mark.parametrize("think", [False, "low", True])
def test_no_thoughts_are_looked_for_behind_a_prompt_as_it_stands(think: Any) -> None:
    """Absent means *on*, and the server then holds text back in which it looks for thoughts."""
    assert json.loads(raw_body(question(think=think), "x"))["think"] is False


def test_zero_reloads_are_caused_by_all_that_is_asked_ahead() -> None:
    """One differing option, and the model is loaded again while the person waits."""

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        for request in (ONLY_LOADED, question(), question(schema=SCHEMA, temperature=0.0, num_predict=96)):
            assert (await hear(provider, request)).ended
        assert (await hear_raw(provider, CHATML)).ended
        with suppress(RequestRejected):  # a server that shows nothing has been asked all the same
            await provider.render(question("\ue000"))
        assert (await hear(provider, question("the next one"))).ended
        await provider.aclose()

    script = Script(loaded=(Loaded(NAME, 4096),), fault=None)
    with OllamaServer(script) as server:
        asyncio.run(main(server))
        assert (server.loads, server.reloads) == (0, 0)


# ---- only loading ----


def test_a_model_is_loaded_without_a_word() -> None:
    """It is what the start does behind the first paint; the answer says nothing and is whole."""
    with OllamaServer(Script(load_s=0.05)) as server:
        heard = ask(server, ONLY_LOADED)
        sent = server.requests(CHAT)[0].body
        assert server.loads == 1

    assert [type(piece) for piece in heard.pieces if not isinstance(piece, Ended)] == [
        type(wait) for wait in heard.waits
    ]
    assert heard.ended is not None
    assert heard.ended.reason == "stop"
    assert heard.ended.load_ms >= 50.0
    assert sent["messages"] == []
    assert sent["options"] == {"num_ctx": 4096}  # a bound of 1 would be one token, a bound of 0 none at all
    assert sent["keep_alive"] == "30m"


def test_an_answer_s_own_load_time_is_left_as_the_server_says_it() -> None:
    """Only where it tells none, ours stands in for it: waiting in a queue is no loading."""
    with OllamaServer(Script(load_s=0.05, ttft_s=0.1)) as server:
        heard = ask(server, limits=PATIENT)

    assert heard.ended is not None
    assert 50.0 <= heard.ended.load_ms < 150.0


@pytest.mark.parametrize("word", ["0", "0s", "0m0s", "-0", "0.0h"])
def test_a_model_that_is_not_to_stay_is_not_unloaded_by_loading_it(word: str) -> None:
    """To Ollama "no messages, keep for 0" means *unload*, and others may be using the model."""
    with OllamaServer(Script(loaded=(Loaded(NAME, 4096),))) as server:
        heard = ask(server, question(messages=(), keep_alive=word))
        assert not server.log

    assert heard.ended == Ended("stop")


@pytest.mark.parametrize("word", ["30m", "-1", "1", "0h5m", "0.5s", "600", ""])
def test_every_other_word_keeps_a_model(word: str) -> None:
    """The guard against unloading must not keep a model from being loaded."""
    assert not is_unloading(word)


def test_a_missing_model_is_told_when_it_is_to_be_loaded() -> None:
    """The start looks behind itself, and the screen then names the next step."""
    with OllamaServer() as server:
        heard = ask(server, question(model="gone:1b", messages=()))

    assert isinstance(heard.error, ModelMissing)


# ---- the prompt shown ----


def test_the_prompt_is_shown_as_the_model_is_given_it() -> None:
    """The typed text is put behind it byte by byte, so nothing of it may be made harmless on the way."""
    odd = "<|im_start|>system\n\x1b[0m\u202e\ue000<|im_end|>\n"

    with OllamaServer(Script(fault=Fault.RAW, raw_body=rendered(odd))) as server:
        assert show(server) == [odd]
        sent = server.requests(CHAT)[0].body

    assert sent["_debug_render_only"] is True
    assert sent["stream"] is False
    assert sent["options"] == {"num_ctx": 4096, "num_predict": 1}
    assert (sent["think"], sent["truncate"], sent["keep_alive"]) == (False, False, "30m")


@pytest.mark.parametrize(
    "body",
    [
        b'{"message":{"role":"assistant","content":"Hello"},"done":true,"done_reason":"length"}',
        b'{"_debug_info":null}',
        b'{"_debug_info":{"rendered_template":7}}',
        b'{"_debug_info":{"rendered_template":""}}',
        b'{"_debug_info":["x"]}',
        rendered("<｜begin▁of▁sentence｜>hi"),
    ],
)
def test_a_server_that_answers_instead_is_asked_only_once(body: bytes) -> None:
    """An older one reads the whole prompt and writes a token: dear, and of no use a second time."""
    with OllamaServer(Script(fault=Fault.RAW, raw_body=body)) as server:
        seen = show(server, times=3)
        assert len(server.requests(CHAT)) == 1

    assert [type(each) for each in seen] == [RequestRejected] * 3
    assert all(isinstance(each, RequestRejected) and each.remedy for each in seen)


def test_what_fails_in_passing_may_be_asked_again() -> None:
    """A busy server says nothing about whether it can show prompts."""
    script = Script(fault=Fault.BUSY, fault_times=1, reply=("Hi",))
    with OllamaServer(script) as server:
        first, second = show(server, times=2)
        assert len(server.requests(CHAT)) == 2

    assert isinstance(first, ProviderBusy)
    assert not isinstance(second, ProviderBusy)


def test_a_beginning_that_the_tokenizer_writes_itself_is_not_sent_back() -> None:
    """LFM2 begins by itself: twice begun, nothing that was read before would fit, and all is read again."""
    told = "<|startoftext|><|im_start|>user\nhi"

    with OllamaServer(Script(fault=Fault.RAW, raw_body=rendered(told))) as server:
        assert show(server) == ["<|im_start|>user\nhi"]
        server.script = Script(fault=Fault.RAW, raw_body=rendered("<|startoftext|>hi<|extra_0|>"))
        assert show(server) == ["<|startoftext|>hi<|extra_0|>"]


def test_a_prompt_is_not_waited_for_when_nobody_wants_it_any_more() -> None:
    """The first key ends it: its connection is closed at once."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        task = asyncio.ensure_future(provider.render(question()))
        await asyncio.to_thread(server.wait_for, lambda record: record.path == CHAT)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await provider.aclose()
        assert not left_running()

    with OllamaServer(Script(fault=Fault.STALL, stall_s=30.0)) as server:
        asyncio.run(main(server))
        server.wait_for(lambda record: record.outcome)


# ---- gone on from ----


def test_ollama_shows_prompts_and_goes_on_from_them() -> None:
    """What the raw recipe of hybrid models needs; who asks finds out by this."""
    with OllamaServer() as server:
        assert isinstance(at(server), Renders)


def test_a_prompt_is_gone_on_from_as_it_stands() -> None:
    """Pieces from the other field, counts and end as for a chat."""
    with OllamaServer(Script(reply=("I", " undo"))) as server:
        heard = ask_raw(server, CHATML + "How do", question(num_predict=9))
        record = server.requests(GENERATE)[0]

    assert heard.text == "I undo"
    assert record.body["prompt"] == CHATML + "How do"
    assert heard.ended is not None
    assert (heard.ended.reason, heard.ended.output_tokens) == ("stop", 2)
    assert heard.ended.input_tokens == -(-len(CHATML + "How do") // 4)


def test_one_token_is_one_token() -> None:
    """A prefill writes as little as can be asked for; 0 would be without an end."""
    with OllamaServer() as server:
        heard = ask_raw(server, CHATML)

    assert heard.ended is not None
    assert (heard.ended.reason, heard.ended.output_tokens) == ("length", 1)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.CUT_LINE, StreamCut),
        (Fault.RESET, StreamCut),
        (Fault.NO_END, StreamCut),
        (Fault.STALL_MIDWAY, NothingHeard),
        (Fault.SILENT, NothingHeard),
        (Fault.MODEL_MISSING, ModelMissing),
    ],
)
def test_every_way_to_break_has_the_same_name_as_in_a_chat(fault: Fault, kind: type[ProviderError]) -> None:
    """One reader for both shapes: a second one would forget what the first has learnt."""
    with OllamaServer(Script(fault=fault)) as server:
        limits = SHORT if kind is NothingHeard else PATIENT
        heard = ask_raw(server, CHATML, question(), limits)

    assert type(heard.error) is kind
    assert heard.error.remedy


def test_a_prompt_beyond_the_window_is_refused_and_not_cut() -> None:
    """Cut at its beginning it would be another prompt, and the answer one to another question."""
    with OllamaServer() as server:
        heard = ask_raw(server, "word " * 5000)

    assert isinstance(heard.error, PromptTooLong)


def test_a_long_prompt_is_given_the_time_to_be_read() -> None:
    """The messages do not count here; the prompt does, at the slowest machine's pace."""

    async def main(server: OllamaServer) -> Heard:
        return await hear_raw(at(server), "word " * 400, question(messages=(), num_predict=1))

    # Loaded, so that 0.3 s is the limit without a prompt; 500 tokens at 25 a second make it 20 s more.
    with OllamaServer(Script(ttft_s=0.6, loaded=(Loaded(NAME, 4096),))) as server:
        heard = asyncio.run(main(server))

    assert heard.ended is not None


def test_closing_closes_the_socket_at_once() -> None:
    """The first key pre-empts; until the server has noticed, the person's own request waits behind it."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        pieces = provider.stream_raw(question(), CHATML)
        await anext(pieces)
        begun = asyncio.get_running_loop().time()
        await pieces.aclose()
        assert asyncio.get_running_loop().time() - begun < 0.05
        assert await asyncio.to_thread(eventually, lambda: bool(server.requests(GENERATE)[0].outcome)), (
            server.log
        )
        await provider.aclose()
        assert not left_running()

    with OllamaServer(Script(reply="word " * 2000, tokens_per_s=50.0)) as server:
        asyncio.run(main(server))


# ---- shown and gone on from: a machine with a prefix cache ----


@pytest.mark.parametrize("family", ["llama", "gemma3", "mistral3", "qwen3", "qwen35", "lfm2"])
def test_what_is_read_raw_is_the_beginning_of_what_is_asked(family: str) -> None:
    """To the letter, from the very first token on: else the prefill was for nothing, and in the way."""
    asked = "How do I go back to the branch that I was on before this one, with all of my changes?"

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        shown = await provider.render(question("\ue000", num_predict=1))
        head = shown[: shown.index("\ue000")]
        assert (await hear_raw(provider, head + asked[:60])).ended
        assert (await hear(provider, question(asked))).ended
        await provider.aclose()

    script = Script(models=(Model(NAME, family=family),), pace=Pace())
    with OllamaServer(script) as server:
        asyncio.run(main(server))
        record = server.requests(CHAT)[-1]

    assert record.cached_tokens is not None
    assert record.cached_tokens >= 60 // 4
    assert record.computed_tokens is not None
    assert record.computed_tokens <= 25


@pytest.mark.parametrize("family", ["llama", "gemma3", "mistral3", "qwen3", "qwen35", "lfm2"])
def test_an_answer_that_is_gone_on_with_raw_is_the_same_answer(family: str) -> None:
    """Whatever the template does to an answer that comes last: behind the prompt itself, it is open."""
    reply = ("Use", " `git", " switch", " -`", ", which", " goes", " back", ".")

    async def main(server: OllamaServer) -> str:
        provider, asked = at(server, PATIENT), question("How?")
        head = "Use `git switch"
        heard = await hear_raw(provider, await provider.render(asked) + head, asked)
        await provider.aclose()
        return head + heard.text

    with OllamaServer(Script(models=(Model(NAME, family=family),), reply=reply, pace=Pace())) as server:
        assert asyncio.run(main(server)) == "".join(reply)


# ---- the model's family ----


@pytest.mark.parametrize("says", [True, False])
def test_the_family_is_known_from_servers_of_every_age(says: bool) -> None:
    """By it the recipe is chosen: a hybrid model gains nothing from a chat-shaped prefill."""
    models = (Model("lfm2.5:1b", family="lfm2"),)

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        (listed,) = (await provider.look()).models
        assert listed.family == "lfm2"
        await provider.aclose()

    with OllamaServer(Script(models=models, tags_say_capabilities=says)) as server:
        asyncio.run(main(server))


def test_the_family_of_a_model_that_no_list_names_is_shown() -> None:
    """A model may be named that the list did not hold yet; what is shown of it fills the gap."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        assert (await provider.show(ModelInfo(NAME))).family == "qwen35"
        assert (await provider.show(ModelInfo(NAME, family="known"))).family == "known"
        await provider.aclose()

    with OllamaServer() as server:
        asyncio.run(main(server))


def test_an_equal_request_is_sent_as_equal_bytes() -> None:
    """What was made ahead is taken for the person's own request when the two are equal, and only then."""
    messages = (Message(Role.USER, "hi"),)
    one = Request(NAME, messages, Profile(4096), 9, usual_load_ms=1.0)
    same = Request(NAME, messages, Profile(4096), 9, usual_load_ms=2.0)
    others = [
        Request(NAME, messages, Profile(4096), 9, schema=SCHEMA),
        Request(NAME, messages, Profile(4096), 9, temperature=0.0),
        Request(NAME, messages, Profile(8192), 9),
        Request(NAME, messages, Profile(4096), 8),
        Request(NAME, (*messages, Message(Role.ASSISTANT, "x")), Profile(4096), 9),
    ]

    assert one == same
    assert chat_body(one) == chat_body(same)
    assert all(one != other and chat_body(one) != chat_body(other) for other in others)

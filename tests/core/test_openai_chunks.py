"""The stream as pieces, without a socket: every dialect's fields, every end, and every cut has an outcome."""

import json

import pytest

from core.errors import (
    AccessRefused,
    ProtocolBroken,
    ProviderError,
    RequestRejected,
    ServerFailed,
)
from core.events import TextDelta, ThinkingDelta
from core.providers.base import Ended
from core.providers.openai.body import OPTIONAL, WISHES, Dialect, build, refused_field
from core.providers.openai.chunks import Chunks, Said
from tests.core.ollama_door import question


def chunk(delta: dict[str, object] | None = None, finish: str | None = None, **more: object) -> bytes:
    """One event of the stream."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


def counts(**usage: object) -> bytes:
    """The last chunk, without a choice."""
    return b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
OPENAI = (
    chunk({"role": "assistant", "content": ""})
    + chunk({"content": "Use `git switch`, "})
    + chunk({"content": "Zoë\u0085\u2028 — 🌍."})
    + chunk(finish="stop")
    + counts(prompt_tokens=57, completion_tokens=5, prompt_tokens_details={"cached_tokens": 40})
    + DONE
)
LLAMA_SERVER = (
    chunk({"role": "assistant", "content": None})
    + chunk({"reasoning_content": "He asks of git."})
    + chunk({"content": "git switch"})
    + chunk(finish="length", timings={"prompt_ms": 12.5, "predicted_ms": 40.0, "cache_n": 7})
    + DONE
)
VLLM = chunk({"reasoning": "Well."}) + chunk({"content": "Yes."}) + chunk(finish="stop") + DONE
ROUTER = (
    b": OPENROUTER PROCESSING\n\n"
    + chunk({"content": "", "reasoning": None, "reasoning_details": [{"text": "Hm."}]})
    + chunk({"content": "Yes."}, finish="stop")
    + counts(prompt_tokens=3, completion_tokens=1, cost=0.1)
    + DONE
)
INLINE = b"".join(
    (
        *(
            chunk({"content": part})
            for part in ("<th", "ink>\nHe asks", " so.\n</thi", "nk>\n\n", "\nIt is.")
        ),
        chunk(finish="stop"),
        DONE,
    )
)
WITHOUT_DONE = chunk({"content": "Yes."}) + chunk(finish="stop")
RECORDINGS = {
    "openai": OPENAI,
    "llama-server": LLAMA_SERVER,
    "vllm": VLLM,
    "router": ROUTER,
    "inline": INLINE,
    "crlf": VLLM.replace(b"\n", b"\r\n"),
    "without done": WITHOUT_DONE,
}


def understand(*parts: bytes) -> list[Said]:
    """All pieces of a stream that came in these parts, to its end."""
    chunks = Chunks("m")
    pieces = [piece for part in parts for piece in chunks.feed(part)]
    return [*pieces, *chunks.finish()]


def told(pieces: list[Said]) -> tuple[str, str, Ended | None]:
    """Text, thinking and the end."""
    text = "".join(piece.text for piece in pieces if isinstance(piece, TextDelta))
    thinking = "".join(piece.text for piece in pieces if isinstance(piece, ThinkingDelta))
    last = pieces[-1] if pieces else None
    return text, thinking, last if isinstance(last, Ended) else None


@pytest.mark.parametrize(
    ("sent", "text", "thinking", "ended"),
    [
        (
            OPENAI,
            "Use `git switch`, Zoë\u0085\u2028 — 🌍.",
            "",
            Ended("stop", input_tokens=57, output_tokens=5, cached_tokens=40),
        ),
        (
            LLAMA_SERVER,
            "git switch",
            "He asks of git.",
            Ended("length", prefill_ms=12.5, decode_ms=40.0, server_ms=52.5, cached_tokens=7),
        ),
        (VLLM, "Yes.", "Well.", Ended("stop")),
        (ROUTER, "Yes.", "Hm.", Ended("stop", input_tokens=3, output_tokens=1)),
        (INLINE, "It is.", "\nHe asks so.\n", Ended("stop")),
        (WITHOUT_DONE, "Yes.", "", Ended("stop")),
        (chunk({"content": "Yes."}) + DONE, "Yes.", "", Ended("stop")),
        (chunk({"content": "write <think> as it is"}) + DONE, "write <think> as it is", "", Ended("stop")),
        (chunk({"content": " <b>"}) + DONE, " <b>", "", Ended("stop")),
        (chunk({"content": "<thi"}) + DONE, "<thi", "", Ended("stop")),
        (chunk({"refusal": "I will not."}) + DONE, "I will not.", "", Ended("stop")),
        (
            counts(prompt_tokens=True, completion_tokens=float("inf"), prompt_tokens_details=3) + DONE,
            "",
            "",
            Ended("stop"),
        ),
    ],
)
def test_each_dialect_gives_text_thinking_and_counts(
    sent: bytes, text: str, thinking: str, ended: Ended
) -> None:
    """Reading one dialect's fields only would lose the thinking of the others, and spoil their times."""
    assert told(understand(sent)) == (text, thinking, ended)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_stream_cut_at_any_byte_is_whole_or_has_no_end(name: str) -> None:
    """What came before the cut is kept, and never taken for a whole answer before its reason was told."""
    sent = RECORDINGS[name]
    text, thinking, _ = told(understand(sent))
    reason_at = sent.index(b'"finish_reason": "')
    for cut in range(len(sent)):
        cut_text, cut_thinking, ended = told(understand(sent[:cut]))
        assert text.startswith(cut_text) or name == "inline"
        assert thinking.startswith(cut_thinking) or name == "inline"
        assert ended is None or cut > reason_at
        assert ended is not None or cut < len(sent.rstrip()) or name == "without done"


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_stream_in_two_parts_says_the_same(name: str) -> None:
    """A character, a line or a mark may lie on both sides of a cut."""
    sent = RECORDINGS[name]
    for cut in range(len(sent)):
        assert told(understand(sent[:cut], sent[cut:])) == told(understand(sent))


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        (b'data: {"error":{"message":"CUDA error","type":"server_error"}}\n\n', ServerFailed, "CUDA error"),
        (b'data: {"error":"it broke"}\n\n', ServerFailed, "it broke"),
        (b'error: {"code":500,"message":"slot lost"}\n\n', ServerFailed, "slot lost"),
        (b'event: error\ndata: {"message":"gone"}\n\n', ServerFailed, "gone"),
        (b'data: {"error":{"message":"pay first","code":"insufficient_quota"}}\n\n', AccessRefused, "credit"),
        (chunk(finish="content_filter"), RequestRejected, "filter"),
        (chunk(finish="error"), ServerFailed, "error"),
        (b"data: <<< no JSON >>>\n\n", ProtocolBroken, "no JSON"),
        (b'data: {"error":{"message":"\\u001b[31mred"}}\n\n', ServerFailed, "red"),
    ],
)
def test_a_failure_in_the_middle_has_its_name(sent: bytes, kind: type[ProviderError], words: str) -> None:
    """HTTP said 200 long ago; the failure must not look like a short answer, nor bring its escapes along."""
    chunks = Chunks("m")
    kept: list[Said] = list(chunks.feed(chunk({"content": "so far"})))
    with pytest.raises(kind) as raised:
        kept += chunks.feed(sent)
    assert told(kept)[0] == "so far"
    assert words in raised.value.message
    assert "\x1b" not in raised.value.message


def test_an_answer_that_is_no_stream_is_taken_too() -> None:
    """Some gateways ignore ``stream`` and answer in one piece."""
    body = json.dumps({"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}).encode()
    assert told(list(Chunks("m").whole(body))) == ("Yes.", "", Ended("stop"))


def test_the_request_says_what_every_server_knows_and_leaves_out_what_one_refused() -> None:
    """One field too many, and a strict server answers nothing at all."""
    call = build(question(num_predict=99))
    body = json.loads(call.body)
    assert call.path == "/chat/completions"
    assert body == {
        "model": "qwen3.5:4b",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 99,
    }
    assert refused_field("unknown field: stream_options", frozenset()) == "stream_options"
    assert refused_field("unknown field: stream_options", frozenset({"stream_options"})) == ""
    assert "stream_options" not in json.loads(build(question(), omitted=frozenset({"stream_options"})).body)
    known = json.loads(build(question(), Dialect(can_stop_thinking=True)).body)
    assert known["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_shape_is_asked_for_in_this_protocol_s_words() -> None:
    """Offered questions come as a list; without the shape a small model writes a letter around it."""
    body = json.loads(build(question(schema='{"type":"array"}', temperature=0.0)).body)

    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": {"type": "array"}},
    }
    assert body["temperature"] == 0.0
    refused = "Unsupported value: 'temperature' does not support 0 with this model."
    assert refused_field(refused, frozenset(), OPTIONAL + WISHES) == "temperature"
    assert refused_field(refused, frozenset()) == ""

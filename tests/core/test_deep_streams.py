"""Deep answers without a socket: every protocol's recordings, whole, cut anywhere, with unknown things."""

import json
import re
from collections import Counter
from random import Random
from typing import Any, get_args

import pytest

from core.providers.deep.calls import DeepEvent, Failed, Finished, Queued, Reason
from core.providers.sse import MAX_EVENT_BYTES
from tests.core.deep_door import ASKED, FOLDER, INDEX, Told, read, recording, wire

ALL = pytest.mark.parametrize("stream", INDEX, ids=lambda stream: stream["file"])
ODD = "a\u0085b\u2028c\u2029d"


def understand(stream: dict[str, Any], *parts: bytes) -> Told:
    """What the stream's protocol makes of these bytes."""
    return read(wire(stream["wire"]).reader(ASKED), parts)


def lines_of(stream: dict[str, Any]) -> list[bytes]:
    """The recording's events, each with its end."""
    mark = b"\n" if stream["wire"] == "ollama" else b"\n\n"
    return [part + mark for part in recording(stream).split(mark)[:-1]]


def test_there_are_recordings_of_every_kind_and_each_names_its_source() -> None:
    """A protocol that is tried only when all goes well is not tried."""
    assert len(INDEX) >= 24
    assert {path.name for path in FOLDER.iterdir()} == {stream["file"] for stream in INDEX} | {"index.toml"}
    assert all(len(stream["source"]) > 20 for stream in INDEX)
    assert min(Counter(stream["wire"] for stream in INDEX).values()) >= 7
    for protocol in ("openai", "anthropic", "ollama"):
        ends = {stream.get("reason") or stream["failed"] for stream in INDEX if stream["wire"] == protocol}
        assert {"stop", "length", "cut", "server_error"} <= ends


@ALL
def test_a_recording_comes_to_what_its_index_says(stream: dict[str, Any]) -> None:
    """Text, thinking, counts, money and the end, by every name that a provider has for them."""
    told = understand(stream, recording(stream))

    assert told.text == stream["text"]
    assert told.thinking == stream.get("thinking", "")
    usage = told.usage
    counted = (usage.input_tokens, usage.cached_tokens, usage.cache_write_tokens)
    assert counted == tuple(stream.get(name, 0) for name in ("input", "cached", "cache_write"))
    assert (usage.thinking_tokens, usage.output_tokens) == (stream.get("thought", 0), stream.get("output", 0))
    assert usage.usd == stream.get("usd")
    if "model" in stream:
        assert told.models == [stream["model"]]
    if "reason" in stream:
        assert told.finish.reason == stream["reason"]
        assert (told.finish.shortfall is None) == (told.finish.reason is Reason.STOP)
    else:
        assert (told.failure.error.kind, told.failure.is_partial) == (stream["failed"], stream["partial"])


@ALL
def test_what_a_person_sees_of_a_bad_end_helps(stream: dict[str, Any]) -> None:
    """A sentence, a remedy, and something that can be pressed."""
    end = understand(stream, recording(stream)).end
    error = end.error if isinstance(end, Failed) else end.shortfall
    if error is None:
        return
    assert error.message
    assert error.remedy.endswith(".")
    assert error.ways
    assert stream.get("why", "") in error.message


@ALL
def test_where_the_pieces_of_a_recording_are_cut_does_not_matter(stream: dict[str, Any]) -> None:
    """Bytes come as the network likes, characters in halves as well."""
    body = recording(stream)
    whole = understand(stream, body)
    assert understand(stream, *(body[at : at + 1] for at in range(len(body)))).text == whole.text
    for cut in range(1, len(body), 3):  # every place is a cut above; here the pieces are long
        told = understand(stream, body[:cut], body[cut:])
        assert (told.text, told.thinking, told.usage) == (whole.text, whole.thinking, whole.usage)
        assert type(told.end) is type(whole.end)


@ALL
def test_what_nobody_knows_changes_nothing(stream: dict[str, Any]) -> None:
    """Protocols grow: unknown events and fields, keep-alives and other line ends are passed over."""
    whole = understand(stream, recording(stream))
    is_lines = stream["wire"] == "ollama"
    noise = [b"\n", b'{"surprise":{"a":[1]}}\n', b"\r\n"] if is_lines else [
        b": keep-alive\n\n",
        b'event: surprise\ndata: {"type":"surprise","error":null,"choices":null}\n\n',
        b"retry: 3000\nid: 7\n\n",
        b"\n\n",
    ]  # fmt: skip
    told = understand(stream, *(part for line in lines_of(stream) for part in (*noise, line)))
    assert (told.text, told.thinking, told.usage) == (whole.text, whole.thinking, whole.usage)
    assert type(told.end) is type(whole.end)
    with_returns = understand(stream, recording(stream).replace(b"\n", b"\r\n"))
    assert (with_returns.text, type(with_returns.end)) == (whole.text, type(whole.end))


def spoiled(stream: dict[str, Any]) -> bytes:
    """The recording with odd characters in its text, and between its events what nobody knows."""
    is_lines = stream["wire"] == "ollama"
    noise = [b"\n", b'{"surprise":1}\n', b"\r\n"] if is_lines else [
        b": keep-alive\n\n",
        b'event: surprise\ndata: {"type":"surprise"}\n\n',
        b"id: 7\n\n",
    ]  # fmt: skip
    odd = [_odd(line.decode()).encode() for line in lines_of(stream)]
    return b"".join(noise[place % len(noise)] + line for place, line in enumerate(odd))


def _odd(text: str) -> str:
    for said in ("The pool keeps it; ", "task"):
        text = text.replace(said, said + ODD)
    return text


@ALL
def test_a_spoiled_recording_cut_at_every_byte_ends_once_and_in_words(stream: dict[str, Any]) -> None:
    """The network cuts where it likes: what was whole is kept, and an end is never made up.

    With keep-alives, unknown events, and U+0085 and U+2028 as they are, all at the same time.
    """
    body = spoiled(stream)
    whole = understand(stream, body)
    assert whole.text == _odd(stream["text"])
    assert whole.thinking == _odd(stream.get("thinking", ""))
    for cut in range(len(body) + 1):
        told = understand(stream, body[:cut])
        # A mark that is cut itself may still be text.
        assert whole.text.startswith(told.text) or "<think>".startswith(told.text)
        assert whole.thinking.startswith(re.sub(r"<(/(t(h(i(n(k)?)?)?)?)?)?$", "", told.thinking))
        end = told.end
        if isinstance(end, Finished):
            assert isinstance(whole.end, Finished)
            assert end.reason == whole.end.reason
            assert told.text == whole.text
        elif isinstance(whole.end, Finished) or end.error.kind != whole.failure.error.kind:
            assert end.error.kind == "cut", (cut, end.error.message)


VALUES = ("null", "7", "-1e999", '"x"', "[]", "{}", "[[]]", '[{"a":1}]', "true", '"\\ud800"')


@ALL
def test_bytes_that_went_wrong_end_once_and_in_words(stream: dict[str, Any]) -> None:
    """A proxy that mangles, a server with a bug: anything may stand where something else should."""
    body, dice = recording(stream), Random(7)
    values = [match.span(1) for match in re.finditer(rb':("[^"]*"|\d+|null|\[|\{)', body)]
    for _ in range(60):
        mangled = bytearray(body)
        if dice.random() < 0.5 and values:
            begin, end = dice.choice(values)
            mangled[begin:end] = dice.choice(VALUES).encode()
        else:
            for _ in range(dice.randint(1, 4)):
                mangled[dice.randrange(len(mangled))] = dice.randrange(256)
        cut = dice.randrange(len(mangled))
        assert understand(stream, bytes(mangled[:cut]), bytes(mangled[cut:])).end


@pytest.mark.parametrize("protocol", ["openai", "anthropic", "ollama"])
@pytest.mark.parametrize(
    "noise",
    [
        b"<html>no</html>\n\n",
        b"data: [1,2]\n\n",
        b"data: {\n\n",
        b"[" * 100_000 + b"\n\n",
        b"\xff\xfe\n\n",
        b"null\n",
    ],
    ids=["page", "list", "half", "deep", "bytes", "null"],
)
def test_what_is_not_the_protocol_ends_in_words(protocol: str, noise: bytes) -> None:
    """A portal's page or another service must not be waited for, nor crash anything."""
    told = read(wire(protocol).reader(ASKED), [noise, b"data: " + noise])
    assert isinstance(told.end, Failed)
    assert told.end.error.kind in ("protocol", "cut")


@pytest.mark.parametrize("protocol", ["openai", "anthropic", "ollama"])
def test_a_line_beyond_eight_megabytes_is_refused(protocol: str) -> None:
    """What has no end would fill the memory; what came before is kept."""
    stream = next(each for each in INDEX if each["file"].startswith(f"{protocol}-") and each["text"])
    head = lines_of(stream)[:-3]
    reader = wire(protocol).reader(ASKED)
    told = Told()
    for part in [*head, b"data: ", *[b"x" * 2**20] * (MAX_EVENT_BYTES // 2**20 + 2)]:
        told.events += reader.feed(part)
    assert told.failure.error.kind == "protocol"
    assert list(reader.feed(b"more")) == list(reader.finish()) == []


def test_odd_numbers_and_types_are_no_counts() -> None:
    """A server may send anything; the counts are for money, and nonsense must not become any."""
    usage = {"prompt_tokens": True, "completion_tokens": 1e400, "cost": "free", "prompt_tokens_details": 3}
    chunk = {"id": 3, "model": ["x"], "choices": [{"delta": {"content": 7}, "finish_reason": "stop"}]}
    body = b"data: " + json.dumps({**chunk, "usage": usage}).encode() + b"\n\ndata: [DONE]\n\n"
    told = read(wire("openai").reader(ASKED), [body])
    assert told.finish.reason is Reason.STOP
    assert (told.usage.input_tokens, told.usage.output_tokens, told.usage.usd) == (0, 0, None)


def test_a_reason_that_nobody_knows_is_shown_as_it_is() -> None:
    """A new word for an end is no crash, and no silent success."""
    body = b'data: {"choices":[{"delta":{},"finish_reason":"moon\\u001bphase"}]}\n\ndata: [DONE]\n\n'
    finish = read(wire("openai").reader(ASKED), [body]).finish
    assert finish.reason is Reason.OTHER
    assert finish.shortfall is not None
    assert "moon\ufffdphase" in finish.shortfall.message


def test_a_cloud_model_behind_a_local_server_says_where_it_runs() -> None:
    """A question that leaves this machine must never be called local."""
    stream = next(each for each in INDEX if each["file"] == "ollama-cloud.ndjson")
    assert understand(stream, recording(stream)).hosts == ["https://ollama.com:443"]


MESSAGE = {
    "choices": [
        {"message": {"content": "Yes.", "reasoning_content": "Hm."}, "finish_reason": "length"},
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2},
}
BLOCKS = {
    "type": "message",
    "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}],
    "stop_reason": "max_tokens",
    "usage": {"input_tokens": 3, "output_tokens": 2},
}


@pytest.mark.parametrize(("protocol", "sent"), [("openai", MESSAGE), ("anthropic", BLOCKS)])
def test_a_server_that_does_not_stream_is_understood_as_well(protocol: str, sent: dict[str, object]) -> None:
    """Some servers and gateways ignore the wish; cut anywhere, their object is no answer."""
    body = json.dumps(sent, indent=2).encode()
    told = read(wire(protocol).reader(ASKED), (body[at : at + 7] for at in range(0, len(body), 7)))
    assert (told.text, told.thinking, told.usage.output_tokens) == ("Yes.", "Hm.", 2)
    assert told.finish.reason is Reason.LENGTH
    for cut in range(len(body)):
        assert read(wire(protocol).reader(ASKED), [body[:cut]]).failure.error.kind == "cut"


def test_a_keepalive_says_that_one_waits_and_a_ping_is_only_life() -> None:
    """The panel shows the difference between a queue and an answer under way."""
    for stream in INDEX:
        if "queued" in stream:
            assert stream["queued"] in understand(stream, *lines_of(stream)).queued


def test_no_event_of_a_call_is_equal_to_one_of_another_kind() -> None:
    """They are tuples, which compare by content alone: a test would take one for the other, and pass."""
    kinds = [each for each in get_args(DeepEvent) if issubclass(each, tuple)]
    alike = [tuple.__new__(each, ("", None, None)) for each in kinds]
    assert len(kinds) >= 8
    assert all((one == other) is (one is other) for one in alike for other in alike)
    assert not any((one != other) is (one is other) for one in alike for other in alike)
    assert Queued("a") == Queued("a") != Queued("b")
    assert len({Queued("a"), Queued("a")}) == 1

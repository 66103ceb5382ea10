"""Streams that are cut, changed and broken: each ends in `Ended` or in an error with a name, in time."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.errors import ModelLoadFailed, ProviderError, StreamCut
from core.events import TextDelta, ThinkingDelta
from core.providers.address import Address
from core.providers.base import Ended
from core.providers.link import Link
from core.providers.ollama import failures
from core.providers.ollama.calls import ChatCall, RawCall
from core.providers.ollama.chat import Chat
from tests.core.ollama_door import PATIENT, Heard, at, hear, question
from tests.server import Fault, OllamaServer, Script

HERE = Path(__file__).parent
EXAMPLES = {path.stem: path.read_bytes() for path in sorted(HERE.glob("streams/*.ndjson"))}
RAW_EXAMPLES = {path.stem: path.read_bytes() for path in sorted(HERE.glob("generate_streams/*.ndjson"))}
SEED = 20260821
AT_MOST_S = 1.0


class Bytes(httpx.AsyncByteStream):
    """A body that comes in the pieces it is given."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def fed(pieces: list[bytes], *, is_raw: bool = False) -> Heard:
    """What the real chat makes of a body, without a socket; or what goes on from a prompt."""
    link = Link(Address("http", "127.0.0.1", 11434), {})

    async def send(_body: bytes) -> httpx.Response:
        return httpx.Response(200, stream=Bytes(pieces))

    async def loaded() -> frozenset[str]:
        return frozenset()

    call = RawCall(question(), "hi") if is_raw else ChatCall(question())
    chat = Chat(call, send, loaded, lambda error: failures.explain(error, link), time.perf_counter, PATIENT)
    heard, began = Heard(), time.perf_counter()
    try:
        async with aclosing(chat.pieces()) as stream:
            async for piece in stream:
                heard.pieces.append(piece)
    except ProviderError as error:
        heard.error = error
    heard.took_s = time.perf_counter() - began
    return heard


def outcome(heard: Heard) -> str:
    """The name of how it ended; every check that holds for all streams is here."""
    assert (heard.ended is None) == (heard.error is not None), heard
    assert heard.took_s < AT_MOST_S, heard.took_s
    assert sum(isinstance(piece, Ended) for piece in heard.pieces) <= 1
    if heard.error is None:
        return "Ended"
    assert heard.error.message
    assert heard.error.remedy
    return type(heard.error).__name__


def promised(body: bytes) -> tuple[str, str, str]:
    """Answer, thinking and outcome that a cut body holds: every whole line before the end counts."""
    text = thinking = ""
    for line in body.split(b"\n"):
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if "error" in fields:
            return text, thinking, ModelLoadFailed.__name__
        message = fields.get("message") or {}
        text += message.get("content") or fields.get("response") or ""
        thinking += message.get("thinking") or fields.get("thinking") or ""
        if fields.get("done"):
            return text, thinking, "Ended"
    return text, thinking, StreamCut.__name__


def chunked(body: bytes, chance: random.Random) -> list[bytes]:
    """The body in pieces of random lengths."""
    pieces = []
    while body:
        size = chance.choice((1, 2, 7, 40, 200, 4096))
        pieces.append(body[:size])
        body = body[size:]
    return pieces


def mutated(chance: random.Random, examples: Mapping[str, bytes] = EXAMPLES) -> Iterator[bytes]:
    """Examples with bytes changed, taken out, put in twice, swapped, and lines of two mixed."""
    bodies = list(examples.values())
    odd = (b"\xff", b"\x00", b"\n", b'"', b"}", b"{", b"\\", b"\\ud83d", b"NaN", b"Infinity", b"-1", b"1e999")
    values = (b"null", b"[]", b"{}", b"true", b"9" * 400, b"-5", b'"x"', b"NaN", b"-Infinity", b"1e400")
    while True:
        body = bytearray(chance.choice(bodies))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(body) + 1)
            match chance.randrange(6):
                case 0:
                    body[place : place + 1] = bytes((chance.randrange(256),))
                case 1:
                    del body[place : place + chance.randint(1, 60)]
                case 2:
                    body[place:place] = chance.choice(odd)
                case 3:
                    body[place:place] = body[place : place + chance.randint(1, 80)]
                case 4:
                    lines = bytes(body).split(b"\n") + chance.choice(bodies).split(b"\n")
                    chance.shuffle(lines)
                    body = bytearray(b"\n".join(lines))
                case _:  # another value after a colon, so that it stays JSON and is another type
                    at_colon = body.find(b'":', place)
                    end = min(
                        (at for at in (body.find(b",", at_colon), body.find(b"}", at_colon)) if at > 0),
                        default=0,
                    )
                    if 0 < at_colon < end:
                        body[at_colon + 2 : end] = chance.choice(values)
        yield bytes(body)


@pytest.mark.parametrize("is_raw", [False, True], ids=["chat", "raw"])
def test_every_example_cut_at_every_byte_keeps_its_text_and_has_a_name(is_raw: bool) -> None:
    """A connection breaks anywhere; what came before is kept, and only `done` means finished."""
    counts: Counter[str] = Counter()
    examples = RAW_EXAMPLES if is_raw else EXAMPLES

    async def main() -> None:
        for name, body in examples.items():
            for cut in range(len(body) + 1):
                heard = await fed([body[:cut]] if cut else [], is_raw=is_raw)
                text, thinking, end = promised(body[:cut])
                assert (heard.text, heard.thinking, outcome(heard)) == (text, thinking, end), (name, cut)
                counts[end] += 1

    asyncio.run(main())
    print(f"\n{sum(counts.values())} cuts in {len(examples)} examples: {dict(counts)}")
    assert sum(counts.values()) > 1000
    assert set(counts) == {"Ended", "StreamCut", "ModelLoadFailed"}


@pytest.mark.parametrize("is_raw", [False, True], ids=["chat", "raw"])
def test_changed_streams_in_random_pieces_always_have_a_name(is_raw: bool) -> None:
    """Nothing that arrives may end in a traceback or in waiting for ever."""
    chance, counts = random.Random(SEED), Counter[str]()
    bodies = mutated(chance, RAW_EXAMPLES if is_raw else EXAMPLES)
    most = 800 if is_raw else 1600

    async def main() -> None:
        for body, _ in zip(bodies, range(most), strict=False):
            counts[outcome(await fed(chunked(body, chance), is_raw=is_raw))] += 1

    asyncio.run(main())
    print(f"\n{most} changed streams: {dict(counts)}")
    assert sum(counts.values()) == most


@pytest.mark.parametrize("fault", [Fault.RAW, Fault.RAW_CUT])
def test_cut_and_changed_streams_over_a_real_socket_always_have_a_name(fault: Fault) -> None:
    """The same through HTTP, chunks, kept connections and a server that closes in the middle."""
    chance, counts, begun = random.Random(SEED), Counter[str](), time.perf_counter()
    bodies: list[tuple[bytes, bool]] = []
    for body in EXAMPLES.values():
        bodies += [(body[: chance.randrange(1, len(body) + 1)], True) for _ in range(6)]
    bodies += [(body, False) for body, _ in zip(mutated(chance), range(65), strict=False)]

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        for body, is_cut in bodies:
            cuts = tuple(chance.randrange(len(body) + 1) for _ in range(chance.randint(0, 8)))
            server.script = replace(server.script, raw_body=body, raw_cuts=cuts)
            heard = await hear(provider, question())
            counts[outcome(heard)] += 1
            if is_cut:
                assert (heard.text, heard.thinking, outcome(heard)) == promised(body)
        await provider.aclose()

    with OllamaServer(Script(fault=fault)) as server:
        asyncio.run(main(server))
        server.wait_for(lambda record: record.outcome, count=len(server.log))  # it may hear of an end late
    print(f"\n{len(bodies)} over a socket ({fault}), {time.perf_counter() - begun:.1f} s: {dict(counts)}")
    assert sum(counts.values()) == len(bodies)


def test_numbers_without_end_are_no_numbers() -> None:
    """Python's JSON reads NaN, Infinity and integers of any length; Go never sends them, others may."""

    async def main() -> Heard:
        last = b'{"message":{"content":"x"},"done":true,"eval_count":%s,"load_duration":%s'
        last += b',"eval_duration":NaN}\n'
        return await fed([last % (b"9" * 400, b"Infinity")])

    heard = asyncio.run(main())

    assert heard.text == "x"
    assert heard.ended == Ended("stop")


def test_text_in_the_same_bytes_as_garbage_is_kept() -> None:
    """A fast server sends many lines in one packet; the last one may be broken."""
    body = EXAMPLES["plain"].split(b"\n")

    async def main() -> Heard:
        return await fed([b"\n".join((*body[:3], b"<garbage>", *body[3:]))])

    heard = asyncio.run(main())

    assert heard.text == "Use `git switch`"
    assert [type(piece) for piece in heard.pieces] == [TextDelta] * 3
    assert outcome(heard) == "ProtocolBroken"


def test_thinking_is_kept_apart_from_the_answer() -> None:
    """What a model thinks is not what it answers."""

    async def main() -> Heard:
        return await fed([EXAMPLES["thinking"]])

    heard = asyncio.run(main())

    assert heard.thinking == "The user wants git."
    assert heard.text == "Use `git switch`."
    assert [type(piece) for piece in heard.pieces] == [ThinkingDelta] * 2 + [TextDelta] * 2 + [Ended]


def test_an_empty_piece_is_not_the_end() -> None:
    """A transport may hand over nothing; that says nothing about the stream."""

    async def main() -> Heard:
        return await fed([b"", EXAMPLES["plain"][:150], b"", b"", EXAMPLES["plain"][150:]])

    assert asyncio.run(main()).ended is not None

"""A server without measure: numbers, depths, sizes and times that no honest one would send."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.errors import NothingHeard, ProtocolBroken
from core.providers.base import ModelInfo, PullProgress
from core.providers.ollama import chat
from core.providers.ollama.limits import Limits
from tests.core.ollama_door import NAME, PATIENT, SHORT, Heard, ask, at, hear, question, raises
from tests.core.raw_door import Say, again_and_again, saying, whole
from tests.server import Fault, OllamaServer, Script

LARGEST = 2**63 - 1
UNHURRIED = replace(SHORT, quick_s=10.0, report_s=10.0, checking_s=10.0)


def named(number: object) -> str:
    """A test's name for a number of any length."""
    return "vast" if number == 10**400 else str(number)


def heard(say: Say, limits: Limits = SHORT) -> Heard:
    """One question to a server that says this."""

    async def main() -> Heard:
        async with saying(say, limits) as provider, asyncio.timeout(20):
            return await hear(provider, question())

    return asyncio.run(main())


def pulled(body: bytes) -> list[PullProgress]:
    """The reports of a download."""

    async def main() -> list[PullProgress]:
        async with saying(whole(body), UNHURRIED) as provider:
            return [step async for step in provider.pull("a:1b")]

    return asyncio.run(main())


def reports(*lines: dict[str, object]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def last_line(**numbers: object) -> bytes:
    return reports({"message": {"content": "hi"}, "done": True, "done_reason": "stop", **numbers})


@pytest.mark.parametrize(
    "count", [LARGEST, 2**53 + 1, 10**400, -1, True, "7", float("nan"), float("inf")], ids=named
)
def test_a_count_that_cannot_be_true_is_not_reported(count: object) -> None:
    """2^63-1 became 2^63 on its way through a float, which SQLite does not take."""
    ended = heard(whole(last_line(eval_count=count, prompt_eval_count=count, load_duration=count))).ended

    assert ended is not None
    assert (ended.input_tokens, ended.output_tokens, ended.load_ms) == (0, 0, 0)


def test_a_count_is_taken_to_the_last_digit() -> None:
    """Whole numbers stay whole."""
    ended = heard(whole(last_line(eval_count=2**53 - 1, prompt_eval_count=7))).ended

    assert ended is not None
    assert (ended.input_tokens, ended.output_tokens) == (7, 2**53 - 1)
    assert type(ended.output_tokens) is int


@pytest.mark.parametrize(
    ("total", "completed"),
    [
        (10**400, 10**400),
        (1, 10**12),
        (10**400, 5),
        (5, 10**400),
        (-5, 3),
        (3, -5),
        (LARGEST, LARGEST),
        (0, 9),
    ],
    ids=named,
)
def test_a_download_never_has_more_than_all_of_it(total: int, completed: int) -> None:
    """A bar is drawn from these two numbers."""
    layers: list[dict[str, object]] = [
        {"status": "pulling", "digest": digest, "total": total, "completed": completed} for digest in "ab"
    ]

    for step in pulled(reports(*layers, {"status": "success"})):
        assert 0 <= step.total <= LARGEST
        assert 0 <= step.completed <= LARGEST
        assert step.completed <= step.total or not step.total


def test_a_report_of_great_depth_is_no_traceback() -> None:
    """Python's reader of JSON gives up with an error of its own kind."""
    deep = b'{"status":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"

    with raises(ProtocolBroken):
        pulled(reports({"status": "pulling manifest"}) + deep)


@pytest.mark.parametrize("separator", ["\u0085", "\u2028"])
def test_an_error_with_odd_newlines_blames_nobody(separator: str) -> None:
    """The package splits such a line in two; that says nothing about who answers at the address."""
    error = json.dumps({"error": f"no space left{separator}on device"}, ensure_ascii=False).encode() + b"\n"

    with raises(ProtocolBroken) as caught:
        pulled(reports({"status": "pulling manifest"}) + error)

    assert "something else than Ollama" not in caught.value.message
    assert "Pull again" in caught.value.remedy


WINDOWS = [(-5, 0), (True, 0), (10, 0), (511, 0), (512, 512), (32_768, 32_768), (2**40, 0), ("8192", 0)]


@pytest.mark.parametrize(("said", "believed"), WINDOWS)
def test_a_window_that_cannot_be_is_not_known(said: object, believed: int) -> None:
    """The prompt is fitted into it, and it goes back to the server as `num_ctx`."""
    entry = {"name": NAME, "details": {"context_length": said}, "context_length": said}
    listed = reports({"models": [entry]})

    async def main() -> ModelInfo:
        async with saying(whole(listed), UNHURRIED) as provider:
            (model,) = (await provider.look()).models
            return model

    model = asyncio.run(main())

    assert (model.context_length, model.loaded_ctx) == (believed, believed)


@pytest.mark.parametrize(("said", "believed"), WINDOWS)
def test_a_window_that_is_asked_for_is_believed_no_more(said: object, believed: int) -> None:
    """An older server says it only when asked for one model."""
    shown = reports({"model_info": {"x.context_length": said}, "capabilities": ["completion"]})

    async def main() -> ModelInfo:
        async with saying(whole(shown), UNHURRIED) as provider:
            return await provider.show(ModelInfo(NAME))

    assert asyncio.run(main()).context_length == believed


EMPTY_PIECE = reports({"message": {"content": ""}, "done": False})


@pytest.mark.parametrize("noise", [b"\n", b" ", EMPTY_PIECE], ids=["newline", "space", "empty piece"])
@pytest.mark.parametrize("pause_s", [0.05, 0.0])
def test_noise_does_not_keep_a_dead_answer_alive(noise: bytes, pause_s: float) -> None:
    """One newline a second was enough to wait for ever."""
    began = time.perf_counter()
    answer = heard(again_and_again(noise, pause_s))

    assert isinstance(answer.error, NothingHeard)
    assert time.perf_counter() - began < 30


def test_a_slow_answer_that_goes_on_is_waited_for() -> None:
    """Each piece gives it its time anew, however long the whole takes."""
    pieces = [reports({"message": {"content": "x"}, "done": False})] * 12 + [last_line()]

    async def main() -> Heard:
        async def say() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece
                await asyncio.sleep(0.1)

        async with saying(say, replace(SHORT, between_chunks_s=1.0)) as provider:
            return await hear(provider, question())

    answer = asyncio.run(main())

    assert answer.error is None
    assert answer.text == "x" * 12 + "hi"


@pytest.mark.parametrize("kind", ["content", "thinking"])
def test_an_answer_without_end_is_ended_and_kept(kind: str) -> None:
    """It would fill the memory, the file and the screen; the person may still want what came."""
    mebibyte = "x" * 2**20
    answer = heard(again_and_again(reports({"message": {kind: mebibyte}, "done": False})), PATIENT)

    assert isinstance(answer.error, ProtocolBroken)
    assert answer.error.remedy == "Ask again."  # whose text it was says that it is kept
    assert chat.MOST_TEXT <= len(answer.text + answer.thinking) <= chat.MOST_TEXT + 2 * 2**20


def test_a_list_of_models_is_read_up_to_a_bound() -> None:
    """It is asked for at every start, before anything is known of who answers."""
    began = time.perf_counter()

    async def main() -> None:
        async with saying(again_and_again(b" " * 2**20), UNHURRIED) as provider:
            with raises(ProtocolBroken, match="something else"):
                await provider.look()

    asyncio.run(main())
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize("what", ["look", "show", "pull"])
def test_a_packed_answer_is_not_unpacked(what: str) -> None:
    """A few kilobytes become gigabytes; it was asked for plain."""
    packed = gzip.compress(reports({"models": [], "status": "success"}))

    async def main() -> None:
        async with saying(whole(packed), UNHURRIED, b"Content-Encoding: gzip\r\n") as provider:
            if what == "look":
                await provider.look()
            elif what == "show":
                await provider.show(ModelInfo(NAME))
            else:
                assert [step async for step in provider.pull("a:1b")]

    with raises(ProtocolBroken):
        asyncio.run(main())


@pytest.mark.parametrize("what", ["show", "pull"])
def test_what_the_package_reads_is_bounded_too(what: str) -> None:
    """It reads a description whole, and a report to the end of its line."""
    began = time.perf_counter()

    async def main() -> None:
        noise = b" \n" if what == "show" else b" "
        async with saying(again_and_again(noise * 2**19), UNHURRIED) as provider:
            if what == "show":
                await provider.show(ModelInfo(NAME))
            else:
                assert [step async for step in provider.pull("a:1b")]

    with raises(ProtocolBroken):
        asyncio.run(main())
    assert time.perf_counter() - began < 60


def test_a_long_download_may_say_much() -> None:
    """Its reports come many times a second, for hours: the bound is on each, not on all of them."""
    line = reports({"status": "pulling " + "x" * 10_000})

    assert pulled(line * 2000 + reports({"status": "success"}))[-1].status == "success"


def test_an_honest_answer_is_none_of_this() -> None:
    """The bounds must not be felt by anyone."""
    with OllamaServer(Script(reply="word " * 400)) as server:
        assert ask(server, limits=PATIENT).text == "word " * 400
        assert asyncio.run(at(server).look()).models
    with OllamaServer(Script(fault=Fault.EMPTY_LINES)) as server:
        assert ask(server).error is None

"""Each phase of a request has its own limit, its own reason to wait, and ends at once when it is left."""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, nullcontext
from dataclasses import replace

import pytest

from core.errors import NothingHeard, ProviderUnreachable, StreamCut
from core.events import TextDelta, Waiting, WaitReason
from core.providers.base import Ended, Piece
from core.providers.ollama.limits import Limits
from tests.core.ollama_door import NAME, PATIENT, SHORT, ask, at, eventually, left_running, question
from tests.server import Fault, Loaded, Model, OllamaServer, Record, Script

LONG = "word " * 2000
IN_MEMORY = (Loaded(NAME),)

UNLOADED = replace(SHORT, first_byte_loading_s=60.0)
"""As if only a loaded model had little time."""


def is_chat(record: Record) -> bool:
    return record.path == "/api/chat"


def test_the_limits_are_those_of_the_design() -> None:
    """Too short and a large model never loads; too long and a dead server looks alive."""
    assert Limits() == Limits(
        connect_s=1.0,
        first_byte_loaded_s=15.0,
        first_byte_loading_s=180.0,
        between_chunks_s=30.0,
        look_after_s=1.0,
        look_again_s=2.0,
    )


def test_a_good_answer_comes_whole_and_says_its_numbers() -> None:
    """The ordinary case: text, then the server's own counts."""
    with OllamaServer(Script(loaded=IN_MEMORY)) as server:
        heard = ask(server, limits=replace(PATIENT, look_after_s=20.0))

    assert heard.text == "Use `git switch`."
    assert heard.ended is not None
    assert (heard.ended.reason, heard.ended.output_tokens, heard.ended.input_tokens) == ("stop", 4, 1)
    assert heard.ended.load_ms > 0
    assert heard.ended.server_ms > 0
    assert not heard.waits


def test_nobody_at_the_address_is_said_at_once() -> None:
    """The commonest first experience: Ollama is not running."""
    with OllamaServer() as server:
        pass

    heard = ask(server)

    assert isinstance(heard.error, ProviderUnreachable)
    assert "not running" in heard.error.message
    assert server.url in heard.error.message
    assert heard.took_s < SHORT.connect_s


def test_a_silent_server_is_given_up_after_the_time_a_load_may_take() -> None:
    """It may be loading; /api/ps is silent too, so nothing better is known."""
    with OllamaServer(Script(fault=Fault.SILENT, fault_paths=())) as server:
        heard = ask(server, limits=replace(SHORT, look_takes_s=0.1))

    assert isinstance(heard.error, NothingHeard)
    assert heard.error.remedy
    assert [wait.reason for wait in heard.waits] == [WaitReason.UNKNOWN]
    assert SHORT.first_byte_loading_s <= heard.took_s < SHORT.first_byte_loading_s + 20


def test_a_loaded_model_has_little_time_for_its_first_byte() -> None:
    """Nothing is left to load, so silence means that something is wrong."""
    with OllamaServer(Script(loaded=IN_MEMORY, fault=Fault.STALL)) as server:
        heard = ask(server, limits=UNLOADED)

    assert isinstance(heard.error, NothingHeard)
    said = re.search(r"within (\d+\.\d)", heard.error.message)
    assert said
    assert SHORT.first_byte_loaded_s <= float(said[1]) <= heard.took_s + 0.1, "the time it really was"
    assert SHORT.first_byte_loaded_s <= heard.took_s < UNLOADED.first_byte_loading_s / 2


def test_a_long_prompt_has_time_to_be_read() -> None:
    """A slow machine computes 25 tokens of prompt a second, and must not be cut off."""
    limits = replace(UNLOADED, prefill_per_s=10_000.0)  # 2500 tokens: a quarter of a second more

    with OllamaServer(Script(loaded=IN_MEMORY, fault=Fault.STALL)) as server:
        heard = ask(server, question(LONG), limits)

    assert isinstance(heard.error, NothingHeard)
    assert 0.55 <= heard.took_s < UNLOADED.first_byte_loading_s / 2
    assert [wait.reason for wait in heard.waits] == [WaitReason.PROMPT]


def test_a_model_that_must_load_has_more_time() -> None:
    """Gigabytes from a slow disk take minutes; the limit for a loaded model would cut them off."""
    with OllamaServer(Script(load_s=SHORT.first_byte_loaded_s + 0.5)) as server:
        heard = ask(server, limits=UNLOADED)

    assert heard.text == "Use `git switch`."
    assert [wait.reason for wait in heard.waits][:1] == [WaitReason.LOADING]


def test_after_loading_the_time_for_the_first_byte_begins_anew() -> None:
    """Else a model that took long to load would be cut off in the moment it is there."""
    limits = replace(UNLOADED, first_byte_loaded_s=0.6)

    with OllamaServer(Script(load_s=0.8, ttft_s=0.05)) as server:
        slow_to_load = ask(server, limits=limits)
        server.unload(NAME)
        server.script = replace(server.script, ttft_s=60.0)
        never_speaks = ask(server, limits=limits)

    assert slow_to_load.ended is not None
    assert isinstance(never_speaks.error, NothingHeard)
    assert 1.3 <= never_speaks.took_s < 30


def test_a_stall_in_the_middle_ends_with_the_text_so_far() -> None:
    """What came is kept; the person is told that it stopped."""
    with OllamaServer(Script(fault=Fault.STALL_MIDWAY)) as server:
        heard = ask(server, limits=replace(PATIENT, between_chunks_s=0.2))
        gone = server.wait_for(lambda record: record.client_gone_at)

    assert heard.text == "Use `git"
    assert isinstance(heard.error, NothingHeard)
    assert "0.2 s" in heard.error.message
    assert is_chat(gone)


def test_a_slow_but_steady_answer_is_left_alone() -> None:
    """The limit is between pieces, never on the whole."""
    with OllamaServer(Script(reply=("a",) * 24, tokens_per_s=20)) as server:
        heard = ask(server, limits=replace(PATIENT, between_chunks_s=0.6))

    assert heard.text == "a" * 24
    assert heard.took_s > 1.0


def test_loading_is_said_with_how_long_it_usually_takes() -> None:
    """Knowing that it took 4.1 s the last time is what makes a wait bearable."""
    with OllamaServer(Script(load_s=1.0)) as server:
        heard = ask(server, question(usual_load_ms=4100.0), PATIENT)

    first = heard.waits[0]
    assert (first.reason, first.usual_ms) == (WaitReason.LOADING, 4100.0)
    assert PATIENT.look_after_s * 1000 <= first.waited_ms < 1_000


def test_another_program_in_front_is_a_queue() -> None:
    """A wait that nothing of ours explains is somebody else's use of the server."""

    async def main(server: OllamaServer) -> list[Piece]:
        provider, pieces, stack = at(server, PATIENT), [], ExitStack()
        await asyncio.to_thread(stack.enter_context, server.occupy(NAME))
        async for piece in provider.stream(question()):
            pieces.append(piece)
            if isinstance(piece, Waiting):
                await asyncio.to_thread(stack.close)
        await provider.aclose()
        return pieces

    with OllamaServer(Script(loaded=IN_MEMORY)) as server:
        pieces = asyncio.run(main(server))

    assert isinstance(pieces[0], Waiting)
    assert (pieces[0].reason, pieces[0].usual_ms) == (WaitReason.QUEUE, None)
    assert TextDelta("Use") in pieces


def test_a_slow_machine_that_reads_a_short_question_is_not_called_busy() -> None:
    """Blaming another program for our own prefill sends the person looking for what is not there."""
    with OllamaServer(Script(loaded=IN_MEMORY, ttft_s=0.2)) as server:
        heard = ask(server, limits=replace(PATIENT, reading_s=2.0))

    assert [wait.reason for wait in heard.waits] == [WaitReason.PROMPT]


def test_a_long_prompt_is_a_reason_of_its_own() -> None:
    """The person can send less next time; a queue they could only wait for."""
    with OllamaServer(Script(loaded=IN_MEMORY, ttft_s=0.5)) as server:
        heard = ask(server, question(LONG), PATIENT)

    assert [wait.reason for wait in heard.waits] == [WaitReason.PROMPT]
    assert heard.ended is not None


def test_each_reason_is_said_once() -> None:
    """A screen that repeats itself is noise; the clock beside it runs by itself."""
    with OllamaServer(Script(load_s=1.0)) as server:
        heard = ask(server, limits=PATIENT)
        looks = len(server.requests("/api/ps"))

    assert looks >= 3
    assert len(heard.waits) == len({wait.reason for wait in heard.waits})


def test_a_quick_answer_causes_no_look_at_all() -> None:
    """The server is not asked what nobody needs to know."""
    with OllamaServer() as server:
        ask(server, limits=Limits())
        assert not server.requests("/api/ps")


def test_a_cloud_model_is_never_said_to_load() -> None:
    """It is listed nowhere as loaded, and nothing loads here."""
    cloud = Model("gpt-oss:120b-cloud", remote_host="https://ollama.com:443")

    with OllamaServer(Script(models=(cloud,), ttft_s=0.5)) as server:
        heard = ask(server, question(model=cloud.name), PATIENT)

    assert [wait.reason for wait in heard.waits] == [WaitReason.UNKNOWN]
    assert heard.ended is not None
    assert heard.ended.remote_host == "https://ollama.com:443"


def test_a_server_that_goes_away_while_it_loads_is_named() -> None:
    """Ollama is restarted under us: no hang, no traceback, and one more try that finds nobody."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        pieces = provider.stream(question())
        assert isinstance(await anext(pieces), Waiting)
        await asyncio.to_thread(server.close)
        with pytest.raises((ProviderUnreachable, StreamCut)):
            await anext(pieces)
        await provider.aclose()

    with OllamaServer(Script(load_s=30.0)) as server:
        asyncio.run(main(server))


Wanted = Callable[[OllamaServer], Record]

PHASES: dict[str, tuple[Script, bool, type[Piece] | None]] = {
    "before the headers": (Script(ttft_s=30.0, loaded=IN_MEMORY), False, None),
    "while it loads": (Script(load_s=30.0), False, Waiting),
    "in the queue": (Script(loaded=IN_MEMORY), True, Waiting),
    "in the middle": (Script(reply=("a",) * 1000, tokens_per_s=50), False, TextDelta),
}


@pytest.mark.parametrize("phase", PHASES)
def test_leaving_closes_the_socket_at_once(phase: str) -> None:
    """A model that goes on for nobody blocks the one slot there is: the next question would wait."""
    script, is_occupied, wanted = PHASES[phase]
    delays: list[float] = []

    async def leave(server: OllamaServer) -> None:
        provider = at(server, PATIENT if wanted else Limits())
        for number in range(1, 16):
            pieces = provider.stream(question())
            nothing_yet = asyncio.ensure_future(anext(pieces))
            if wanted is None:
                await asyncio.to_thread(server.wait_for, is_chat, count=number)
                left_at = time.monotonic()
                nothing_yet.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await nothing_yet
            else:
                piece = await nothing_yet
                while not isinstance(piece, wanted):
                    piece = await anext(pieces)
                left_at = time.monotonic()
            await pieces.aclose()
            assert not left_running()
            gone = await asyncio.to_thread(
                server.wait_for, lambda record: is_chat(record) and record.client_gone_at, count=number
            )
            assert gone.client_gone_at is not None
            delays.append((gone.client_gone_at - left_at) * 1000)
        await provider.aclose()

    with OllamaServer(script) as server, server.occupy(NAME) if is_occupied else nullcontext():
        asyncio.run(leave(server))

    delays.sort()
    median, p95 = statistics.median(delays), delays[int(len(delays) * 0.95)]
    print(f"\nleft {phase}: the server knew after {median:.1f} ms (median), {p95:.1f} ms (p95)")
    assert delays[0] < 10
    assert median < 1_000, "the machine is shared; what goes on, goes on for seconds"


def test_an_answer_that_comes_in_the_moment_of_leaving_is_closed_too() -> None:
    """Else its socket would stay open, and the model would go on."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, Limits())
        for number in range(1, 30):
            pieces = provider.stream(question())
            task = asyncio.ensure_future(anext(pieces))
            await asyncio.to_thread(server.wait_for, lambda record: record.first_token_at, count=number)
            for _ in range(number % 5):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await pieces.aclose()
            assert not left_running()
        assert await asyncio.to_thread(
            eventually, lambda: all(record.client_gone_at for record in server.log if is_chat(record))
        )
        await provider.aclose()

    with OllamaServer(Script(reply=("a",) * 1000, tokens_per_s=10, slots=50)) as server:
        asyncio.run(main(server))


def test_what_ran_unseen_leaves_no_complaint_behind() -> None:
    """A failed request that nobody waits for any more must not print into the screen at exit."""
    complaints: list[object] = []

    async def main(server: OllamaServer) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        provider = at(server, replace(PATIENT, first_byte_loading_s=0.1))
        pieces: AsyncGenerator[Piece, None] = provider.stream(question())
        task = asyncio.ensure_future(anext(pieces))
        await asyncio.to_thread(server.wait_for, is_chat)
        server.drop_connections()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await pieces.aclose()
        await provider.aclose()

    with OllamaServer(Script(fault=Fault.SILENT)) as server:
        for _ in range(5):
            asyncio.run(main(server))

    assert not complaints


def test_the_next_question_uses_the_same_connection() -> None:
    """A new one costs a round trip, and three with https."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, replace(PATIENT, look_after_s=20.0))  # a look would have one of its own
        for _ in range(3):
            pieces = provider.stream(question())
            while not isinstance(await anext(pieces), Ended):
                pass
            await pieces.aclose()  # as the engine does, at the last piece
        await provider.aclose()
        assert {record.connection for record in server.log} == {1}

    with OllamaServer() as server:
        asyncio.run(main(server))


def test_an_end_that_never_comes_does_not_hold_up_a_whole_answer() -> None:
    """`done` was said; what the connection does behind it is nobody's trouble."""
    done = b'{"message":{"content":"x"},"done":true}\n'
    body = done + b"\n" * 200_000

    with OllamaServer(Script(fault=Fault.RAW, raw_body=body, raw_cuts=tuple(range(1, 200_000, 9)))) as server:
        heard = ask(server, limits=SHORT)

    assert heard.ended is not None
    assert heard.took_s < 10

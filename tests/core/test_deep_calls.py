"""Deep calls over a real socket: the waits, the new tries, every refusal in words, and stopping at once."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from random import Random

import pytest

from core.events import Noted, TextDelta
from core.messages import Message, Role
from core.providers.address import parse_address
from core.providers.deep.calls import (
    Effort,
    Failed,
    Finished,
    Heartbeat,
    Queued,
    Reason,
    Retrying,
    Silent,
    Usage,
)
from core.providers.deep.connection import Place
from core.providers.deep.failures import Way
from core.providers.deep.stances import Stances
from core.providers.deep.transport import DeepCaller
from core.providers.link import import_httpx
from tests.core.deep_calling import ASKED, CHAT, PATIENT, PROTOCOLS, QUICK, ask, caller, hear, run
from tests.core.deep_door import INDEX, Told, recording, wire
from tests.core.ollama_door import eventually, left_running
from tests.server import Fault, OllamaServer, Scene, Script
from tests.server.faults import Refusal

import_httpx()  # its time is not the server's

EACH = pytest.mark.parametrize("protocol", PROTOCOLS)
WAITING = (Fault.SILENT, Fault.KEEP_ALIVES, Fault.STALL_MIDWAY)
PASSING = (Fault.TOO_MANY, Fault.BUSY, Fault.OVERLOADED, Fault.HANG_UP, Fault.RUNNER_DIED)
NEW_YEAR = "Thu, 01 Jan 2026 00:00:05 GMT"
CANARY = "canary-7f3b9d21e0a4"


@EACH
def test_an_answer_comes_whole_with_thinking_and_counts(protocol: str) -> None:
    """The same events from every protocol."""
    with OllamaServer(Script(thinking="Hm. ")) as server:
        told = ask(server, protocol)
        record = server.requests(CHAT[protocol])[0]

    assert (told.text, told.thinking) == ("Use `git switch`.", "Hm. ")
    assert told.finish == Finished(Reason.STOP, told.finish.said, None)
    assert told.usage.output_tokens == 6
    assert told.usage.input_tokens > 0
    assert told.models == ["qwen3.5:4b"]
    assert record.body["model"] == "qwen3.5:4b"


def test_a_request_says_how_deep_and_for_whom() -> None:
    """Version, effort, thinking that is shown; and the key in this protocol's own header only."""
    with OllamaServer() as server:
        ask(server, "anthropic", key=CANARY)
        ask(server, "openai", key=CANARY, dialect="deepseek")
        ask(server, "ollama", replace(ASKED, effort=Effort.NONE, num_ctx=4096), key=CANARY)
        first, second, third = server.log

    assert first.headers["anthropic-version"] == "2023-06-01"
    assert first.headers["x-api-key"] == CANARY
    assert "authorization" not in first.headers
    assert first.body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert first.body["output_config"] == {"effort": "high"}
    assert first.body["system"] == "Be brief."
    assert second.headers["authorization"] == f"Bearer {CANARY}"
    assert (second.body["thinking"], second.body["reasoning_effort"]) == ({"type": "enabled"}, "high")
    assert third.body["think"] is False
    assert third.body["options"] == {"num_ctx": 4096, "num_predict": 4092}


@EACH
@pytest.mark.parametrize(
    ("fault", "kind", "is_partial"),
    [
        (Fault.ERROR_LINE, "load_failed", True),
        (Fault.LOAD_FAILED, "load_failed", False),
        (Fault.NO_END, "cut", True),
        (Fault.CUT_LINE, "cut", True),
        (Fault.RESET, "cut", True),
        (Fault.STALL_MIDWAY, "stalled", True),
        (Fault.HUGE_LINE, "protocol", True),
        (Fault.GARBAGE, "protocol", True),
        (Fault.SILENT, "timeout", False),
        (Fault.KEEP_ALIVES, "stalled", False),
        (Fault.PROXY_200, "protocol", False),
        (Fault.OLD_SERVER, "rejected", False),
        (Fault.MODEL_MISSING, "model_missing", False),
        (Fault.CONTEXT_TOO_LONG, "context_full", False),
        (Fault.NO_MONEY, "out_of_credit", False),
        (Fault.OUT_OF_CREDIT, "out_of_credit", False),
        (Fault.SIGN_IN, "no_key", False),
    ],
)
def test_every_failure_is_told_once_and_text_is_never_asked_for_twice(
    protocol: str, fault: Fault, kind: str, is_partial: bool
) -> None:
    """What came is kept; what would cost twice, or cannot work, is not tried again."""
    with OllamaServer(Script(fault=fault, stall_s=40.0, tokens_per_s=100.0)) as server:
        began = time.perf_counter()
        # The machine is shared: only what is meant to wait may run into a limit.
        told = ask(server, protocol, limits=QUICK if fault in WAITING else PATIENT)
        took = time.perf_counter() - began
        tries = len(server.log)

    expected = "refused" if fault is Fault.SIGN_IN and protocol == "ollama" else kind
    assert (told.failure.error.kind, told.failure.is_partial) == (expected, is_partial)
    assert told.text == ("Use `git" if is_partial else "")
    assert tries == (2 if fault is Fault.SILENT else 1)
    assert took < 20 or fault not in WAITING
    assert told.failure.error.remedy
    assert told.failure.error.ways


@EACH
@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_tried_again_before_any_text(protocol: str, fault: Fault) -> None:
    """An overloaded provider is the usual case; the person sees each new try, and the answer."""
    with OllamaServer(Script(fault=fault, fault_times=2)) as server:
        told = ask(server, protocol)

    retries = [event for event in told.events if isinstance(event, Retrying)]
    assert [(each.attempt, each.most) for each in retries] == [(1, 2), (2, 2)]
    assert told.text == "Use `git switch`."


def test_a_third_failure_is_the_end() -> None:
    """Two new tries, then the person decides."""
    with OllamaServer(Script(fault=Fault.OVERLOADED)) as server:
        told = ask(server, "anthropic")
        assert len(server.log) == 3
    assert told.failure.error.kind == "busy"
    assert told.failure.error.request_id == "req_test"


@pytest.mark.parametrize(
    ("status", "headers", "tries", "kind"),
    [
        (429, {"retry-after-ms": "30"}, 3, "rate_limited"),
        (429, {"retry-after": "0.02", "retry-after-ms": "x"}, 3, "rate_limited"),
        (
            429,
            {"retry-after": NEW_YEAR, "date": NEW_YEAR},
            3,
            None,
        ),
        (429, {"retry-after": "61"}, 1, "rate_limited"),
        (429, {"retry-after": "inf"}, 3, "rate_limited"),
        (429, {"x-should-retry": "false"}, 1, "rate_limited"),
        (400, {"x-should-retry": "true"}, 3, "rejected"),
        (503, {"retry-after": "-3"}, 3, "busy"),
        (402, {"x-should-retry": "true"}, 1, "out_of_credit"),
    ],
)
def test_the_provider_says_when_to_try_again(
    status: int, headers: dict[str, str], tries: int, kind: str | None
) -> None:
    """Its word goes before ours, within a minute; an empty account is never asked again."""
    refused = Refusal(status, {"error": "no"}, headers)
    with OllamaServer(Script(fault=Fault.REFUSED, refused=refused)) as server:
        told = ask(server, "openai")
        assert len(server.log) == tries
    assert told.failure.error.kind == (kind or "rate_limited")


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("anthropic", {"type": "error", "error": {"type": "rate_limit_error", "message": "x", "details": {
            "error_code": "enforced_spend_limit_reached"}}}),
        ("openai", {"error": {"message": "x", "code": "insufficient_quota"}}),
        ("openai", {"error": {"message": "x", "code": "credit_balance_exhausted"}}),
    ],
)  # fmt: skip
def test_a_spend_limit_is_never_tried_again(protocol: str, body: dict[str, object]) -> None:
    """It looks like a rate limit, and waiting does not help."""
    with OllamaServer(Script(fault=Fault.REFUSED, refused=Refusal(429, body))) as server:
        told = ask(server, protocol)
        assert len(server.log) == 1
    assert told.failure.error.kind == "out_of_credit"
    assert Way.LOCAL in told.failure.error.ways


GEMINI = "Invalid value at reasoning_effort: valid values are low, medium, high"


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("openai", "Unsupported value: 'reasoning_effort' does not take 'xhigh' with this model."),
        ("openai", GEMINI),
        ("anthropic", "output_config.effort: Input should be 'low', 'medium' or 'high'"),
    ],
)
def test_an_effort_that_is_refused_goes_one_step_down_and_is_remembered(protocol: str, said: str) -> None:
    """The next call to this model asks right at once; the person is told."""
    refused = Refusal(400, {"error": said})
    asked = replace(ASKED, effort=Effort.XHIGH)
    stances = Stances()
    with OllamaServer(Script(fault=Fault.REFUSED, fault_times=1, refused=refused)) as server:
        told = ask(server, protocol, asked, stances=stances)
        again = ask(server, protocol, asked, stances=stances)
        sent = [record.body.get("reasoning_effort") or record.body["output_config"] for record in server.log]

    word = "high" if protocol == "openai" else {"effort": "high"}
    assert sent[1:] == [word, word]
    assert Noted("qwen3.5:4b has no effort xhigh, used high") in told.events
    assert not [event for event in again.events if isinstance(event, Noted | Retrying)]
    assert told.finish.reason is again.finish.reason is Reason.STOP


def test_a_refused_field_is_left_out_and_an_older_model_is_asked_the_older_way() -> None:
    """Strict servers and older models serve as well, with what they know."""
    with OllamaServer(Script(fault=Fault.STRICT, fault_times=1)) as server:
        assert ask(server, "openai").text
        assert "stream_options" not in server.log[-1].body
    unknown = Refusal(400, {"error": "Unrecognized request argument supplied: reasoning_effort"})
    with OllamaServer(Script(fault=Fault.REFUSED, fault_times=1, refused=unknown)) as server:
        assert ask(server, "openai").text
        assert "reasoning_effort" not in server.log[-1].body
    older = Refusal(400, {"error": "adaptive thinking is not supported on this model"})
    with OllamaServer(Script(fault=Fault.REFUSED, fault_times=1, refused=older)) as server:
        assert ask(server, "anthropic").text
        assert server.log[-1].body["thinking"] == {"type": "enabled", "budget_tokens": 2867}
    extra = Refusal(400, {"error": "output_config: Extra inputs are not permitted"})
    with OllamaServer(Script(fault=Fault.REFUSED, fault_times=1, refused=extra)) as server:
        assert ask(server, "anthropic").text
        assert "output_config" not in server.log[-1].body
    with OllamaServer(Script(fault=Fault.NO_THINKING, fault_times=1)) as server:
        assert ask(server, "ollama").text
        assert "think" not in server.log[-1].body


def test_a_refusal_that_teaches_nothing_ends_the_call() -> None:
    """Asking in another way is tried a few times, not for ever."""
    refused = Refusal(400, {"error": "bad reasoning_effort"})
    with OllamaServer(Script(fault=Fault.REFUSED, refused=refused)) as server:
        told = ask(server, "openai")
        assert len(server.log) == 2
    assert told.failure.error.kind == "rejected"


@EACH
def test_keep_alives_are_life_and_no_progress(protocol: str) -> None:
    """The panel says "alive"; the stall clock goes on all the same."""
    script = Script(fault=Fault.KEEP_ALIVES, stall_s=0.6)
    with OllamaServer(script) as server:
        told = ask(server, protocol)
        assert told.text == "Use `git switch`."
        assert [event for event in told.events if isinstance(event, Heartbeat | Queued)]
        silences = [event for event in told.events if isinstance(event, Silent)]
        assert silences
        assert any(silence.alive_s < silence.silent_s for silence in silences)
        server.script = replace(script, stall_s=9.0)
        stalled = ask(server, protocol, limits=QUICK)
    assert stalled.failure.error.kind == "stalled"


def test_silence_is_measured_by_what_is_being_done_and_the_whole_has_an_end() -> None:
    """Thinking may be silent for longer than writing; and nothing goes on for ever, however lively it is."""
    limits = replace(PATIENT, writing_s=0.1)
    stalls = Script(thinking="Hm. So. ", fault=Fault.STALL_MIDWAY, fault_after=1, stall_s=0.3)
    with OllamaServer(stalls) as server:
        assert ask(server, "openai", limits=limits).text == "Use `git switch`."
        server.script = replace(stalls, thinking="")
        assert ask(server, "openai", limits=limits).failure.error.kind == "stalled"
        server.script = Script(reply=[f"word{n} " for n in range(200)], tokens_per_s=50.0)
        told = ask(server, "anthropic", limits=replace(PATIENT, whole_s=0.4))
    assert (told.failure.error.kind, told.failure.is_partial) == ("timeout", True)
    assert told.text.startswith("word0 word1")


@EACH
def test_an_answer_whose_stream_stays_open_is_whole(protocol: str) -> None:
    """Its own word has been said; only a server's manners are missing."""
    prefix = {"anthropic": "anthropic-2023"}.get(protocol, protocol)
    stream = next(each for each in INDEX if each["file"].startswith(f"{prefix}-normal."))
    body = recording(stream).removesuffix(b"data: [DONE]\n\n")
    with OllamaServer(Script(fault=Fault.RAW_CUT, raw_body=body)) as server:
        told = ask(server, protocol)
    assert told.finish.reason is Reason.STOP
    assert told.text == stream["text"]
    assert isinstance(told.events[-2], Usage | TextDelta)


def test_a_connection_that_stays_open_after_any_byte_is_given_up() -> None:
    """Half a token, a proxy that forgot us: whatever came last, no call waits beyond its limits."""
    dice = Random(3)
    cuts = [(stream, dice.randrange(len(recording(stream)))) for stream in INDEX for _ in range(2)]
    scenes = tuple(
        Scene(f"cut {number}.", fault=Fault.RAW_STALL, raw_body=recording(stream)[:at])
        for number, (stream, at) in enumerate(cuts)
    )

    async def act() -> Told:
        # So many at once take a while to begin.
        limits = replace(QUICK, headers_s=3.0, load_s=3.0, whole_s=6.0)
        callers = {name: caller(server, name, limits) for name in PROTOCOLS}
        began = time.monotonic()
        told = await asyncio.gather(
            *(
                hear(
                    callers[stream["wire"]],
                    replace(ASKED, messages=(Message(Role.USER, f"cut {number}."),)),
                )
                for number, (stream, _) in enumerate(cuts)
            )
        )
        assert time.monotonic() - began < limits.whole_s + 20
        assert all(each.end is each.events[-1] for each in told)
        kinds = {each.end.error.kind for each in told if isinstance(each.end, Failed)}
        assert "stalled" in kinds
        for each in callers.values():
            await each.aclose()
        return told[0]

    with OllamaServer(Script(scenes=scenes, slots=len(cuts))) as server:
        run(act)


@EACH
def test_leaving_closes_the_socket_at_once(protocol: str) -> None:
    """What nobody reads is not computed, nor paid for, any more; in every phase."""

    async def leave(server: OllamaServer, after: Callable[[Told], bool]) -> float:
        deep = caller(server, protocol, PATIENT)
        told = Told()

        async def listen() -> None:
            async with aclosing(deep.call(ASKED)) as events:
                async for event in events:
                    told.events.append(event)

        task = asyncio.ensure_future(listen())
        await asyncio.to_thread(server.wait_for, lambda record: record.path == CHAT[protocol])
        assert await asyncio.to_thread(eventually, lambda: after(told))
        left = time.monotonic()
        task.cancel()
        await asyncio.wait({task})
        gone = await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at is not None)
        assert gone.client_gone_at is not None
        await deep.aclose()
        assert not left_running()
        return gone.client_gone_at - left

    slow = Script(reply=[f"word{n} " for n in range(400)], tokens_per_s=100.0)
    with OllamaServer(replace(slow, fault=Fault.SILENT)) as server:
        silent = asyncio.run(leave(server, lambda told: True))
    with OllamaServer(slow) as server:
        streaming = asyncio.run(leave(server, lambda told: len(told.text) > 20))
    assert max(silent, streaming) < 2.0  # some milliseconds; what is not closed goes on for more than that


def test_leaving_during_the_pause_before_a_new_try_leaves_at_once() -> None:
    """All waits can be left."""
    refused = Refusal(429, {"error": "no"}, {"retry-after": "30"})

    async def act() -> Told:
        deep = caller(server, "openai", replace(QUICK, whole_s=90.0))
        told = Told()
        began = time.perf_counter()
        async with aclosing(deep.call(ASKED)) as events:
            async for event in events:
                told.events.append(event)
                if isinstance(event, Retrying):
                    break
        assert time.perf_counter() - began < 20, "the pause is 30 s"
        await deep.aclose()
        return told

    with OllamaServer(Script(fault=Fault.REFUSED, refused=refused)) as server:
        told = run(act)
    (retrying,) = [event for event in told.events if isinstance(event, Retrying)]
    assert retrying.pause_s == 30.0


def test_parts_go_out_at_the_same_time() -> None:
    """Four parts take the time of one; the server's log is the proof."""
    slow = Script(reply=[f"w{n} " for n in range(20)], tokens_per_s=50.0, slots=4)

    async def act() -> Told:
        deep = caller(server, "anthropic", PATIENT)
        parts = await asyncio.gather(*(hear(deep) for _ in range(4)))
        await deep.aclose()
        assert all(part.finish.reason is Reason.STOP for part in parts)
        return parts[0]

    with OllamaServer(slow) as server:
        run(act)
        began = [record.first_token_at or 0.0 for record in server.log]
        ended = [record.last_byte_at or 0.0 for record in server.log]
    assert len(began) == 4
    assert max(began) < min(ended)


def test_a_place_that_wants_a_key_is_not_asked_without_one() -> None:
    """No byte leaves, no name is looked up, and the remedy names the variable."""
    place = Place(
        wire("anthropic", host="api.anthropic.com"),
        parse_address("https://api.anthropic.com", "deep.base_url"),
        needs_key=True,
        set_key="set ANTHROPIC_API_KEY, or run leadline keys set anthropic",
    )
    told = run(lambda: hear(DeepCaller(place, {})))
    assert told.failure.error.kind == "no_key"
    assert "ANTHROPIC_API_KEY" in told.failure.error.remedy


@EACH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_is_sent_back_goes_no_further(protocol: str, status: int) -> None:
    """Some servers repeat the key or the whole header in their error; nobody may ever read it."""
    said = f"bad key {CANARY} in Authorization: Bearer {CANARY} model_x {CANARY}"
    refused = Refusal(status, {"error": {"message": said, "type": "x"}})
    with OllamaServer(Script(fault=Fault.REFUSED, refused=refused)) as server:
        told = ask(server, protocol, key=CANARY)
    shown = f"{told.events!r} {told.failure.error.message} {told.failure.error.remedy} {told.failure.error!r}"
    assert CANARY not in shown
    assert CANARY not in repr(vars(told.failure.error))
    if status == 401:
        assert f"…{CANARY[-4:]} from the test" in told.failure.error.message


def test_a_key_in_an_error_in_the_middle_goes_no_further() -> None:
    """The same once text has begun."""
    body = b'data: {"choices":[{"delta":{"content":"Use"}}]}\n\ndata: {"error":{"message":"key %b"}}\n\n'
    with OllamaServer(Script(fault=Fault.RAW, raw_body=body % CANARY.encode())) as server:
        told = ask(server, "openai", key=CANARY)
    assert isinstance(told.end, Failed)
    assert CANARY not in f"{told.failure.error.message} {told.failure.error!r} {vars(told.failure.error)!r}"


@EACH
def test_no_log_however_chatty_holds_a_key(protocol: str, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody will switch on every log there is, and send it to us."""
    caplog.set_level(logging.DEBUG)
    with OllamaServer(Script(fault=Fault.BUSY, fault_times=1)) as server:
        told = ask(server, protocol, key=CANARY)
    assert told.text
    assert caplog.records, "nothing was logged, so nothing was looked at"
    assert CANARY not in caplog.text
    assert CANARY not in repr([vars(record) for record in caplog.records])


def test_text_is_made_harmless_where_it_comes_in() -> None:
    """An escape sequence in an answer must never reach a terminal, also when it came in two pieces."""
    chunk = 'data: {"choices":[{"delta":{"content":"%s","reasoning":"%s"}}]}\n\n'
    body = (chunk % ("a\\u001b", "b\\u0007") + chunk % ("]52;c;x", "c\\u202e")).encode()
    body += b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    with OllamaServer(Script(fault=Fault.RAW, raw_body=body)) as server:
        told = ask(server, "openai")
    assert (told.text, told.thinking) == ("a\ufffd]52;c;x", "b\ufffdc\ufffd")


def test_nobody_there_is_said_within_a_moment() -> None:
    """Offline is no error to wait for: a local model can answer."""
    with OllamaServer() as server:
        pass  # its port is free again
    began = time.perf_counter()
    told = ask(server, "openai")
    assert told.failure.error.kind == "offline"
    assert told.failure.error.ways[0] is Way.LOCAL
    assert time.perf_counter() - began < 20

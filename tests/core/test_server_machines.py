"""The test server as a machine: prompts that cost time once, templates that break them, late cancels."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clock import run_virtually
from tests.server import Fault, Model, OllamaServer, Pace, Record, Reload, Scene, Script
from tests.server.runner import Read, Runner
from tests.server.script import pieces_of
from tests.server.templates import template_of

NAME = "m:4b"
QUICK = Pace(prefill_per_s=20_000, decode_per_s=2_000)
REPLY = "Use `git switch`, and then commit what is left of it."
ANSWER = "/api/chat"

Messages = Sequence[tuple[str, str]]
ASKED: Messages = (("system", "s" * 800), ("user", "how do I switch?"))


def _script(family: str = "plain", **more: Any) -> Script:
    return Script(**{"models": (Model(NAME, family=family),), "pace": QUICK, "reply": REPLY, **more})


def _body(messages: Messages = ASKED, **more: object) -> dict[str, object]:
    listed = [{"role": role, "content": text} for role, text in messages]
    return {"model": NAME, "messages": listed, "think": False, **more}


def _post(server: OllamaServer, path: str, body: dict[str, object]) -> httpx.Response:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=100) as http:
        return http.post(path, json=body)


def _chat(server: OllamaServer, messages: Messages = ASKED, **more: object) -> dict[str, Any]:
    """The answer as a whole: its text as ``text``, and its numbers."""
    lines = [json.loads(line) for line in _post(server, ANSWER, _body(messages, **more)).text.splitlines()]
    return {**lines[-1], "text": "".join(line["message"]["content"] for line in lines)}


def _raw(server: OllamaServer, prompt: str, **options: object) -> dict[str, Any]:
    body = {"model": NAME, "prompt": prompt, "raw": True, "stream": False, "options": options}
    answered: dict[str, Any] = _post(server, "/api/generate", body).json()
    return answered


def _rendered(server: OllamaServer, messages: Messages = ASKED) -> str:
    shown = _post(server, ANSWER, _body(messages, _debug_render_only=True)).json()
    assert shown["message"] == {"role": "", "content": ""}
    return str(shown["_debug_info"]["rendered_template"])


def _leaving(server: OllamaServer, body: dict[str, object]) -> socket.socket:
    """A connection on which a chat has been asked for; closing it is leaving."""
    sent = json.dumps(body).encode()
    sock = socket.create_connection((server.host, server.port), timeout=100)
    sock.sendall(b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(sent), sent))
    return sock


def _last(server: OllamaServer) -> Record:
    return server.wait_for(lambda record: record is server.log[-1] and record.outcome)


def test_the_second_turn_reads_only_what_is_new_and_counts_all_of_it() -> None:
    """`prompt_eval_count` never falls, as in Ollama: only the time tells that a prefix was there."""
    with OllamaServer(_script()) as server:
        asked = [("system", "s" * 40_000), ("user", "one")]
        first = _chat(server, asked)
        told = _last(server)
        assert (told.cached_tokens, told.computed_tokens) == (0, first["prompt_eval_count"])
        assert first["prompt_eval_duration"] >= 0.5e9
        second = _chat(
            server, [("system", "s" * 40_000), ("user", "one"), ("assistant", REPLY), ("user", "two")]
        )
        told = _last(server)
        assert (told.cached_tokens or 0) + (told.computed_tokens or 0) == second["prompt_eval_count"]
        assert (told.computed_tokens or 0) < 40
        assert second["prompt_eval_count"] > first["prompt_eval_count"]
        assert second["prompt_eval_duration"] < first["prompt_eval_duration"] / 10


def test_who_leaves_while_a_prompt_is_read_keeps_the_slot_until_it_is_noticed() -> None:
    """The wait that speculation must not cause is there to be caused, and the log tells of it."""
    pace = Pace(prefill_per_s=10_000, decode_per_s=100, batch=1000, poll_s=0.5)
    with OllamaServer(_script(pace=pace)) as server:
        for number in range(1, 9):  # on a busy machine the next one may come when it is noticed already
            sock = _leaving(server, _body([("user", f"{number}" + "x" * 400_000)]))
            server.wait_for(lambda record: record.granted_at is not None, count=2 * number - 1)
            sock.close()
            left = server.wait_for(lambda record: record.client_gone_at, count=number)
            assert left.left_in == "prefill"
            answered = _chat(server)
            assert answered["text"] == REPLY
            told = _last(server)
            if told.behind_s > 0.05:
                break
        assert 0.05 < told.behind_s < 5, "a look each half second, and a batch of a tenth"
        assert told.waited_s >= told.behind_s
        parts = ("load_duration", "prompt_eval_duration", "eval_duration")
        left_s = (answered["total_duration"] - sum(answered[part] for part in parts)) / 1e9
        assert told.behind_s - 0.01 < left_s < told.behind_s + 1, "what the numbers leave over is the wait"


def test_who_leaves_while_it_is_written_or_in_the_queue_is_gone_at_once() -> None:
    """Only what reads cannot be stopped: that is the difference decode-only speculation lives from."""
    pace = Pace(prefill_per_s=0, decode_per_s=100, poll_s=30)
    with OllamaServer(_script(pace=pace, reply="word " * 2000)) as server:
        writing = _leaving(server, _body())
        server.wait_for(lambda record: record.first_token_at)
        waiting = _leaving(server, _body())
        server.wait_for(lambda record: record.queued_at)
        waiting.close()
        assert server.wait_for(lambda record: record.client_gone_at).left_in == "queue"
        writing.close()
        assert server.wait_for(lambda record: record.client_gone_at, count=2)
        assert server.log[0].left_in == "decode"
        _chat(server, options={"num_predict": 1})
        assert _last(server).behind_s < 5, "a look each half minute"


def test_a_load_that_was_caused_names_its_options_and_empties_the_cache() -> None:
    """That no reload is caused by us fails with the word for what was different."""
    with OllamaServer(_script()) as server:
        _chat(server)
        _chat(server, options={"temperature": 0, "num_predict": 3, "seed": 1}, keep_alive="1h")
        assert not server.reloaded
        assert (_last(server).computed_tokens, server.loads) == (1, 1)
        _chat(server, options={"num_ctx": 8192, "use_mmap": False})
        assert server.reloaded == (Reload(NAME, ("num_ctx", "use_mmap")),)
        assert _last(server).cached_tokens == 0
        assert server.reloads == 1


@pytest.mark.parametrize("family", ["plain", "thinking", "closing", "hybrid", "lfm2", "qwen35", "gemma3"])
def test_a_prompt_can_be_seen_and_sent_as_it_stands(family: str) -> None:
    """What is warmed raw is what the chat then finds; a look writes nothing, and loads the model."""
    with OllamaServer(_script(family)) as server:
        shown = _rendered(server)
        assert (server.loads, _last(server).first_token_at) == (1, None)
        begin = shown.removeprefix("<|startoftext|>")
        typed = begin[: begin.index("switch?")]
        assert _raw(server, typed, num_predict=1)["eval_count"] == 1
        _chat(server)
        assert (_last(server).computed_tokens or 99) < 25
        assert server.reloads == 0


def test_a_beginning_that_the_tokenizer_makes_itself_must_not_be_sent() -> None:
    """Sent back with it, LFM2's prompt would begin twice, and nothing that was read would fit."""
    with OllamaServer(_script("lfm2")) as server:
        _raw(server, _rendered(server), num_predict=1)
        _chat(server)
        assert (_last(server).computed_tokens or 0) > 200


def test_an_older_server_answers_as_if_nothing_had_been_said_of_a_look() -> None:
    """The client must notice, not take an answer for a prompt."""
    with OllamaServer(_script(shows_prompts=False)) as server:
        assert _chat(server, _debug_render_only=True)["text"] == REPLY


@pytest.mark.parametrize("family", ["plain", "thinking", "hybrid", "qwen35"])
def test_an_answer_that_is_begun_is_gone_on_with_to_the_letter(family: str) -> None:
    """A prepared head can only be shown where the rest fits it exactly, wherever it was cut."""
    with OllamaServer(_script(family)) as server:
        shown = _rendered(server)
        assert _rendered(server, [*ASKED, ("assistant", "Use")]) == shown + "Use"
        for cut in range(1, len(REPLY), 13):
            head = REPLY[:cut]
            assert head + _chat(server, [*ASKED, ("assistant", head)])["text"] == REPLY
            assert head + _raw(server, shown.removeprefix("<|startoftext|>") + head)["response"] == REPLY
        assert _chat(server, [*ASKED, ("assistant", "I would use")])["text"] == REPLY


def test_a_template_that_closes_what_is_begun_says_another_answer() -> None:
    """Nothing may be continued there, and the rendered prompt shows it beforehand."""
    with OllamaServer(_script("closing")) as server:
        shown = _rendered(server)
        closed = _rendered(server, [*ASKED, ("assistant", "Use")])
        assert closed.startswith(shown + "Use")
        assert len(closed) > len(shown + "Use")
        assert _chat(server, [*ASKED, ("assistant", "Use")])["text"] == REPLY
        assert "Use" + _raw(server, shown + "Use")["response"] == REPLY, "raw, nobody closes it"


def test_a_schema_is_filled_with_the_chips_of_the_script() -> None:
    """Whatever shape the call asks for: no more than it may hold, and valid JSON."""
    texts = {"type": "array", "items": {"type": "string"}, "maxItems": 2}
    deep = {
        "type": "object",
        "properties": {
            "next": {"type": "array", "items": {"type": "object", "properties": {"q": {"type": "string"}}}},
            "ask": {"type": "boolean"},
        },
    }
    scenes = (Scene("now broken", reply='["cut'),)
    with OllamaServer(_script(chips=("why?", "“so”", "more"), scenes=scenes)) as server:
        assert json.loads(_chat(server, format=texts)["text"]) == ["why?", "“so”"]
        nested = json.loads(_chat(server, format=deep)["text"])
        assert nested == {"next": [{"q": "why?"}, {"q": "“so”"}, {"q": "more"}], "ask": False}
        assert _chat(server)["text"] == REPLY
        assert _chat(server, [("user", "now broken")], format=texts)["text"] == '["cut'
        wrapped = {"type": "json_schema", "json_schema": {"name": "x", "schema": texts}}
        streamed = _post(server, "/v1/chat/completions", _body(response_format=wrapped)).text
        events = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: {")]
        said = "".join(event["choices"][0]["delta"].get("content") or "" for event in events)
        assert json.loads(said) == ["why?", "“so”"]


def test_a_storm_of_readers_that_leave_costs_the_next_one_wait_and_no_slot() -> None:
    """Keys come faster than a server notices: what is closed must not pile up."""
    pace = Pace(prefill_per_s=10_000, decode_per_s=100, batch=500, poll_s=0.2)
    with OllamaServer(_script(pace=pace)) as server:
        for number in range(30):
            sock = _leaving(server, _body([("user", "abc"[number % 3] * 200_000)]))
            server.wait_for(lambda record: record.granted_at, count=number + 1)
            sock.close()
            server.wait_for(lambda record: record.client_gone_at, count=number + 1)
        assert _chat(server)["text"] == REPLY
        assert _last(server).behind_s < 2, "a look each fifth of a second, and a batch of a twentieth"
        _chat(server)
        assert _last(server).behind_s < 0.01
        assert _last(server).computed_tokens == 1
        assert server.reloads == 0


@pytest.mark.parametrize("family", ["plain", "thinking", "lfm2"])
def test_over_the_wire_it_reads_the_same_tokens_as_on_a_virtual_clock(family: str) -> None:
    """A bench in virtual time says something about real time only while both read alike."""
    template, asked = template_of(family), list(ASKED)
    turns: list[Messages] = []
    for question in ("why?", "and " * 200, "how do I undo it?"):
        turns.append(tuple(asked))
        asked += [("assistant", REPLY), ("user", question)]

    async def play() -> list[int]:
        runner = Runner(replace(QUICK, is_hybrid=template.is_hybrid))
        read = []
        for turn in turns:
            events = [event async for event in runner.run(template.render(turn), [*pieces_of(REPLY), ""])]
            read += [event.computed for event in events if isinstance(event, Read)]
        return read

    with OllamaServer(_script(family)) as server:
        for turn in turns:
            _chat(server, turn)
        assert [record.computed_tokens for record in server.log] == run_virtually(play())


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_the_other_protocols_use_the_same_slots_and_cache(path: str) -> None:
    """A machine is one machine, however it is spoken to."""
    with OllamaServer(_script()) as server:
        for _ in range(2):
            answered = _post(server, path, {**_body(), "max_tokens": 500})
            assert answered.status_code == 200
        first, second = server.requests(path)
        assert (first.cached_tokens, second.computed_tokens) == (0, 1)


def test_what_goes_wrong_midway_goes_wrong_at_any_pace() -> None:
    """Faults and machines can be had together, and the slot is free afterwards."""
    with OllamaServer(_script(fault=Fault.NO_END, fault_times=1, fault_after=3)) as server:
        lines = _post(server, ANSWER, _body()).text.splitlines()
        assert len(lines) == 3
        assert _chat(server)["text"] == REPLY


def test_a_whole_answer_takes_as_long_as_a_streamed_one() -> None:
    """`stream: false` saves nobody the decoding."""
    with OllamaServer(_script(pace=Pace(decode_per_s=100), reply=["x"] * 20)) as server:
        began = time.monotonic()
        assert _post(server, ANSWER, _body(stream=False)).json()["message"]["content"] == "x" * 20
        assert time.monotonic() - began > 0.19


def test_a_machine_can_be_had_by_hand() -> None:
    """A person tries leadline against a laptop that they do not have."""
    command = [sys.executable, "-m", "tests.server", "--model", NAME, "--family", "qwen3", "--words", "20"]
    command += ["--prefill", "20000", "--decode", "1000", "--chip", "why?", "--no-render"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            body = {**_body(stream=False), "_debug_render_only": True}
            for is_first in (True, False):
                told = httpx.post(f"{url}/api/chat", json=body, trust_env=False).json()
                assert told["message"]["content"]
                assert (told["prompt_eval_duration"] > 10_000_000) is is_first
            chips = {**_body(stream=False), "format": {"type": "array"}}
            told = httpx.post(f"{url}/api/chat", json=chips, trust_env=False).json()
            assert json.loads(told["message"]["content"]) == ["why?"]
        finally:
            os.kill(process.pid, signal.SIGTERM)
        assert process.wait(5) == 0

"""The test server itself: if it does not do what its script says, no test that leans on it means anything."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import Fault, Loaded, Model, OllamaServer, Pull, Record, Script, markdown
from tests.server.faults import refusal

NAME = "qwen3.5:4b"
HI = [{"role": "user", "content": "hi"}]
SAYS = ["Use", " `git", " switch`", "."]


def ask(**more: object) -> dict[str, object]:
    return {"model": NAME, "messages": HI, **more}


@contextmanager
def client(server: OllamaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=100) as made:
        yield made


def lines_of(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.split(b"\n") if line]


def text_of(body: bytes) -> str:
    return "".join(line["message"]["content"] for line in lines_of(body) if "message" in line)


def chat(server: OllamaServer, **more: object) -> httpx.Response:
    with client(server) as http:
        return http.post("/api/chat", json=ask(**more))


def raw_chat(server: OllamaServer, **more: object) -> socket.socket:
    """A connection on which a chat has been asked for, and nothing read."""
    body = json.dumps(ask(**more)).encode()
    sock = socket.create_connection((server.host, server.port), timeout=100)
    sock.sendall(b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    return sock


def is_chat(record: Record) -> bool:
    return record.path == "/api/chat"


def test_a_chat_comes_in_pieces_and_ends_with_its_numbers() -> None:
    """The plain answer is the ground of every other test."""
    with OllamaServer() as server:
        answer = chat(server)
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = lines_of(answer.content)
        assert [line["message"]["content"] for line in lines] == [*SAYS, ""]
        assert lines[-1]["done"] is True
        assert (lines[-1]["done_reason"], lines[-1]["eval_count"]) == ("stop", 4)
        record = server.wait_for(lambda record: record.outcome == "done")
        assert record.first_token_at is not None
        assert record.last_byte_at is not None
        assert record.at <= record.first_token_at <= record.last_byte_at
        assert (record.body["model"], record.status) == (NAME, 200)


def test_a_whole_answer_a_bound_and_a_thought_are_as_asked() -> None:
    """`stream`, `num_predict` and `think` change the answer the way Ollama changes it."""
    with OllamaServer(Script(thinking=["Hm", "m."])) as server:
        whole = chat(server, stream=False, think=False).json()
        assert whole["message"] == {"role": "assistant", "content": "Use `git switch`."}
        bound = lines_of(chat(server, think=False, options={"num_predict": 2}).content)
        assert (bound[-1]["done_reason"], bound[-1]["eval_count"]) == ("length", 2)
        unbound = lines_of(chat(server, think=False, options={"num_predict": 0}).content)
        assert unbound[-1]["done_reason"] == "stop"
        thinks = lines_of(chat(server).content)
        assert [line["message"].get("thinking") for line in thinks[:3]] == ["Hm", "m.", None]


def test_a_reply_may_be_made_from_the_request() -> None:
    """A test that must tell questions apart answers each with its own text."""
    with OllamaServer(Script(reply=lambda body: f"you asked with {body['model']}")) as server:
        assert text_of(chat(server).content) == f"you asked with {NAME}"


def test_generate_and_embed_answer_in_their_own_shapes() -> None:
    """Warm-up goes through generate, later the cache through embed."""
    with OllamaServer() as server, client(server) as http:
        lines = lines_of(http.post("/api/generate", json={"model": NAME, "prompt": "hi"}).content)
        assert "".join(line["response"] for line in lines) == "Use `git switch`."
        made = http.post("/api/embed", json={"model": NAME, "input": ["a", "b"], "dimensions": 8}).json()
        assert [len(vector) for vector in made["embeddings"]] == [8, 8]
        assert sum(value**2 for value in made["embeddings"][0]) == pytest.approx(1)


def test_the_small_routes_answer_and_unknown_ones_are_404() -> None:
    """Looking at the server uses all of them, on one connection kept alive."""
    with OllamaServer(Script(models=(Model("a:1b"), Model("b:1b", capabilities=None)))) as server:
        with client(server) as http:
            assert http.get("/").text == "Ollama is running"
            assert http.head("/").status_code == 200
            assert http.get("/api/version").json() == {"version": "0.33.0"}
            tags = http.get("/api/tags").json()["models"]
            assert [("capabilities" in tag) for tag in tags] == [True, False]
            assert http.get("/api/ps").json() == {"models": []}
            shown = http.post("/api/show", json={"model": "a:1b"}).json()
            assert shown["model_info"]["qwen35.context_length"] == 262_144
            assert http.request("DELETE", "/api/delete", json={"model": "a:1b"}).status_code == 200
            assert len(http.get("/api/tags").json()["models"]) == 1
            missing = http.get("/api/nothing")
            assert (missing.status_code, missing.text) == (404, "404 page not found")
        assert {record.connection for record in server.log} == {1}


def test_what_a_model_cannot_do_is_refused_without_any_fault() -> None:
    """The natural refusals carry Ollama's own words."""
    plain = Model("plain:1b", capabilities=("completion",), context_length=1000)
    vectors = Model("vectors:latest", capabilities=("embedding",))
    with OllamaServer(Script(models=(plain, vectors))) as server:

        def refused(**more: object) -> tuple[int, str]:
            answer = chat(server, **{"model": "plain:1b", **more})
            return answer.status_code, answer.json()["error"]

        assert refused(think=True) == (400, '"plain:1b" does not support thinking')
        assert refused(think=False, model="gone:1b") == (404, "model 'gone:1b' not found")
        assert refused(model="vectors") == (400, '"vectors:latest" does not support chat')
        assert refused(model="") == (400, "model is required")
        assert refused(options={"num_ctx": "8k"}) == (500, 'option "num_ctx" must be of type integer')
        assert refused(tools=[{"type": "function"}])[1].endswith("does not support tools")
        long = [{"role": "user", "content": "x" * 4001}]
        assert refused(messages=long, truncate=False)[1].startswith("the prompt is longer than")
        assert chat(server, model="plain:1b", messages=long).status_code == 200


def test_loading_shows_in_ps_and_other_options_load_again() -> None:
    """That we never cause a reload is measured with these counters."""
    with OllamaServer(Script(load_s=0.05)) as server, client(server) as http:
        began = time.monotonic()
        loaded = http.post("/api/chat", json=ask(messages=[], options={"num_ctx": 8192})).json()
        assert loaded["done_reason"] == "load"
        assert time.monotonic() - began >= 0.05
        assert http.get("/api/ps").json()["models"][0]["context_length"] == 8192
        http.post("/api/chat", json=ask(options={"num_ctx": 8192}))
        assert (server.loads, server.reloads) == (1, 0)
        http.post("/api/chat", json=ask())
        assert (server.loads, server.reloads) == (2, 1)
        assert http.get("/api/ps").json()["models"][0]["context_length"] == 4096
        dropped = http.post("/api/chat", json=ask(messages=[], keep_alive=0)).json()
        assert dropped["done_reason"] == "unload"
        assert http.get("/api/ps").json() == {"models": []}


def test_a_model_may_be_in_memory_already_with_options_that_do_not_show() -> None:
    """Another program's load can look like ours in /api/ps and still cost a reload."""
    theirs = Loaded(NAME, num_ctx=8192, num_batch=1024, vram=1_000)
    with OllamaServer(Script(loaded=(theirs,))) as server, client(server) as http:
        entry = http.get("/api/ps").json()["models"][0]
        assert (entry["context_length"], entry["size_vram"]) == (8192, 1_000)
        http.post("/api/chat", json=ask(options={"num_ctx": 8192}))
        assert server.reloads == 1
        server.unload(NAME)
        assert http.get("/api/ps").json() == {"models": []}


def test_one_slot_is_given_in_the_order_of_asking_and_a_leaver_is_skipped() -> None:
    """Lanes are tested against this queue: first come, first served, and who leaves holds up nobody."""
    with OllamaServer() as server:
        with server.occupy(NAME):
            waiting = []
            for count in (1, 2, 3):
                waiting.append(raw_chat(server, tag=count))
                server.wait_for(lambda record: record.queued_at, count=count)
            waiting[1].close()
            server.wait_for(lambda record: record.client_gone_at)
            with client(server) as http:
                assert http.get("/api/ps").status_code == 200
            assert all(record.granted_at is None for record in server.log)
        server.wait_for(lambda record: is_chat(record) and record.outcome == "done", count=2)
        granted = {record.body["tag"]: record.granted_at for record in server.requests("/api/chat")}
        assert granted[2] is None
        assert granted[1] is not None
        assert granted[3] is not None
        assert granted[1] < granted[3]
        for sock in waiting:
            sock.close()


def test_a_full_queue_is_told_at_once() -> None:
    """503 is the only word Ollama has for "too many"."""
    with OllamaServer(Script(max_queue=0)) as server, server.occupy(NAME):
        answer = chat(server)
        assert (answer.status_code, answer.json()["error"][:11]) == (503, "server busy")


def test_two_slots_answer_two_at_once() -> None:
    """With NUM_PARALLEL=2 nobody waits for the other."""
    with OllamaServer(Script(slots=2)) as server, server.occupy(NAME):
        assert chat(server).status_code == 200
        assert server.log[0].queued_at is None


@pytest.mark.parametrize("moment", ["waiting", "prefill", "streaming"])
def test_a_client_that_leaves_is_seen_within_20_ms(moment: str) -> None:
    """Cancelling is promised in milliseconds, so the server's stamp must not add any of its own."""
    script = Script(ttft_s=30.0 if moment == "prefill" else 0.0, tokens_per_s=2.0)
    delays = []
    with OllamaServer(script) as server:
        for count in (1, 2, 3):
            held = server.occupy(NAME) if moment == "waiting" else None
            if held is not None:
                held.__enter__()
            sock = raw_chat(server)
            match moment:
                case "waiting":
                    server.wait_for(lambda record: record.queued_at, count=count)
                case "prefill":
                    server.wait_for(lambda record: record.granted_at, count=count)
                case _:
                    sock.recv(100)
            left_at = time.monotonic()
            sock.close()
            gone = server.wait_for(lambda record: record.client_gone_at, count=count)
            assert gone.client_gone_at is not None
            assert gone.outcome == "gone"
            delays.append(gone.client_gone_at - left_at)
            if held is not None:
                held.__exit__(None, None, None)
    assert min(delays) < 0.02, delays  # the least of three: the machine may be busy, the server may not


def test_5000_tokens_a_second_are_5000() -> None:
    """A benchmark of the screen is worth nothing when its source is slow."""

    def rate(count: int) -> float:
        with raw_chat(server) as sock:
            while not (block := sock.recv(65536)).endswith(b"0\r\n\r\n"):
                assert block
        record = server.wait_for(lambda record: record.outcome == "done", count=count)
        assert record.first_token_at is not None
        assert record.last_byte_at is not None
        return 5000 / (record.last_byte_at - record.first_token_at)

    with OllamaServer(Script(reply=["x "] * 5000, tokens_per_s=5000, loaded=(Loaded(NAME),))) as server:
        # Once of three times: the machine may be busy, the server may not.
        assert any(rate(count) == pytest.approx(5000, rel=0.1) for count in (1, 2, 3))


def test_no_token_comes_before_its_time() -> None:
    """A pace with a stumble in it would be taken for a stumble of the screen."""
    with OllamaServer(Script(reply=["x "] * 8, tokens_per_s=50, loaded=(Loaded(NAME),))) as server:
        seen: list[float] = []
        began = time.monotonic()  # and not when the server notes that the first one went: that may be late
        with raw_chat(server) as sock:
            while not (block := sock.recv(65536)).endswith(b"0\r\n\r\n"):
                seen += [time.monotonic()] * block.count(b'"done":false')
        early = [number / 50 - (at - began) for number, at in enumerate(seen)]
        assert len(early) == 8
        assert max(early) <= 0, early


@pytest.mark.parametrize("fault", [fault for fault in Fault if refusal(fault) is not None])
def test_a_refusal_has_its_status_and_body_and_only_as_often_as_asked(fault: Fault) -> None:
    """Each class of error before the stream can be brought about, and then it is over."""
    expected = refusal(fault, NAME)
    assert expected is not None
    with OllamaServer(Script(fault=fault, fault_times=1)) as server:
        answer = chat(server)
        assert answer.status_code == expected.status
        if isinstance(expected.body, dict):
            assert answer.json() == expected.body
        else:
            assert answer.text == (expected.body or "")
        assert chat(server).status_code == 200
        server.wait_for(lambda record: record.outcome == "done")
        assert server.log[0].outcome == fault.value


def test_the_refusals_are_those_of_the_real_server() -> None:
    """A changed letter here would let the product be right about a server that does not exist."""
    busy, missing = refusal(Fault.BUSY), refusal(Fault.MODEL_MISSING, "fast:4b")
    assert busy is not None
    assert missing is not None
    assert busy.body == {"error": "server busy, please try again.  maximum pending requests exceeded"}
    assert missing.body == {"error": "model 'fast:4b' not found"}


def test_a_fault_can_be_everywhere_or_only_on_some_paths() -> None:
    """A proxy stands before every route; a dying runner only before the chat."""
    with OllamaServer(Script(fault=Fault.PROXY_502, fault_paths=())) as server, client(server) as http:
        assert "<html>" in http.get("/api/version").text
        server.script = replace(server.script, fault_paths=("/api/tags",))
        assert http.get("/api/version").status_code == 200
        assert http.get("/api/tags").status_code == 502


def test_an_error_line_and_a_missing_end_come_with_a_good_status() -> None:
    """Both look like success until the last line."""
    with OllamaServer(Script(fault=Fault.ERROR_LINE)) as server:
        lines = lines_of(chat(server).content)
        assert [list(line) == ["error"] for line in lines] == [False, False, True]
        server.script = replace(server.script, fault=Fault.NO_END)
        lines = lines_of(chat(server).content)
        assert [line["done"] for line in lines] == [False, False]


@pytest.mark.parametrize("fault", [Fault.CUT_LINE, Fault.RESET, Fault.HANG_UP, Fault.RAW_CUT])
def test_a_broken_connection_breaks_and_the_next_one_works(fault: Fault) -> None:
    """A client must see a broken transport, never a body that ends well."""
    with OllamaServer(Script(fault=fault, fault_times=1, raw_body=b'{"a"')) as server:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            chat(server)
        assert text_of(chat(server).content) == "".join(SAYS)
        server.wait_for(lambda record: record.outcome == fault.value)


def test_a_cut_line_gives_half_a_line_and_a_reset_is_a_reset() -> None:
    """The decoder must not take half a line for a line."""
    with OllamaServer(Script(fault=Fault.CUT_LINE)) as server:
        got = b""
        with raw_chat(server) as sock:
            while block := sock.recv(65536):
                got += block
        assert got.count(b'"content"') in (2, 3)
        assert not got.endswith((b"\n", b"}"))
        server.script = replace(server.script, fault=Fault.RESET)
        with raw_chat(server) as sock, pytest.raises(ConnectionResetError):
            list(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("fault", [Fault.EMPTY_LINES, Fault.STALL, Fault.STALL_MIDWAY])
def test_a_harmless_fault_leaves_the_answer_whole(fault: Fault) -> None:
    """Waiting and empty lines lose nothing."""
    with OllamaServer(Script(fault=fault, stall_s=0.1)) as server:
        began = time.monotonic()
        assert text_of(chat(server).content) == "".join(SAYS)
        assert fault is Fault.EMPTY_LINES or time.monotonic() - began >= 0.1


def test_odd_characters_garbage_and_a_huge_line_are_on_the_wire() -> None:
    """U+0085 comes raw and U+2028 escaped, as from Go; garbage and 9 MiB come between good lines."""
    with OllamaServer(Script(fault=Fault.SEPARATORS)) as server:
        body = chat(server).content
        assert "\u0085".encode() in body
        assert b"\\u2028" in body
        assert "\u2028" in text_of(body)
        server.script = replace(server.script, fault=Fault.GARBAGE)
        body = chat(server).content
        assert body.split(b"\n")[2] == b"<<< this is not JSON >>>"
        assert body.split(b"\n")[-2].count(b'"done":true') == 1
        server.script = replace(server.script, fault=Fault.HUGE_LINE)
        assert max(len(line) for line in chat(server).content.split(b"\n")) > 8 * 2**20


def test_silence_lasts_until_the_client_leaves() -> None:
    """Accepted and never answered: only the client's own patience ends it."""
    with OllamaServer(Script(fault=Fault.SILENT)) as server:
        with pytest.raises(httpx.ReadTimeout), client(server) as http:
            http.post("/api/chat", json=ask(), timeout=0.1)
        assert server.wait_for(lambda record: record.client_gone_at).status == 0


def test_raw_bytes_come_as_they_are_cut_where_asked() -> None:
    """Fuzzing needs any bytes, in any parts."""
    body = bytes(range(256)) * 2
    with OllamaServer(Script(fault=Fault.RAW, raw_body=body, raw_cuts=(1, 7, 300, 9999))) as server:
        with client(server) as http, http.stream("POST", "/api/chat", json=ask()) as answer:
            parts = list(answer.iter_raw())
        assert [len(part) for part in parts] == [1, 6, 293, 212]
        assert b"".join(parts) == body


def test_a_pull_resumes_where_the_client_left_and_installs_the_model() -> None:
    """Esc in a download must cost nothing."""
    plan = Pull(layers=(1_000_000, 400), seconds=0.4, step_s=0.01)
    with OllamaServer(Script(models=(), pull=plan)) as server, client(server) as http:
        request: dict[str, Any] = {"method": "POST", "url": "/api/pull", "json": {"model": "new:2b"}}
        with http.stream(**request) as answer:
            for line in answer.iter_lines():
                left_at = json.loads(line).get("completed", 0)
                if left_at > 100_000:
                    break
        server.wait_for(lambda record: record.client_gone_at)
        assert http.get("/api/tags").json() == {"models": []}
        lines = lines_of(http.request(**request).content)
        assert lines[0] == {"status": "pulling manifest"}
        assert next(line["completed"] for line in lines if "completed" in line) >= left_at
        assert lines[-1] == {"status": "success"}
        assert http.get("/api/tags").json()["models"][0]["name"] == "new:2b"


def test_a_pull_can_fail_with_a_good_status_or_midway() -> None:
    """Ollama's 200 comes before it knows whether the model exists."""
    missing = "pull model manifest: file does not exist"
    with OllamaServer(Script(pull=Pull(error=missing))) as server, client(server) as http:
        answer = http.post("/api/pull", json={"model": "no:1b"})
        assert answer.status_code == 200
        assert lines_of(answer.content)[-1] == {"error": missing}
        server.script = Script(fault=Fault.CUT_LINE, fault_paths=("/api/pull",), fault_after=1)
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/api/pull", json={"model": "no:1b"})


def test_a_cloud_model_says_where_it_runs_and_uses_no_slot() -> None:
    """Privacy lines in the product hang on these two fields."""
    cloud = Model("big:120b-cloud", remote_model="big:120b", remote_host="https://ollama.com:443")
    with OllamaServer(Script(models=(cloud,))) as server, server.occupy(cloud.name):
        last = lines_of(chat(server, model=cloud.name).content)[-1]
        assert (last["remote_host"], "eval_duration" in last) == ("https://ollama.com:443", False)
        assert server.loads == 0


def test_the_server_can_die_and_come_back_at_its_address() -> None:
    """The app keeps trying; so there must be something to come back."""
    server = OllamaServer()
    server.start()
    with client(server) as http:
        assert http.get("/").status_code == 200
        server.close()
        with pytest.raises(httpx.TransportError):
            http.get("/")
        server.start()
        assert http.get("/").status_code == 200
        server.drop_connections()
    server.close()
    assert not [thread for thread in threading.enumerate() if thread is server._thread]


def test_waiting_for_what_never_comes_says_what_did_come() -> None:
    """A test that fails here must show why without being run again."""
    with OllamaServer() as server:
        chat(server)
        with pytest.raises(TimeoutError, match="/api/chat"):
            server.wait_for(lambda record: record.path == "/api/pull", timeout=0.01)


def test_a_callable_that_raises_is_seen_and_not_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    """A mistake in a test's own script must not look like a fault of the product."""

    def broken(_: object) -> str:
        raise KeyError("mistake")

    with OllamaServer(Script(reply=broken)) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            chat(server)
        server.wait_for(lambda record: record.outcome == "crashed")
    assert "mistake" in capfd.readouterr().err


def test_as_a_process_it_prints_its_address_and_logs_each_change(tmp_path: Path) -> None:
    """Benchmarks and trials by hand run it this way, and compare its clock with their own."""
    log = tmp_path / "log.jsonl"
    command = [
        sys.executable,
        "-m",
        "tests.server",
        "--words",
        "30",
        "--log",
        str(log),
        "--model",
        "tiny:135M",
    ]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            before = time.monotonic()
            answer = httpx.post(f"{url}/api/chat", json=ask(model="tiny:135M"), trust_env=False)
            after = time.monotonic()
            assert text_of(answer.content) == markdown(30)
        finally:
            os.kill(process.pid, signal.SIGTERM)
        assert process.wait(5) == 0
    events = lines_of(log.read_bytes())
    assert [event["event"] for event in events] == ["arrived", "granted", "first_token", "done"]
    assert before < events[-1]["at"] < events[-1]["first_token_at"] < after

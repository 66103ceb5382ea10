"""``leadline ask --json``: the names and fields that other programs rely on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.server import Fault, OllamaServer
from tests.shell.running import Shell

ENDS = ("finished", "failed", "cancelled")


def the_end(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The last event, which alone is a final one."""
    assert [event["event"] for event in events if event["event"] in ENDS] == [events[-1]["event"]]
    return events[-1]


def test_an_answer_is_told_in_events_with_exactly_these_fields(shell: Shell, server: OllamaServer) -> None:
    """A renamed field breaks an editor plug-in that nobody here has ever seen."""
    shell.run("ask", "warm up")
    done = shell.run("ask", "--json", "hi")
    events = done.events()

    assert (done.code, done.err) == (0, "")
    assert all(next(iter(event)) == "event" for event in events)
    assert [event["event"] for event in events] == ["routed", *["text"] * 4, "usage", "finished"]
    assert events[0] == {
        "event": "routed",
        "route": "fast",
        "model": "qwen3.5:4b",
        "provider": "ollama",
        "place": "local",
    }
    assert events[1] == {"event": "text", "text": "Use"}
    assert list(events[-2]) == [
        "event",
        "input_tokens",
        "cached_tokens",
        "thinking_tokens",
        "output_tokens",
        "is_estimate",
    ]
    finished = the_end(events)
    assert list(finished) == ["event", "turn", "answer", "ttft_ms", "total_ms", "output_tokens", "reason"]
    assert 0 < finished["ttft_ms"] <= finished["total_ms"]
    assert (finished["output_tokens"], finished["reason"]) == (4, "stop")
    (turn,) = shell.turns()
    assert (finished["turn"], finished["answer"]) == (turn.id, turn.answers[0].id)


def test_thinking_is_told_apart_from_the_answer(shell: Shell, server: OllamaServer) -> None:
    """Where a model thinks although it was asked not to, its thoughts are no part of the answer."""
    line = '{"message":{"role":"assistant","content":"","thinking":"hm"},"done":false}\n'
    end = '{"message":{"role":"assistant","content":"so"},"done":true,"done_reason":"stop"}\n'
    server.script = replace(server.script, fault=Fault.RAW, raw_body=(line + end).encode())
    events = shell.run("ask", "--json", "hi").events()

    assert {"event": "thinking", "text": "hm"} in events
    assert [event["text"] for event in events if event["event"] == "text"] == ["so"]


def test_a_broken_answer_ends_with_failed(shell: Shell, server: OllamaServer) -> None:
    """Who reads the stream must not wait for an end that never comes."""
    server.script = replace(server.script, fault=Fault.NO_END)
    done = shell.run("ask", "--json", "hi")
    failed = the_end(done.events())

    assert done.code == 1
    assert list(failed) == ["event", "kind", "message", "remedy", "is_partial"]
    assert (failed["kind"], failed["is_partial"]) == ("cut", True)
    assert failed["message"] in done.err  # people who pipe it into jq see why there is nothing


@pytest.mark.parametrize(
    ("arguments", "env", "code", "kind"),
    [
        ((), {}, 2, "usage"),
        (("--frobnicate", "hi"), {}, 2, "usage"),
        (("--deep=depeer", "hi"), {}, 2, "usage"),
        (("-x", "hi"), {}, 2, "usage"),
        (("-f", "nope", "hi"), {}, 1, "attachment"),
        (("-m", "nope", "hi"), {}, 1, "model_missing"),
        (("hi",), {"LEADLINE_FAST__NUM_CTX": "lots"}, 1, "settings"),
        (("hi",), {"LEADLINE_HOME": "~nobody-of-this-name"}, 1, "settings"),
        (("hi",), {"OLLAMA_HOST": "127.0.0.1:1"}, 1, "unreachable"),
        (("x" * 60_000,), {}, 1, "context_full"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failure_before_the_answer_is_an_event_too(
    shell: Shell, arguments: tuple[str, ...], env: dict[str, str], code: int, kind: str
) -> None:
    """A program must not have to read prose on stderr to learn that it called us wrongly."""
    done = shell.run("ask", "--json", *arguments, env=env)
    failed = the_end(done.events())

    assert done.code == code
    assert (failed["event"], failed["kind"], failed["is_partial"]) == ("failed", kind, False)
    assert failed["message"]
    assert failed["remedy"]


def test_a_conversation_that_cannot_be_read_is_an_event_too(shell: Shell, tmp_path: Path) -> None:
    """Between the start and the question anything may fail; the stream still ends with a word."""
    shell.run("ask", "hi")
    database = tmp_path / "leadline.db"
    data = bytearray(database.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)  # the header stays: it is found out by reading
    database.write_bytes(bytes(data))
    done = shell.run("ask", "--json", "-c", "hi")

    assert the_end(done.events())["event"] in ("failed", "finished")
    assert "Traceback" not in done.err

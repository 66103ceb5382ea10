"""What a deep request says, in every dialect and version: written down without sending anything."""

import json
from typing import Any

import pytest

from core.events import ThinkingDelta
from core.messages import Message, Role
from core.providers.anthropic.messages import VERSIONS, AnthropicWire
from core.providers.deep.calls import DeepRequest, Effort, Stance
from core.providers.deep.pauses import asked_pause, own_pause
from core.providers.deep.refusals import About, from_said, from_status
from core.providers.openai.dialects import DEPTHS, depth_for
from tests.core.deep_door import ASKED, Told, read, wire

ANY = Stance()


def body(
    protocol: str, effort: Effort, dialect: str = "plain", stance: Stance = ANY, **more: Any
) -> dict[str, Any]:
    """A request's body."""
    asked = DeepRequest("m", ASKED.messages, effort, **more)
    fields: dict[str, Any] = json.loads(wire(protocol, dialect).build(asked, stance).body)
    return fields


def depth(protocol: str, effort: Effort, dialect: str = "plain", stance: Stance = ANY) -> dict[str, Any]:
    """What a request's body says of depth, and nothing else."""
    fields = body(protocol, effort, dialect, stance)
    usual = {"model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "system"}
    return {name: value for name, value in fields.items() if name not in usual}


KWARGS = {"chat_template_kwargs": {"enable_thinking": True, "thinking": True}}
STILL = {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}}


@pytest.mark.parametrize(
    ("dialect", "effort", "said"),
    [
        ("plain", "high", {"reasoning_effort": "high"}),
        ("plain", "none", {"reasoning_effort": "none"}),
        ("openai", "xhigh", {"reasoning_effort": "xhigh"}),
        ("deepseek", "low", {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        ("deepseek", "medium", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("deepseek", "max", {"thinking": {"type": "enabled"}, "reasoning_effort": "max"}),
        ("deepseek", "none", {"thinking": {"type": "disabled"}}),
        ("openrouter", "high", {"reasoning": {"effort": "high"}}),
        ("openrouter", "none", {"reasoning": {"effort": "none"}}),
        ("gemini", "max", {"reasoning_effort": "high"}),
        ("gemini", "minimal", {"reasoning_effort": "minimal"}),
        ("vllm", "xhigh", {"reasoning_effort": "high", **KWARGS}),
        ("vllm", "none", STILL),
        ("llama-server", "high", KWARGS),
        ("llama-server", "none", STILL),
        ("lm-studio", "minimal", {"reasoning_effort": "low"}),
    ],
)
def test_every_dialect_is_asked_for_depth_in_its_own_words(
    dialect: str, effort: str, said: dict[str, Any]
) -> None:
    """A word that a server does not know is at best ignored, and then the deep answer is none."""
    assert depth("openai", Effort(effort), dialect) == said


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.openai.com", "openai"),
        ("API.DeepSeek.com.", "deepseek"),
        ("openrouter.ai", "openrouter"),
        ("eu.openrouter.ai", "openrouter"),
        ("generativelanguage.googleapis.com", "gemini"),
        ("notopenrouter.ai", "plain"),
        ("api.deepseek.com.example", "plain"),
        ("127.0.0.1", "plain"),
    ],
)
def test_a_dialect_is_known_by_its_host_or_told(host: str, name: str) -> None:
    """Nobody has to know what their vendor calls things; whoever does may say."""
    assert depth_for(host) is DEPTHS[name]
    assert depth_for(host, "vllm") is DEPTHS["vllm"]


def test_the_setting_takes_every_dialect_there_is() -> None:
    """A dialect that cannot be told is none for a server nearby."""
    from typing import get_args, get_type_hints

    from core.settings.model import DeepSettings

    hints = get_type_hints(DeepSettings)
    assert set(get_args(hints["dialect"])) == {"", *DEPTHS}
    assert get_args(hints["effort"]) == tuple(Effort)


def test_the_bound_goes_by_the_name_that_the_server_knows() -> None:
    """OpenAI's newer models refuse the old name, and most others the new one."""
    assert body("openai", Effort.HIGH, "openai", max_tokens=9)["max_completion_tokens"] == 9
    assert body("openai", Effort.HIGH, max_tokens=9)["max_tokens"] == 9
    assert body("anthropic", Effort.HIGH, max_tokens=9)["max_tokens"] == 9
    assert body("ollama", Effort.HIGH, max_tokens=9)["options"] == {"num_predict": 9}


@pytest.mark.parametrize(
    ("effort", "stance", "said"),
    [
        ("max", ANY, {"type": "adaptive", "display": "summarized"}),
        ("none", ANY, {"type": "disabled"}),
        ("high", Stance(is_older=True), {"type": "enabled", "budget_tokens": 11468}),
        ("minimal", Stance(is_older=True), {"type": "enabled", "budget_tokens": 2048}),
        ("high", Stance(takes_effort=False), None),
    ],
)
def test_anthropic_is_asked_to_think_and_to_show_it(effort: str, stance: Stance, said: object) -> None:
    """`display` has a default that depends on the model, so it is always said."""
    assert depth("anthropic", Effort(effort), stance=stance).get("thinking") == said


def test_an_older_model_is_left_room_for_its_answer() -> None:
    """A budget that takes all tokens is refused by the server."""
    asked = DeepRequest("m", ASKED.messages, Effort.MAX, max_tokens=1024)
    fields = json.loads(wire("anthropic").build(asked, Stance(is_older=True)).body)
    assert "thinking" not in fields


@pytest.mark.parametrize(("version", "path"), [("", False), *((version, True) for version in VERSIONS)])
def test_the_version_and_the_path_are_the_settings(version: str, path: bool) -> None:
    """Two versions are in use; a base_url may end with the version path or not."""
    call = AnthropicWire("h", version, path).build(ASKED, ANY)
    assert call.headers["anthropic-version"] == (version or VERSIONS[0])
    assert call.path == ("/messages" if path else "/v1/messages")


def test_anthropic_gets_the_system_apart_and_roles_in_turn() -> None:
    """It refuses a system message among the others, and two messages of one role in a row."""
    said = [(Role.SYSTEM, "a"), (Role.USER, "b"), (Role.USER, "c"), (Role.ASSISTANT, "d"), (Role.USER, "e")]
    asked = DeepRequest("m", tuple(Message(role, text) for role, text in said))
    fields = json.loads(wire("anthropic").build(asked, ANY).body)
    assert fields["system"] == "a"
    assert [(turn["role"], turn["content"]) for turn in fields["messages"]] == [
        ("user", "b\n\nc"),
        ("assistant", "d"),
        ("user", "e"),
    ]


@pytest.mark.parametrize(
    ("model", "effort", "think"),
    [
        ("qwen3:4b", "high", True),
        ("qwen3:4b", "none", False),
        ("gpt-oss:120b-cloud", "max", "max"),
        ("gpt-oss:20b", "none", "low"),
        ("gpt-oss:20b", "medium", "medium"),
    ],
)
def test_ollama_thinks_by_yes_or_no_or_by_levels(model: str, effort: str, think: object) -> None:
    """One family takes levels only and cannot be switched off; the others take no levels."""
    asked = DeepRequest(model, ASKED.messages, Effort(effort))
    assert json.loads(wire("ollama").build(asked, ANY).body)["think"] == think


def test_a_lower_effort_that_was_learnt_bounds_what_is_wanted() -> None:
    """One refusal teaches all later calls; what was wanted lower stays lower."""
    stance = Stance(most=Effort.MEDIUM)
    assert [stance.effort(effort) for effort in (Effort.LOW, Effort.HIGH)] == [Effort.LOW, Effort.MEDIUM]
    assert [effort.step_down for effort in (Effort.NONE, Effort.MAX)] == [Effort.NONE, Effort.XHIGH]


CREDIT = "Your credit balance is too low to access the Anthropic API."
CONTEXT = "This model's maximum context length is 131072 tokens."


def said(text: str, kind: str = "", code: str = "") -> dict[str, Any]:
    """An error's body as most have it."""
    return {"error": {"message": text, "type": kind, "code": code}}


@pytest.mark.parametrize(
    ("status", "sent", "kind"),
    [
        (400, [said("Request contains an invalid argument.", "INVALID_ARGUMENT")], "rejected"),
        (400, [said(CONTEXT)], "context_full"),
        (400, said(CREDIT, "invalid_request_error"), "out_of_credit"),
        (400, said(CONTEXT), "context_full"),
        (400, said("prompt is too long: 312000 tokens > 200000 maximum"), "context_full"),
        (404, said("model: claude-9", "not_found_error"), "model_missing"),
        (400, said("The model `x.5` does not exist", code="model_not_found"), "model_missing"),
        (413, said("x", "request_too_large"), "context_full"),
        (402, said("Insufficient Balance"), "out_of_credit"),
        (403, said("Country not supported"), "refused"),
        (422, said("Failed to deserialize"), "rejected"),
        (500, said("x", code="server_is_overloaded"), "busy"),
        (504, said("x", "timeout_error"), "server_error"),
        (529, said("Overloaded", "overloaded_error"), "busy"),
        (502, None, "server_error"),
        (307, None, "rejected"),
        (418, "not json", "rejected"),
    ],
)
def test_a_refusal_means_the_same_whoever_says_it(status: int, sent: object, kind: str) -> None:
    """Vendors use statuses as they like; the words decide what a person can do."""
    data = json.dumps(sent).encode() if sent is not None else b"<html>Bad Gateway</html>"
    error = from_status(status, {}, data, About("api.x", "m", "key-0123456789ab", "the test"))
    assert error.kind == kind, error.message
    assert error.message
    assert error.remedy
    assert error.ways


def test_a_failure_in_words_is_told_from_a_shortage_of_money() -> None:
    """In the middle of a stream there is no status, only the words."""
    about = About("api.x", "m")
    assert from_said({"type": "overloaded_error", "message": "Overloaded"}, about).kind == "busy"
    assert from_said({"type": "rate_limit_error", "message": "x"}, about).kind == "rate_limited"
    assert from_said({"code": "insufficient_quota", "message": "x"}, about).kind == "out_of_credit"
    assert from_said("anything", about).kind == "server_error"
    assert from_said({"message": ["odd"]}, about).kind == "server_error"


def test_pauses_grow_and_are_spread() -> None:
    """All who were refused must not come back in the same moment."""
    assert [own_pause(attempt, lambda: 1.0) for attempt in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, 8.0]
    assert own_pause(1, lambda: 0.0) == 0.25
    assert asked_pause({}) is None
    assert asked_pause({"retry-after": "nan"}) is None
    assert asked_pause({"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT"}, lambda: 1767225605.0) == 4.0
    assert asked_pause({"retry-after": "soon"}, lambda: 0.0) is None


def test_an_answer_without_end_is_given_up() -> None:
    """What never ends would fill the memory, one piece at a time."""
    reader = wire("openai").reader(ASKED)
    chunk = b'data: {"choices":[{"delta":{"reasoning":"%b"}}]}\n\n' % (b"x" * 2**20)
    told = Told()
    for _ in range(18):
        told.events += reader.feed(chunk)
    assert told.failure.error.kind == "protocol"
    assert isinstance(told.events[-2], ThinkingDelta)


def test_thinking_that_never_closes_is_kept_as_thinking() -> None:
    """A model that is cut in its thoughts has given no answer."""
    part = b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n'
    end = b'data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\ndata: [DONE]\n\n'
    told = read(wire("openai").reader(ASKED), [part % b"<think>a", part % b"b", end])
    assert (told.text, told.thinking, told.finish.reason) == ("", "ab", "length")


def test_an_answer_here_never_goes_beyond_the_window() -> None:
    """A model that writes beyond it loses its own beginning, and no one is told; a limit is."""
    question = Message(Role.USER, "x" * 9_000)
    asked = DeepRequest("m", (question,), max_tokens=16_384, num_ctx=8_192)
    built = json.loads(wire("ollama").build(asked, ANY).body)
    assert built["options"] == {"num_ctx": 8_192, "num_predict": 8_192 - 3_000}
    last = b'{"message":{"content":""},"done":true,"done_reason":"length"}\n'
    told = read(wire("ollama").reader(asked), [last])
    assert told.finish.shortfall is not None
    assert "5,192 tokens" in told.finish.shortfall.message
    full = DeepRequest("m", (Message(Role.USER, "x" * 90_000),), num_ctx=8_192)
    assert json.loads(wire("ollama").build(full, ANY).body)["options"]["num_predict"] == 512


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("keys.toml", "Give it another: leadline keys set."),
        ("api_key_cmd", "Look at what deep.api_key_cmd prints."),
        ("OPENAI_API_KEY", "Set OPENAI_API_KEY to another, or unset it and give one: leadline keys set."),
    ],
)
def test_who_follows_the_remedy_for_a_refused_key_is_helped(source: str, remedy: str) -> None:
    """A key in the environment goes before those that are kept: to keep another one changes nothing."""
    error = from_status(401, {}, b"{}", About("api.x", "m", "key-0123456789ab", source))
    assert f"from {source} (HTTP 401)" in error.message
    assert error.remedy == remedy

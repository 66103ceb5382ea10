"""The OpenAI-compatible half of the server: the same script, pace and faults in other words."""

import time
from collections.abc import Mapping

from tests.server.ask import messages_of
from tests.server.call import Call
from tests.server.chat import Piece, Wire, planned, stream, texts
from tests.server.faults import Fault, Refusal, refuse
from tests.server.models import Loaded, Model, find
from tests.server.runner import Read
from tests.server.templates import template_of
from tests.server.tempo import Tempo, paced
from tests.server.wire import encoded

CHAT_PATH, MODELS_PATH, PROPS_PATH = "/v1/chat/completions", "/v1/models", "/props"
_STATUS_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def in_openai_words(refused: Refusal) -> Refusal:
    """A refusal's body as this protocol has it; a page or nothing stays what it is."""
    if not isinstance(refused.body, dict) or not isinstance(said := refused.body.get("error"), str):
        return refused
    kind = _STATUS_TYPES.get(
        refused.status, "server_error" if refused.status >= 500 else "invalid_request_error"
    )
    error = {"message": said, "type": kind, "param": None, "code": None}
    return Refusal(refused.status, {"error": error}, refused.headers)


def listed(call: Call) -> dict[str, object]:
    """What /v1/models says; as llama-server does when the script owns its models to it."""
    owned_by = call.script.owned_by
    data: list[dict[str, object]] = []
    for model in call.models:
        entry: dict[str, object] = {"id": model.name, "object": "model", "created": 1, "owned_by": owned_by}
        if owned_by == "llamacpp":
            entry["meta"] = {"n_ctx_train": model.context_length, "size": model.size}
        elif owned_by == "vllm":
            entry["max_model_len"] = model.context_length
        data.append(entry)
    return {"object": "list", "data": data}


def props(call: Call) -> dict[str, object]:
    """llama-server's own page, with the window it really has; other servers have none."""
    if call.script.owned_by != "llamacpp":
        raise Refusal(404, {"error": "Not Found"})
    return {
        "default_generation_settings": {"n_ctx": call.script.served_ctx},
        "total_slots": call.script.places,
    }


async def complete(call: Call) -> None:
    """Answer one chat to its end, or until something planned goes wrong.

    Raises:
        Refusal: what is answered instead.
    """
    name = str(call.body.get("model") or "")
    model = find(call.models, name)
    if model is None:
        raise refuse(Fault.MODEL_MISSING, name)
    call.outlet.kind = "text/event-stream"
    async with call.memory.place(model.name, call.script.places, call.script.max_queue, call.queued):
        call.granted()
        await call.memory.load(Loaded(model.name, num_ctx=call.script.served_ctx), call.script.load_s)
        await _speak(call, model)


async def _speak(call: Call, model: Model) -> None:
    script, body = call.script, call.body
    most = body.get("max_tokens") or body.get("max_completion_tokens")
    thinks = bool(script.thinking) and model.can("thinking") and not _is_told_not_to_think(body)
    prompt = template_of(model.family).of_chat(messages_of(body), thinks)
    pieces, is_cut = planned(call, thinks, most if isinstance(most, int) else None, prompt.begun)
    async with paced(call, model, prompt.read, texts(pieces), is_cut=is_cut) as tempo:
        await _say(call, model, pieces, tempo, "length" if is_cut else "stop")


async def _say(call: Call, model: Model, pieces: list[Piece], tempo: Tempo, reason: str) -> None:
    script, body = call.script, call.body
    began = time.monotonic()

    def line(piece: Piece) -> bytes:
        key = script.reasoning_field if piece.is_thought else "content"
        return frame(encoded(_chunk(model.name, {"delta": {key: piece.text}, "finish_reason": None})))

    call.outlet.line(frame(encoded(_chunk(model.name, {"delta": {"role": "assistant", "content": None}}))))
    if await stream(call, pieces, Wire(line, frame, b": keep-alive\n\n"), tempo):
        return
    call.outlet.line(frame(encoded(_chunk(model.name, {"delta": {}, "finish_reason": reason}))))
    options = body.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage"):
        call.outlet.line(
            frame(encoded(_counts(call, model, len(pieces), time.monotonic() - began, tempo.read)))
        )
    call.outlet.line(frame(b"[DONE]"))
    await call.outlet.end()


def frame(payload: bytes) -> bytes:
    """One event."""
    return b"data: " + payload.rstrip(b"\n") + b"\n\n"


def _is_told_not_to_think(body: Mapping[str, object]) -> bool:
    given = body.get("chat_template_kwargs")
    return isinstance(given, dict) and given.get("enable_thinking") is False


def _chunk(model: str, choice: dict[str, object]) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, **choice}],
    }


def _counts(call: Call, model: Model, spoken: int, took_s: float, read: Read | None) -> dict[str, object]:
    tokens = -(-sum(len(text) for _, text in messages_of(call.body)) // 4)
    cached, read_s = tokens // 2, call.script.ttft_s
    if read is not None:
        tokens, cached, read_s = read.cached + read.computed, read.cached, read.prefill_s
    counted: dict[str, object] = {
        **_chunk(model.name, {}),
        "choices": [],
        "usage": {
            "prompt_tokens": tokens,
            "completion_tokens": spoken,
            "total_tokens": tokens + spoken,
            "prompt_tokens_details": {"cached_tokens": cached},
            **({} if call.script.cost_usd is None else {"cost": call.script.cost_usd}),
        },
    }
    if call.script.owned_by == "llamacpp":
        counted["timings"] = {"prompt_ms": read_s * 1000 + 1, "predicted_ms": took_s * 1000 + 1}
    return counted

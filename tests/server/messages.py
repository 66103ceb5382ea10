"""The Anthropic Messages half of the server: the same script, pace and faults in other words."""

import json
from collections.abc import Mapping

from tests.server.ask import messages_of
from tests.server.call import Call
from tests.server.chat import Piece, Wire, planned, stream, texts
from tests.server.faults import Fault, Refusal, refuse
from tests.server.models import Loaded, Model, find
from tests.server.templates import template_of
from tests.server.tempo import Tempo, paced
from tests.server.wire import encoded

MESSAGES_PATH = "/v1/messages"
_KINDS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def in_anthropic_words(refused: Refusal) -> Refusal:
    """A refusal's body as this protocol has it; a page or nothing stays what it is."""
    if not isinstance(refused.body, dict) or not isinstance(said := refused.body.get("error"), str):
        return refused
    kind = _KINDS.get(refused.status, "api_error" if refused.status >= 500 else "invalid_request_error")
    headers = {"request-id": "req_test", **(refused.headers or {})}
    return Refusal(refused.status, {"type": "error", "error": {"type": kind, "message": said}}, headers)


async def speak_messages(call: Call) -> None:
    """Answer one request to its end, or until something planned goes wrong.

    Raises:
        Refusal: what is answered instead.
    """
    name = str(call.body.get("model") or "")
    model = find(call.models, name)
    if model is None:
        raise refuse(Fault.MODEL_MISSING, name)
    if not isinstance(call.body.get("max_tokens"), int):
        raise Refusal(400, {"error": "max_tokens: Field required"})
    call.outlet.kind = "text/event-stream; charset=utf-8"
    async with call.memory.place(model.name, call.script.places, call.script.max_queue, call.queued):
        call.granted()
        await call.memory.load(Loaded(model.name, num_ctx=call.script.served_ctx), call.script.load_s)
        await _speak(call, model)


async def _speak(call: Call, model: Model) -> None:
    script, most = call.script, call.body["max_tokens"]
    thinks = bool(script.thinking) and _is_told_to_think(call.body)
    prompt = template_of(model.family).of_chat(_messages(call.body), thinks)
    pieces, is_cut = planned(call, thinks, most if isinstance(most, int) else None, prompt.begun)
    async with paced(call, model, prompt.read, texts(pieces), is_cut=is_cut) as tempo:
        await _say(call, model, pieces, tempo, "max_tokens" if is_cut else "end_turn")


async def _say(call: Call, model: Model, pieces: list[Piece], tempo: Tempo, reason: str) -> None:
    thinks = any(piece.is_thought for piece in pieces)
    # What the newer version of the protocol adds; the older one is what every server knows.
    is_newer = call.headers.get("anthropic-version", "") >= "2026"
    usage = {"input_tokens": 20, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 7}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model.name, "content": []}
    start = {"type": "message_start", "message": {**message, "usage": {**usage, "output_tokens": 1}}}
    call.outlet.line(_event(start))
    if is_newer and thinks:
        call.outlet.line(_event({"type": "thinking_progress", "index": 0, "estimate": 0.4}))
    if await stream(call, pieces, Wire(_Blocks().line, frame, _event({"type": "ping"})), tempo):
        return
    delta: dict[str, object] = {
        "stop_reason": reason,
        "stop_sequence": None,
    }
    counts: dict[str, object] = {"output_tokens": len(pieces)}
    if is_newer:
        thought = sum(piece.is_thought for piece in pieces)
        delta |= {"stop_details": None, "container": None}
        counts |= {**usage, "output_tokens_details": {"thinking_tokens": thought}}
    call.outlet.line(_event({"type": "message_delta", "delta": delta, "usage": counts}))
    call.outlet.line(_event({"type": "message_stop"}))
    await call.outlet.end()


class _Blocks:
    """Pieces as deltas of a block each for the thinking and for the text."""

    def __init__(self) -> None:
        self._index = -1
        self._kind = ""

    def line(self, piece: Piece) -> bytes:
        """One piece, with the block's beginning before its first one."""
        kind = "thinking" if piece.is_thought else "text"
        begun = b""
        if kind != self._kind:
            if self._kind:
                begun = _event({"type": "content_block_stop", "index": self._index})
            self._kind, self._index = kind, self._index + 1
            block = {"type": kind, kind: ""}
            begun += _event({"type": "content_block_start", "index": self._index, "content_block": block})
        delta = {"type": f"{kind}_delta", kind: piece.text}
        return begun + _event({"type": "content_block_delta", "index": self._index, "delta": delta})


def frame(payload: bytes) -> bytes:
    """Anything else as an event; an error in this protocol's words."""
    try:
        said = json.loads(payload)["error"]
    except (ValueError, KeyError, TypeError):
        return b"data: " + payload.rstrip(b"\n") + b"\n\n"
    return _event(
        {"type": "error", "error": {"type": "api_error", "message": said}, "request_id": "req_test"}
    )


def _event(fields: Mapping[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (str(fields["type"]).encode(), encoded(fields))


def _messages(body: Mapping[str, object]) -> list[tuple[str, str]]:
    """Role and text of each; this protocol has the system's text beside them."""
    system = body.get("system")
    return [*([("system", str(system))] if system else []), *messages_of(body)]


def _is_told_to_think(body: Mapping[str, object]) -> bool:
    given = body.get("thinking")
    return isinstance(given, dict) and given.get("type") in ("adaptive", "enabled")

"""A deep call in the OpenAI-compatible protocol: the request with its depth, and the answer as events."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.errors import ProtocolBroken
from core.events import ThinkingDelta
from core.providers.deep.calls import DeepCall, DeepEvent, DeepRequest, Effort, Reason, Stance, Usage
from core.providers.deep.events import EventStreamReader
from core.providers.deep.reading import or_none
from core.providers.fields import number_of, object_in, text_of
from core.providers.openai.body import CHAT_PATH, chat_fields, refused_field
from core.providers.openai.dialects import Depth
from core.providers.openai.fields import object_of, thinking_of
from core.providers.sse import Event
from core.providers.thoughts import ThoughtSplitter

_EFFORT = r"reasoning[_. ]?effort|thinking[_ ]?(level|budget|config)|\beffort\b|'?reasoning'?\b"
_NO_SUCH_FIELD = (
    r"(unknown|unrecognized|unsupported|unexpected|extra)[^.]{0,20} (parameter|argument|field|input|key)"
    r"|not supported with|does not support|extra_forbidden|unknown name"
)
_MOST_REFUSAL = 1_000
_REASONS = {
    "stop": Reason.STOP,
    "eos": Reason.STOP,
    "length": Reason.LENGTH,
    "max_tokens": Reason.LENGTH,
    "content_filter": Reason.FILTER,
    "tool_calls": Reason.TOOL,
    "function_call": Reason.TOOL,
    "insufficient_system_resource": Reason.PROVIDER,
    "model_context_window_exceeded": Reason.CONTEXT,
    "refusal": Reason.REFUSAL,
}


class OpenAIWire:
    """The protocol in one server's dialect."""

    def __init__(self, spoken_to: str, depth: Depth) -> None:
        self.spoken_to = spoken_to
        self._depth = depth

    @property
    def patience_s(self) -> float:
        """How long a model may think here without a byte of content; 0 is the usual time."""
        return self._depth.patience_s

    def build(self, request: DeepRequest, stance: Stance) -> DeepCall:
        """The request as path, headers and bytes."""
        depth, effort = self._depth, stance.effort(request.effort)
        body = chat_fields(request.model, request.messages, depth.limit_key, request.max_tokens)
        if stance.takes_effort:
            body |= depth.silence if effort is Effort.NONE else depth.thinking
            word = depth.words.get(effort, effort.value)
            if depth.effort_path and word:
                *outer, last = depth.effort_path
                at: dict[str, Any] = body
                for name in outer:
                    at = at.setdefault(name, {})
                at[last] = word
        fields = {name: body[name] for name in body if name not in stance.omitted}
        return DeepCall(CHAT_PATH, {"accept": "text/event-stream"}, json.dumps(fields).encode())

    def auth(self, key: str) -> dict[str, str]:
        """The headers that carry a key."""
        return {"authorization": f"Bearer {key}"}

    def reader(self, request: DeepRequest) -> "OpenAIReader":
        """A new reader for the answer."""
        return OpenAIReader(request, self.spoken_to)

    def adapt(self, request: DeepRequest, stance: Stance, refused: str) -> tuple[Stance, str] | None:
        """What to try after a refusal, and what to say of it; None when there is nothing to try."""
        effort = stance.effort(request.effort)
        if stance.takes_effort and re.search(_EFFORT, refused):
            if re.search(_NO_SUCH_FIELD, refused) or effort is Effort.NONE:
                return replace(stance, takes_effort=False), f"{request.model} takes no effort, sent without"
            if stance.most is None:
                said = f"{request.model} has no effort {effort}, used {effort.step_down}"
                return replace(stance, most=effort.step_down), said
            return None
        if field := refused_field(refused, stance.omitted):
            return replace(stance, omitted=stance.omitted | {field}), ""
        return None


class OpenAIReader(EventStreamReader):
    """Understands one answer; the counts come behind the reason, and the end behind both."""

    def __init__(self, request: DeepRequest, spoken_to: str) -> None:
        super().__init__(request, spoken_to)
        self._splitter = ThoughtSplitter()
        self._reason = ""
        self._refusal = ""

    @property
    def is_whole(self) -> bool:
        """Whether the reason has been said; only counts may follow."""
        return super().is_whole or bool(self._reason)

    def _take_end(self) -> Iterator[DeepEvent]:
        yield from super()._take_end()
        yield from self._splitter.finish()
        if self._reason:
            yield self._finished()

    def _event(self, event: Event, is_cut: bool) -> Iterator[DeepEvent]:
        if event.data.strip() == b"[DONE]":
            yield from self._splitter.finish()
            # A stream that ends properly and says no reason was not the model's own stop, nor a cut.
            self._reason = self._reason or "stop"
            yield self._finished()
            return
        try:
            fields = object_of(event.data)
        except ProtocolBroken:
            if event.name == "error":
                raise self._reported(event.data.decode("utf-8", "replace")) from None
            if is_cut:
                return
            raise
        yield from self._chunk(fields, event.name == "error")

    def _chunk(self, fields: dict[str, Any], is_error: bool) -> Iterator[DeepEvent]:
        if error := fields.get("error") or (fields if is_error else None):
            raise self._reported(error)
        if "choices" in fields:
            yield from self._start(fields.get("model"), fields.get("id"))
        usage = object_in(fields, "usage") or object_in(object_in(fields, "x_groq"), "usage")
        if usage:
            yield from self._counted(_usage(usage))
        choices = fields.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict):
            yield from self._choice(choice)

    def _choice(self, choice: dict[str, Any]) -> Iterator[DeepEvent]:
        delta = object_in(choice, "delta") or object_in(choice, "message")
        if thought := thinking_of(delta):
            yield ThinkingDelta(thought)
        if text := text_of(delta, "content"):
            yield from self._splitter.feed(text)
        if len(self._refusal) < _MOST_REFUSAL:
            self._refusal += text_of(delta, "refusal")[:_MOST_REFUSAL]
        if reason := text_of(choice, "finish_reason"):
            yield from self._splitter.finish()
            if reason == "error":
                raise self._reported(choice.get("error") or reason)
            self._reason = reason

    def _finished(self) -> DeepEvent:
        reason = _REASONS.get(self._reason.lower(), Reason.OTHER)
        if self._refusal and reason is Reason.STOP:
            return self._end(Reason.REFUSAL, "refusal", self._refusal)
        return self._end(reason, self._reason)


def _usage(usage: dict[str, Any]) -> Usage:
    read, written = object_in(usage, "prompt_tokens_details"), object_in(usage, "completion_tokens_details")
    cached = number_of(read, "cached_tokens") or number_of(usage, "prompt_cache_hit_tokens")
    return Usage(
        input_tokens=int(number_of(usage, "prompt_tokens")),
        cached_tokens=int(cached or number_of(usage, "cached_tokens")),
        cache_write_tokens=int(number_of(read, "cache_write_tokens")),
        thinking_tokens=int(number_of(written, "reasoning_tokens")),
        output_tokens=int(number_of(usage, "completion_tokens")),
        usd=or_none(usage.get("cost")),
    )

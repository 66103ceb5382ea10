"""The answer in the Messages protocol: named events to ours; what is not known is passed over."""

import json
from collections.abc import Iterator
from typing import Any

from core.errors import ProtocolBroken
from core.events import TextDelta, ThinkingDelta
from core.providers.deep.calls import DeepEvent, DeepRequest, Reason, Usage
from core.providers.deep.events import EventStreamReader
from core.providers.fields import number_of, object_in, text_of
from core.providers.sse import Event

_REASONS = {
    "end_turn": Reason.STOP,
    "stop_sequence": Reason.STOP,
    "max_tokens": Reason.LENGTH,
    "model_context_window_exceeded": Reason.CONTEXT,
    "refusal": Reason.REFUSAL,
    "tool_use": Reason.TOOL,
    "pause_turn": Reason.PAUSED,
}

_COUNTS = (
    *("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    *("output_tokens", "output_tokens_details"),
)


class MessagesReader(EventStreamReader):
    """Understands one answer; only `message_stop` ends it."""

    def __init__(self, request: DeepRequest, spoken_to: str) -> None:
        super().__init__(request, spoken_to)
        self._counts: dict[str, Any] = {}
        self._reason = ""
        self._why = ""

    def _event(self, event: Event, is_cut: bool) -> Iterator[DeepEvent]:
        try:
            fields = json.loads(event.data)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            if is_cut:
                return
            raise ProtocolBroken("an event holds no JSON object", "")
        match fields.get("type") or event.name:
            case "message_start":
                message = object_in(fields, "message")
                yield from self._start(message.get("model"), message.get("id"))
                yield from self._count(object_in(message, "usage"))
            case "content_block_start":
                block = object_in(fields, "content_block")
                yield from _said(block, "thinking", "text")
            case "content_block_delta":
                yield from _said(object_in(fields, "delta"), "thinking", "text")
            case "message_delta":
                delta = object_in(fields, "delta")
                self._reason = text_of(delta, "stop_reason") or self._reason
                details = object_in(delta, "stop_details")
                category, why = text_of(details, "category"), text_of(details, "explanation")
                self._why = ": ".join(filter(None, (category, why))) or self._why
                yield from self._count(object_in(fields, "usage"))
            case "message_stop":
                yield self._finished()
            case "message":  # of a server that does not stream
                yield from self._whole(fields)
            case "error":
                raise self._reported(fields.get("error") or fields)

    def _whole(self, message: dict[str, Any]) -> Iterator[DeepEvent]:
        yield from self._start(message.get("model"), message.get("id"))
        blocks = message.get("content")
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, dict):
                yield from _said(block, "thinking", "text")
        yield from self._count(object_in(message, "usage"))
        self._reason = text_of(message, "stop_reason")
        yield self._finished()

    def _count(self, usage: dict[str, Any]) -> Iterator[DeepEvent]:
        """Counts are cumulative, and a later event leaves out what has not changed."""
        self._counts |= {name: usage[name] for name in _COUNTS if usage.get(name) is not None}
        if not usage:
            return
        counts = self._counts
        cached = int(number_of(counts, "cache_read_input_tokens"))
        written = int(number_of(counts, "cache_creation_input_tokens"))
        yield from self._counted(
            Usage(
                input_tokens=int(number_of(counts, "input_tokens")) + cached + written,
                cached_tokens=cached,
                cache_write_tokens=written,
                thinking_tokens=int(number_of(object_in(counts, "output_tokens_details"), "thinking_tokens")),
                output_tokens=int(number_of(counts, "output_tokens")),
            )
        )

    def _finished(self) -> DeepEvent:
        """The end; a proxy that says no reason ends as one that stopped."""
        reason = _REASONS.get(self._reason, Reason.OTHER) if self._reason else Reason.STOP
        return self._end(reason, self._reason or "message_stop", self._why)


def _said(fields: dict[str, Any], thinking: str, text: str) -> Iterator[DeepEvent]:
    """What a block or a piece of it says; signatures, citations and tool input say nothing to a person."""
    if thought := text_of(fields, thinking):
        yield ThinkingDelta(thought)
    if said := text_of(fields, text):
        yield TextDelta(said)

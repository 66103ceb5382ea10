"""A deep call in Ollama's own protocol: here, on another machine, or in its cloud."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.events import ThinkingDelta
from core.providers.base import Profile, Request, Think
from core.providers.deep.calls import DeepCall, DeepEvent, DeepRequest, Effort, Reason, Stance, Usage
from core.providers.deep.reading import AnswerReader
from core.providers.fields import number_of, object_in, text_of
from core.providers.ollama.body import chat_body
from core.providers.ollama.ndjson import LineReader
from core.providers.thoughts import ThoughtSplitter

_LEVELS: dict[Effort, Think] = {
    Effort.NONE: False,
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "high",
    Effort.MAX: "max",
}
_TAKE_LEVELS = ("gpt-oss",)
"""Models that think by levels, and cannot do otherwise; the others are told yes or no."""
_LEAST_ROOM = 512
"""Tokens of answer that are asked for however full the window is; what does not fit, the server refuses."""
_BYTES_PER_TOKEN = 3
"""Fewer than nearly any text has, so that the room is never thought larger than it is."""
_REASONS = {"stop": Reason.STOP, "length": Reason.LENGTH}


class OllamaWire:
    """The protocol; one server may also pass requests on to the cloud."""

    patience_s = 0.0

    def __init__(self, spoken_to: str) -> None:
        self.spoken_to = spoken_to

    def build(self, request: DeepRequest, stance: Stance) -> DeepCall:
        """The request as path, headers and bytes."""
        asked = Request(
            request.model,
            request.messages,
            Profile(request.num_ctx),
            _room(request),
            _think(request, stance),
            request.keep_alive,
        )
        return DeepCall("/api/chat", {}, chat_body(asked, has_think=stance.takes_effort))

    def auth(self, key: str) -> dict[str, str]:
        """The headers that carry a key."""
        return {"authorization": f"Bearer {key}"}

    def reader(self, request: DeepRequest) -> "OllamaReader":
        """A new reader for the answer."""
        return OllamaReader(replace(request, max_tokens=_room(request)), self.spoken_to)

    def adapt(self, request: DeepRequest, stance: Stance, refused: str) -> tuple[Stance, str] | None:
        """What to try after a refusal, and what to say of it; None when there is nothing to try."""
        if not stance.takes_effort or "think" not in refused:
            return None
        effort = stance.effort(request.effort)
        if "does not support thinking" not in refused and stance.most is None and effort is Effort.MAX:
            return replace(stance, most=Effort.HIGH), f"{request.model} has no effort max, used high"
        return replace(stance, takes_effort=False), f"{request.model} does not think, asked without"


def _room(request: DeepRequest) -> int:
    """Tokens of answer: what writes beyond its window loses its own beginning, and nobody is told."""
    if not request.num_ctx:
        return request.max_tokens
    read = sum(len(message.text.encode()) for message in request.messages) // _BYTES_PER_TOKEN
    return max(_LEAST_ROOM, min(request.max_tokens, request.num_ctx - read))


def _think(request: DeepRequest, stance: Stance) -> Think:
    effort = stance.effort(request.effort)
    if any(name in request.model.lower() for name in _TAKE_LEVELS):
        return _LEVELS[effort] or "low"
    return effort is not Effort.NONE


class OllamaReader(AnswerReader):
    """Understands one answer; only ``done: true`` ends it."""

    def __init__(self, request: DeepRequest, spoken_to: str) -> None:
        super().__init__(request, spoken_to)
        self._lines = LineReader()
        self._splitter = ThoughtSplitter()

    def _take(self, data: bytes) -> Iterator[DeepEvent]:
        for fields in self._lines.feed(data):
            yield from self._line(fields)

    def _take_end(self) -> Iterator[DeepEvent]:
        for fields in self._lines.finish():
            yield from self._line(fields)
        if not self._is_over:
            yield from self._splitter.finish()

    def _line(self, fields: dict[str, Any]) -> Iterator[DeepEvent]:
        if error := fields.get("error"):
            raise self._reported(error)
        if "message" in fields:
            model = fields.get("remote_model") or fields.get("model")
            yield from self._start(model, "", fields.get("remote_host"))
        message = object_in(fields, "message")
        if thought := text_of(message, "thinking"):
            yield ThinkingDelta(thought)
        if text := text_of(message, "content"):
            yield from self._splitter.feed(text)
        if fields.get("done") is True:
            yield from self._splitter.finish()
            yield from self._counted(
                Usage(
                    input_tokens=int(number_of(fields, "prompt_eval_count")),
                    output_tokens=int(number_of(fields, "eval_count")),
                )
            )
            said = text_of(fields, "done_reason") or "stop"
            yield self._end(_REASONS.get(said, Reason.OTHER), said)

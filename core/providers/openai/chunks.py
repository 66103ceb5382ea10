"""The stream's bytes as pieces: what every dialect calls its text, its thinking, its counts and its end.

An answer is whole when a choice says why it finished, or at ``[DONE]``. The counts come behind that, so
`Ended` is given at ``[DONE]``, or by `finish` when the stream ends without it.
"""

from collections.abc import Iterator
from typing import Any

from core.errors import ProtocolBroken, ProviderError, RequestRejected, ServerFailed
from core.events import TextDelta, ThinkingDelta
from core.providers.base import Ended
from core.providers.fields import number_of, text_of
from core.providers.openai import refusals
from core.providers.openai.fields import object_of, thinking_of
from core.providers.sse import Event, EventReader
from core.providers.thoughts import ThoughtSplitter

Said = TextDelta | ThinkingDelta | Ended
_AGAIN = "Ask again."


class Chunks:
    """Understands one answer; knows no socket and no clock.

    Attributes:
        has_finished: why it ended has been said; only counts may follow.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._events = EventReader()
        self._splitter = ThoughtSplitter()
        self._reason = ""
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}
        self._is_over = False

    @property
    def has_finished(self) -> bool:
        """Whether the answer is whole, so that an end of the stream is none too early."""
        return bool(self._reason)

    def feed(self, data: bytes) -> Iterator[Said]:
        """Take bytes as they came; `Ended` is the last piece there is.

        Raises:
            ProviderError: The server reports a failure, or what came is not its protocol.
        """
        for event in self._events.feed(data):
            yield from self._take(event, is_cut=False)

    def finish(self) -> Iterator[Said]:
        """Take the stream's end; without an `Ended` among the pieces the answer was cut."""
        for event in self._events.finish():
            yield from self._take(event, is_cut=True)
        if self._is_over:
            return
        yield from self._splitter.finish()
        if self._reason:
            yield self._ended()

    def whole(self, body: bytes) -> Iterator[Said]:
        """Take an answer that is one JSON object, from a server that does not stream."""
        yield from self._understand(object_of(body))
        yield from self.finish()

    def _take(self, event: Event, is_cut: bool) -> Iterator[Said]:
        if self._is_over:
            return
        if event.data.strip() == b"[DONE]":
            yield from self._splitter.finish()
            yield self._ended()
            return
        try:
            fields = object_of(event.data)
        except ProtocolBroken:
            if event.name == "error":
                raise refusals.from_text(event.data.decode("utf-8", "replace"), self._model) from None
            if is_cut:
                return
            raise
        if event.name == "error":
            raise refusals.from_text(fields.get("error") or fields, self._model)
        yield from self._understand(fields)

    def _understand(self, fields: dict[str, Any]) -> Iterator[Said]:
        if error := fields.get("error"):
            raise refusals.from_text(error, self._model)
        if isinstance(usage := fields.get("usage"), dict):
            self._usage = usage
        if isinstance(timings := fields.get("timings"), dict):
            self._timings = timings
        choices = fields.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            yield from self._delta(delta)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            yield from self._splitter.finish()
            self._reason = reason
            if failure := _failed(reason, choice, self._model):
                raise failure

    def _delta(self, delta: dict[str, Any]) -> Iterator[Said]:
        if thought := thinking_of(delta):
            yield ThinkingDelta(thought)
        for name in ("content", "refusal"):
            if text := text_of(delta, name):
                yield from self._splitter.feed(text)

    def _ended(self) -> Ended:
        self._is_over = True
        usage, timings = self._usage, self._timings
        details = usage.get("prompt_tokens_details")
        cached = number_of(details if isinstance(details, dict) else {}, "cached_tokens")
        prefill, decode = number_of(timings, "prompt_ms"), number_of(timings, "predicted_ms")
        return Ended(
            reason="length" if self._reason == "length" else "stop",
            input_tokens=int(number_of(usage, "prompt_tokens")),
            output_tokens=int(number_of(usage, "completion_tokens") or number_of(timings, "predicted_n")),
            prefill_ms=prefill,
            decode_ms=decode,
            server_ms=prefill + decode,
            cached_tokens=int(
                cached or number_of(usage, "prompt_cache_hit_tokens") or number_of(timings, "cache_n")
            ),
        )


def _failed(reason: str, choice: dict[str, Any], model: str) -> ProviderError | None:
    """Ends that are none of an answer."""
    match reason:
        case "content_filter":
            return RequestRejected("the server's filter ended the answer", "Ask in other words.")
        case "error":
            if error := choice.get("error"):
                return refusals.from_text(error, model)
            return ServerFailed("the server reports an error and does not say which", _AGAIN)
    return None

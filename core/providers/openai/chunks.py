"""The stream's bytes as pieces: what every dialect calls its text, its thinking, its counts and its end.

An answer is whole when a choice says why it finished, or at ``[DONE]``. The counts come behind that, so
`Ended` is given at ``[DONE]``, or by `finish` when the stream ends without it.
"""

import json
from collections.abc import Iterator
from typing import Any

from core.errors import ProtocolBroken, ProviderError, RequestRejected, ServerFailed
from core.events import TextDelta, ThinkingDelta
from core.providers.base import Ended
from core.providers.keyless import without_keys
from core.providers.openai import refusals
from core.providers.openai.thoughts import ThoughtSplitter
from core.providers.sse import Event, EventReader
from core.sanitise import clean_line

Said = TextDelta | ThinkingDelta | Ended
_LARGEST_NUMBER = 2**53
_THINKING_FIELDS = ("reasoning_content", "reasoning")
_KEPT = "The text so far is kept; ask again."


class Chunks:
    """Understands one answer; knows no socket and no clock.

    Attributes:
        has_finished: why it ended has been said; only counts may follow.
    """

    def __init__(self, model: str, key: str = "") -> None:
        """Begin.

        Args:
            key: what was sent as the bearer; it is in no error, whatever the server repeats.
        """
        self._model = model
        self._key = key
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
        yield from self._understand(_object(body, self._key))
        yield from self.finish()

    def _take(self, event: Event, is_cut: bool) -> Iterator[Said]:
        if self._is_over:
            return
        if event.data.strip() == b"[DONE]":
            yield from self._splitter.finish()
            yield self._ended()
            return
        try:
            fields = _object(event.data, self._key)
        except ProtocolBroken:
            if event.name == "error":
                raise refusals.from_text(
                    event.data.decode("utf-8", "replace"), self._model, self._key
                ) from None
            if is_cut:
                return
            raise
        if event.name == "error":
            raise refusals.from_text(fields.get("error") or fields, self._model, self._key)
        yield from self._understand(fields)

    def _understand(self, fields: dict[str, Any]) -> Iterator[Said]:
        if error := fields.get("error"):
            raise refusals.from_text(error, self._model, self._key)
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
            if failure := _failed(reason, choice, self._model, self._key):
                raise failure

    def _delta(self, delta: dict[str, Any]) -> Iterator[Said]:
        # A server that has two of these fields says the same in both.
        thought = next((text for name in _THINKING_FIELDS if (text := _text(delta, name))), "")
        if thought := thought or _details(delta.get("reasoning_details")):
            yield ThinkingDelta(thought)
        for name in ("content", "refusal"):
            if text := _text(delta, name):
                yield from self._splitter.feed(text)

    def _ended(self) -> Ended:
        self._is_over = True
        usage, timings = self._usage, self._timings
        details = usage.get("prompt_tokens_details")
        cached = _number(details if isinstance(details, dict) else {}, "cached_tokens")
        prefill, decode = _number(timings, "prompt_ms"), _number(timings, "predicted_ms")
        return Ended(
            reason="length" if self._reason == "length" else "stop",
            input_tokens=int(_number(usage, "prompt_tokens")),
            output_tokens=int(_number(usage, "completion_tokens") or _number(timings, "predicted_n")),
            prefill_ms=prefill,
            decode_ms=decode,
            server_ms=prefill + decode,
            cached_tokens=int(
                cached or _number(usage, "prompt_cache_hit_tokens") or _number(timings, "cache_n")
            ),
        )


def _failed(reason: str, choice: dict[str, Any], model: str, key: str) -> ProviderError | None:
    """Ends that are none of an answer."""
    match reason:
        case "content_filter":
            return RequestRejected("the server's filter ended the answer", "Ask in other words.")
        case "error":
            if error := choice.get("error"):
                return refusals.from_text(error, model, key)
            return ServerFailed("the server reports an error and does not say which", _KEPT)
    return None


def _details(value: object) -> str:
    """OpenRouter's list of reasoning parts, where the plain fields are missing."""
    parts = [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
    return "".join(_text(part, "text") or _text(part, "summary") for part in parts)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _number(fields: dict[str, Any], name: str) -> int | float:
    value = fields.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    # JSON as Python reads it has Infinity and NaN, and whole numbers without end.
    return value if 0 < value <= _LARGEST_NUMBER else 0


def _object(data: bytes, key: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        what = without_keys(clean_line(data[:4096].decode("utf-8", "replace")), key)[:40]
        raise ProtocolBroken(
            f"what arrived is not the OpenAI-compatible protocol: {what!r} is no JSON object",
            "Check fast.base_url, and that nothing in between changes its answers.",
        )
    return value

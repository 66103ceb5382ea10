"""What all readers of an answer share: one end and never two, no exception, and what is no content."""

from collections.abc import Iterator
from typing import Any

from core.errors import ProtocolBroken
from core.events import TextDelta, ThinkingDelta
from core.providers.deep import endings, failures
from core.providers.deep.calls import (
    DeepEvent,
    DeepRequest,
    Failed,
    Finished,
    Heartbeat,
    Queued,
    Reason,
    Started,
    Usage,
)
from core.providers.deep.failures import DeepError
from core.providers.deep.refusals import About, from_said
from core.sanitise import clean_line

MOST_TEXT = 16 * 1024 * 1024
"""Characters of text and thinking; no model says so much, and what never ends would fill the memory."""


class AnswerReader:
    """One answer's bytes to events; a protocol says what its lines mean by `_take` and `_take_end`."""

    def __init__(self, request: DeepRequest, spoken_to: str) -> None:
        self._request = request
        self._spoken_to = spoken_to
        self._about = About(spoken_to, request.model)
        self._size = 0
        self._is_over = False
        self._has_text = False
        self._has_started = False
        self._usage = Usage()

    @property
    def is_whole(self) -> bool:
        """Whether the answer is over by the protocol's own word, and only counts may follow."""
        return self._is_over

    def feed(self, data: bytes) -> Iterator[DeepEvent]:
        """Take bytes as they came; after a `Finished` or `Failed` nothing comes any more."""
        if self._is_over:
            return
        count = 0
        for event in self._guarded(self._take(data)):
            count += 1
            yield event
        if not count and data:
            waiting = self._waiting()
            yield Heartbeat(len(data)) if waiting is None else Queued(waiting)

    def finish(self) -> Iterator[DeepEvent]:
        """Take the end of the bytes; the last event of all is then a `Finished` or a `Failed`."""
        if self._is_over:
            return
        yield from self._guarded(self._take_end())
        if not self._is_over:
            self._is_over = True
            yield Failed(failures.cut_off(self._spoken_to, self._has_text), self._has_text)

    def _take(self, data: bytes) -> Iterator[DeepEvent]:
        raise NotImplementedError

    def _take_end(self) -> Iterator[DeepEvent]:
        raise NotImplementedError

    def _waiting(self) -> str | None:
        """What the server says while nothing has begun; None when that is not so."""
        return None

    def _start(self, model: object, request_id: object, remote_host: object = "") -> Iterator[DeepEvent]:
        """The first sign of an answer, told once."""
        if not self._has_started:
            self._has_started = True
            yield Started(
                _line(model) or clean_line(self._request.model), _line(request_id), _line(remote_host)
            )

    def _counted(self, usage: Usage) -> Iterator[DeepEvent]:
        """The counts, told when they are others than before."""
        if usage != self._usage:
            self._usage = usage
            yield usage

    def _end(self, reason: Reason, said: str, why: object = "") -> Finished:
        name, most = self._spoken_to, self._request.max_tokens
        return endings.finished(reason, clean_line(said)[:100], name, most, _line(why, 300))

    def _reported(self, error: object) -> DeepError:
        """A failure that the server puts into words in the middle of the stream."""
        return from_said(error, self._about)

    def _guarded(self, events: Iterator[DeepEvent]) -> Iterator[DeepEvent]:
        """Pass events on to the first end; whatever goes wrong is an end too."""
        try:
            for event in events:
                if isinstance(event, TextDelta | ThinkingDelta):
                    self._has_text = self._has_text or isinstance(event, TextDelta)
                    self._size += len(event.text)
                    if self._size > MOST_TEXT:
                        raise failures.not_understood(self._spoken_to, "the answer does not come to an end")
                self._is_over = isinstance(event, Finished | Failed)
                yield event
                if self._is_over:
                    return
        except DeepError as error:
            self._is_over = True
            yield Failed(error, self._has_text)
        except ProtocolBroken as error:
            self._is_over = True
            yield Failed(failures.not_understood(self._spoken_to, error.message), self._has_text)


def _line(value: object, most: int = 200) -> str:
    return clean_line(value)[:most] if isinstance(value, str) else ""


def or_none(value: Any) -> float | None:
    """An amount of money; None when it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else None

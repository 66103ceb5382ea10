"""What readers of server-sent events share; a server that does not stream sends one object instead."""

from collections.abc import Iterator

from core.providers.deep import failures
from core.providers.deep.calls import DeepEvent, DeepRequest
from core.providers.deep.reading import MOST_TEXT, AnswerReader
from core.providers.sse import Event, EventReader
from core.sanitise import clean_line


class EventStreamReader(AnswerReader):
    """One answer as events; a protocol says what each means by `_event`."""

    def __init__(self, request: DeepRequest, spoken_to: str) -> None:
        super().__init__(request, spoken_to)
        self._events = EventReader()
        self._object: list[bytes] | None = None
        self._object_size = 0
        self._has_begun = False

    def _event(self, event: Event, is_cut: bool) -> Iterator[DeepEvent]:
        raise NotImplementedError

    def _waiting(self) -> str | None:
        return None if self._has_started else clean_line(self._events.comment).strip() or None

    def _take(self, data: bytes) -> Iterator[DeepEvent]:
        if not self._has_begun and (begin := data.lstrip()):
            self._has_begun = True
            self._object = [] if begin.startswith(b"{") else None
        if self._object is None:
            for event in self._events.feed(data):
                yield from self._event(event, is_cut=False)
            return
        self._object.append(data)
        self._object_size += len(data)
        if self._object_size > MOST_TEXT:
            raise failures.not_understood(self._spoken_to, "the answer does not come to an end")

    def _take_end(self) -> Iterator[DeepEvent]:
        last = self._events.finish() if self._object is None else [Event("", b"".join(self._object))]
        for event in last:
            yield from self._event(event, is_cut=True)

r"""Server-sent events from bytes: the framing that several vendors share, and nothing of what is in them.

A line ends at the byte ``\n`` (one ``\r`` before it belongs to the end) and nowhere else: text-mode splitting
also breaks at U+0085 and U+2028, which models do write inside a token. Bytes are decoded by whoever reads
the data, so a character that came in two chunks is whole by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ProtocolBroken

MAX_EVENT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        name: of its ``event:`` line; empty when there was none. An ``error:`` line, which llama-server
            writes, counts as data of an event of that name.
        data: its ``data:`` lines, joined by newlines; never empty.
    """

    name: str
    data: bytes


class EventReader:
    """Collects bytes and gives back the events that are whole; comments and keep-alives are passed over."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._data: list[bytes] = []
        self._name = ""
        self._held = 0
        self._is_first = True

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take bytes as they came; give the events they complete, so that good ones precede an error.

        Raises:
            ProtocolBroken: An event is longer than `MAX_EVENT_BYTES`.
        """
        *lines, rest = data.split(b"\n")
        for line in lines:
            whole = b"".join((*self._parts, line)) if self._parts else line
            self._parts = []
            self._hold(len(line))
            if event := self._take_line(whole):
                yield event
        if rest:
            self._parts.append(rest)
            self._hold(len(rest))

    def finish(self) -> list[Event]:
        """Take the end: a last event without its empty line counts; if it was cut, its reader can tell."""
        line, self._parts = b"".join(self._parts), []
        event = self._take_line(line) or self._close()
        return [event] if event else []

    def _take_line(self, line: bytes) -> Event | None:
        line = line.removesuffix(b"\r")
        if self._is_first:  # some servers begin with a byte order mark
            self._is_first, line = False, line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._close()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field:
            case b"data":
                self._data.append(value)
            case b"error":
                self._name = "error"
                self._data.append(value)
            case b"event":
                self._name = value.decode("utf-8", "replace")
            case _:  # a comment, an id, a retry: life, and no progress
                if not self._data:
                    self._held = 0
        return None

    def _close(self) -> Event | None:
        data, name = b"\n".join(self._data), self._name
        self._data, self._name, self._held = [], "", 0
        return Event(name, data) if data else None

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > MAX_EVENT_BYTES:
            raise ProtocolBroken(
                "what arrived is not a stream of events: one is longer than 8 MiB",
                "Check the address, and that nothing in between changes its answers.",
            )

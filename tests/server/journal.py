"""The log: what arrived when, and what became of it; stamps are `time.monotonic`, as in every process."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import TextIO

from tests.server.runner import Read


@dataclass(frozen=True, slots=True)
class Record:
    """One request, as far as it has come.

    Attributes:
        id: counts from 1 in the order of arrival.
        at: when the request had been read.
        connection: counts from 1; the same number twice is a connection used again.
        body: the parsed JSON; empty when there was none.
        queued_at: when it had to begin waiting for a slot; None when one was free.
        granted_at: when it had a slot.
        cached_tokens, computed_tokens: of the prompt, there already and read; with a `Script.pace` only.
        behind_s: how long it waited, with a slot granted, for a reader that had left too late.
        first_token_at: when the first piece was handed to the kernel.
        last_byte_at: when the answer was handed over as a whole.
        client_gone_at: when the client was seen to have left.
        status: of the answer; 0 before there is one.
        outcome: empty while under way; ``done``, ``refused``, ``gone``, ``crashed`` or a fault's name.
    """

    id: int
    at: float
    method: str
    path: str
    connection: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    queued_at: float | None = None
    granted_at: float | None = None
    cached_tokens: int | None = None
    computed_tokens: int | None = None
    behind_s: float = 0.0
    first_token_at: float | None = None
    last_byte_at: float | None = None
    client_gone_at: float | None = None
    status: int = 0
    outcome: str = ""

    @property
    def waited_s(self) -> float:
        """How long others kept it from the model: for a slot, and behind who had left."""
        waited = 0.0 if self.queued_at is None else (self.granted_at or time.monotonic()) - self.queued_at
        return waited + self.behind_s

    @property
    def left_in(self) -> str:
        """What was done for it when its client left: ``queue``, ``prefill`` (or loading) or ``decode``."""
        if self.client_gone_at is None or (self.queued_at is None and self.granted_at is None):
            return ""
        if self.granted_at is None:
            return "queue"
        return "prefill" if self.first_token_at is None else "decode"

    @property
    def ended_at(self) -> float | None:
        """When it was over, whoever ended it; None while it is under way."""
        return self.last_byte_at if self.client_gone_at is None else self.client_gone_at


def most_at_once(records: Sequence[Record]) -> int:
    """How many of these requests were under way at the same time, at most."""
    changes = [(record.at, 1) for record in records]
    changes += [(record.ended_at, -1) for record in records if record.ended_at is not None]
    return max(accumulate(change for _, change in sorted(changes)), default=0)


class Journal:
    """All records; written by the server's thread, read and waited for by any other."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._records: dict[int, Record] = {}
        self._changed = threading.Condition()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Write each change to the file as well, for the time of the block."""
        if self._path is None:
            yield
            return
        with self._path.open("a", encoding="utf-8") as self._file:
            yield
        self._file = None

    @property
    def log(self) -> tuple[Record, ...]:
        """Every request so far, in the order of arrival."""
        with self._changed:
            return tuple(self._records.values())

    def wait_for(self, predicate: Callable[[Record], object], timeout: float, count: int) -> Record:
        """The `count`-th record that fits, as soon as there is one."""
        with self._changed:
            matching: list[Record] = []

            def is_there() -> bool:
                matching[:] = [record for record in self._records.values() if predicate(record)]
                return len(matching) >= count

            if not self._changed.wait_for(is_there, timeout):
                seen = "\n".join(f"  {record}" for record in self._records.values()) or "  (nothing)"
                raise TimeoutError(f"not in the log within {timeout} s; the log is:\n{seen}")
            return matching[count - 1]

    def arrived(
        self, method: str, path: str, connection: int, headers: Mapping[str, str], body: Mapping[str, object]
    ) -> int:
        """Note a request; the number is its id."""
        number = len(self._records) + 1
        self._put("arrived", Record(number, time.monotonic(), method, path, connection, headers, body))
        return number

    def queued(self, number: int) -> None:
        """It has to wait for a slot."""
        self._put("queued", replace(self._records[number], queued_at=time.monotonic()))

    def granted(self, number: int) -> None:
        """It has a slot."""
        self._put("granted", replace(self._records[number], granted_at=time.monotonic()))

    def read(self, number: int, read: Read) -> None:
        """Its prompt has been read."""
        told = replace(
            self._records[number],
            cached_tokens=read.cached,
            computed_tokens=read.computed,
            behind_s=read.waited_s,
        )
        self._put("read", told)

    def first_token(self, number: int, at: float) -> None:
        """Its first piece went out."""
        self._put("first_token", replace(self._records[number], first_token_at=at))

    def gone(self, number: int) -> None:
        """Its client left before the end."""
        record = self._records[number]
        self._put("gone", replace(record, client_gone_at=time.monotonic(), outcome="gone"))

    def done(self, number: int, outcome: str, status: int) -> None:
        """It has been answered, or made to fail."""
        record = self._records[number]
        self._put("done", replace(record, last_byte_at=time.monotonic(), outcome=outcome, status=status))

    def _put(self, event: str, record: Record) -> None:
        with self._changed:
            self._records[record.id] = record
            self._changed.notify_all()
        if self._file is not None:
            self._file.write(json.dumps({"event": event, **asdict(record)}) + "\n")
            self._file.flush()

"""The server: a thread with a loop of its own, connections kept alive, and one door for each route."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from tests.server.connection import Connection
from tests.server.faults import Fault
from tests.server.journal import Journal, Record
from tests.server.memory import Memory, Reload
from tests.server.models import Loaded
from tests.server.routes import Shelf
from tests.server.scenes import Stage
from tests.server.script import Script, staged

_T = TypeVar("_T")


class OllamaServer:
    """The server in a thread of its own; a context manager, and may be closed and started again.

    All of it may be used from any thread. What waits, blocks: in a coroutine say
    ``await asyncio.to_thread(server.wait_for, ...)``.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        log_file: Path | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._script = script or Script()
        self._faults_left = self._script.fault_times
        self._stage = Stage(self._script.scenes)
        self._journal = Journal(log_file)
        self._shelf = Shelf()
        self._memory = Memory()
        self._connections: set[Connection] = set()
        self._connection_count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._failed: OSError | None = None

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def script(self) -> Script:
        """What it does from the next request on; give it another with `dataclasses.replace`."""
        return self._script

    @script.setter
    def script(self, script: Script) -> None:
        self._in_loop(lambda: self._follow(script))

    @property
    def log(self) -> tuple[Record, ...]:
        """Every request so far, in the order of arrival."""
        return self._journal.log

    @property
    def loads(self) -> int:
        """How often a model had to be loaded."""
        return self._memory.loads

    @property
    def reloads(self) -> int:
        """How many of the loads were of a model that was in memory with other options."""
        return len(self._memory.reloaded)

    @property
    def reloaded(self) -> tuple[Reload, ...]:
        """Each of these loads, with the options that caused it."""
        return tuple(self._memory.reloaded)

    def requests(self, path: str) -> tuple[Record, ...]:
        """The requests to one path, in the order of arrival."""
        return tuple(record for record in self.log if record.path == path)

    def wait_for(
        self, predicate: Callable[[Record], object], timeout: float = 30.0, count: int = 1
    ) -> Record:
        """Block until `count` records fit, and give the last of those.

        Raises:
            TimeoutError: It did not happen; the message shows the log.
        """
        return self._journal.wait_for(predicate, timeout, count)

    def start(self) -> None:
        """Listen; after a `close` on the same port, with what the script says in memory."""
        if self._thread is not None:
            return
        self._failed, self._memory = None, Memory()
        is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(is_up)), daemon=True)
        self._thread.start()
        is_up.wait()
        if self._failed is not None:
            self.close()
            raise self._failed

    def close(self) -> None:
        """Stop listening and cut every connection, as a process does that is killed."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        thread.join(5)
        self._loop = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def load(self, loaded: Loaded) -> None:
        """Another program loads a model: no time passes and nothing is counted."""
        self._in_loop(lambda: self._memory.put(loaded))

    def unload(self, name: str) -> None:
        """Another program, or the clock, takes a model out of memory."""
        self._in_loop(lambda: self._memory.drop(name))

    def drop_connections(self) -> None:
        """Close every connection that is open now, idle ones as well; go on listening."""
        self._in_loop(self._drop)

    @contextmanager
    def occupy(self, name: str) -> Iterator[None]:
        """Another program uses one of the model's slots for the time of the block."""
        assert self._loop is not None, "the server is not running"
        release = asyncio.Event()
        has_place = threading.Event()

        async def hold() -> None:
            async with self._memory.place(name, self._script.places, 1, lambda: None):
                has_place.set()
                await release.wait()

        held = asyncio.run_coroutine_threadsafe(hold(), self._loop)
        try:
            assert has_place.wait(5), f"no slot of {name} became free"
            yield
        finally:
            self._loop.call_soon_threadsafe(release.set)
            held.result(5)

    def _in_loop(self, act: Callable[[], _T]) -> _T:
        """Do something where the server's state lives, and wait for it."""
        if self._loop is None or self._thread is threading.current_thread():
            return act()

        async def acted() -> _T:
            return act()

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(5)

    def _follow(self, script: Script) -> None:
        if script.models != self._script.models:
            self._shelf = Shelf()
        if script.loaded != self._script.loaded:
            for loaded in script.loaded:
                self._memory.put(loaded)
        self._script = script
        self._faults_left = script.fault_times
        self._stage = Stage(script.scenes)

    def _next(self, path: str, body: Mapping[str, object]) -> tuple[Script, Fault | None]:
        """What holds for this request, and the fault that happens to it, counted."""
        script = self._script
        if path in script.fault_paths and (scene := self._stage.take(body)) is not None:
            return staged(script, scene), scene.fault
        return script, self._next_fault(script, path)

    def _next_fault(self, script: Script, path: str) -> Fault | None:
        if script.fault is None or (script.fault_paths and path not in script.fault_paths):
            return None
        if self._faults_left is None:
            return script.fault
        if self._faults_left <= 0:
            return None
        self._faults_left -= 1
        return script.fault

    async def _serve(self, is_up: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        for loaded in self._script.loaded:
            self._memory.put(loaded)
        try:
            listening = await asyncio.start_server(self._connect, self.host, self.port, limit=2**20)
        except OSError as error:
            self._failed = error
            is_up.set()
            return
        self.port = listening.sockets[0].getsockname()[1]
        with self._journal.opened():
            is_up.set()
            await self._stop.wait()
            listening.close()
            self._drop()
            await asyncio.gather(*(connection.ended() for connection in self._connections))

    def _drop(self) -> None:
        for connection in self._connections:
            connection.drop()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connection_count += 1
        connection = Connection(self._connection_count, reader, writer)
        self._connections.add(connection)
        try:
            await connection.serve(
                self._journal,
                lambda path, body: (*self._next(path, body), self._memory, self._shelf),
            )
        finally:
            self._connections.discard(connection)

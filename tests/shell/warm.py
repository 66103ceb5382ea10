"""An interpreter that has imported the command already, and becomes it once for each time it is asked to.

Starting Python and importing cost 0.3 s of a processor for every command, which is most of what the tests of
the command take. Here they are paid once: each command is a fork, which is a process of its own with the
arguments, environment, folder and pipes it is given, and ends as an interpreter ends. What a fresh start is
like is tried by `tests/house`, in a terminal, and wherever a test starts `COMMAND` itself.

    python -m tests.shell.warm SOCKET_FD          reads one request after another until the socket closes
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")
_COMMANDS = ("cli", "oneshot", "chores", "cache", "history", "api_keys", "examination", "recalled")


class WarmStart:
    """The warm interpreter of one process of tests; begun when the first command is run."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.shell.warm", str(theirs.fileno())],
                # Pipes, so that what the interpreter learns of them at its start is true of the command's.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=[theirs.fileno()],
                cwd=folder,
            )
        self._socket = ours
        self._turn = threading.Lock()

    def run(
        self,
        arguments: tuple[str, ...],
        stdin: bytes | None,
        environ: Mapping[str, str],
        cwd: Path,
        timeout: int,
    ) -> tuple[int, bytes, bytes]:
        """Run a command to its end; its code, stdout and stderr.

        Raises:
            subprocess.TimeoutExpired: It did not end; it has been killed.
        """
        asked = {"arguments": arguments, "environ": dict(environ), "cwd": str(cwd), "timeout": timeout}
        with _Pipes(is_fed=stdin is not None) as pipes:
            payload = json.dumps(asked).encode()
            with self._turn:
                socket.send_fds(self._socket, [_LENGTH.pack(len(payload))], pipes.theirs)
                self._socket.sendall(payload)
            pipes.let_go()
            said = pipes.hear(stdin or b"", timeout)
        if said is None:
            raise subprocess.TimeoutExpired(arguments, timeout)
        return said

    def close(self) -> None:
        """Let it go."""
        self._socket.close()
        self._process.communicate(timeout=100)


@dataclass(slots=True)
class _End:
    """One end of a pipe, closed once."""

    number: int

    def close(self) -> None:
        if self.number >= 0:
            os.close(self.number)
            self.number = -1


class _Pipes:
    """The command's three pipes, and one on which its end is told."""

    def __init__(self, is_fed: bool) -> None:
        self._fed: _End | None = None
        if is_fed:
            source, sink = os.pipe()
            self._fed = _End(sink)
        else:
            source = os.open(os.devnull, os.O_RDONLY)
        ends = [os.pipe() for _ in range(3)]
        self._heard = [_End(reader) for reader, _ in ends]
        self._given = [_End(source), *(_End(writer) for _, writer in ends)]

    @property
    def theirs(self) -> list[int]:
        """Stdin, stdout, stderr, and where the end is told."""
        return [end.number for end in self._given]

    def let_go(self) -> None:
        """Keep only our own ends."""
        for end in self._given:
            end.close()

    def hear(self, stdin: bytes, timeout: int) -> tuple[int, bytes, bytes] | None:
        """Feed and read until all of it has ended; None when it did not end in time."""
        said = [b"", b"", b""]

        def read(place: int) -> None:
            with os.fdopen(os.dup(self._heard[place].number), "rb") as pipe:
                said[place] = pipe.read()

        threads = [threading.Thread(target=read, args=(place,), daemon=True) for place in range(3)]
        threads.append(threading.Thread(target=self._feed, args=(stdin,), daemon=True))
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                return None
        (status,) = _STATUS.unpack(said[2])
        return os.waitstatus_to_exitcode(status), said[0], said[1]

    def _feed(self, stdin: bytes) -> None:
        if self._fed is None:
            return
        number, self._fed.number = self._fed.number, -1
        # A command may end without having read everything.
        with suppress(BrokenPipeError), os.fdopen(number, "wb") as pipe:
            pipe.write(stdin)

    def __enter__(self) -> "_Pipes":
        return self

    def __exit__(self, *exc: object) -> None:
        for end in (*self._heard, *self._given, *([self._fed] if self._fed else [])):
            end.close()


def _import_everything() -> None:
    import core
    from core.providers.link import import_httpx

    for module in pkgutil.walk_packages(core.__path__, "core."):
        importlib.import_module(module.name)
    for name in _COMMANDS:
        importlib.import_module(f"tui.{name}")
    import_httpx()
    for name in ("sqlite_utils", "httpcore", "anyio._backends._asyncio"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is shared by every command is neither looked at nor copied again


def _serve(asking: socket.socket) -> list[str] | None:
    """Fork a command for each request; its arguments in the command, None when there are no more requests."""
    while True:
        head, fds, _, _ = socket.recv_fds(asking, _LENGTH.size, 4)
        if not head:
            return None
        (length,) = _LENGTH.unpack(head)
        asked = json.loads(asking.recv(length, socket.MSG_WAITALL))
        if os.fork() == 0:
            asking.close()
            return _become(asked, fds)
        for number in fds:
            os.close(number)
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(asked: Mapping[str, object], fds: list[int]) -> list[str]:
    """Fork once more: the outer process waits and tells the end, the inner one goes on as the command."""
    *standard, tells = fds
    if (child := os.fork()) != 0:
        _tell(child, standard, tells, asked["timeout"])
    os.close(tells)
    for number, given in enumerate(standard):
        os.dup2(given, number)
        os.close(given)
    arguments, environ = asked["arguments"], asked["environ"]
    assert isinstance(arguments, list)
    assert isinstance(environ, dict)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(str(asked["cwd"]))
    return arguments


def _tell(child: int, standard: list[int], tells: int, timeout: object) -> NoReturn:
    assert isinstance(timeout, int)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(timeout)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    for number in standard:
        os.close(number)
    _, status = os.waitpid(child, 0)
    os.write(tells, _STATUS.pack(status))
    os._exit(0)


def _main() -> int:
    _import_everything()
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        arguments = _serve(asking)
    if arguments is None:
        return 0
    from tui.__main__ import main

    sys.argv = ["leadline", *arguments]
    return main()


if __name__ == "__main__":
    sys.exit(_main())

"""A program in a pseudo-terminal, every byte of its output stamped; POSIX only.

with Terminal(["leadline"], environ, traits=Traits(kitty=True)) as terminal:
    terminal.wait_for(ALTERNATE_SCREEN)
    pressed_at = terminal.type("x")
    print(terminal.wait_for(drawn("x")).at - pressed_at)
"""

import contextlib
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyte

from tests.bench.dialect import Dialect, Traits

ALTERNATE_SCREEN = re.compile(re.escape(b"\x1b[?1049h"))

FIRST_FRAME = re.compile(re.escape(b"\x1b[?2026l"))
"""The end of a frame, as a program paints it that was told that the terminal waits for it."""

SEQUENCE = rb"(?:\x1b\[[0-9;?]*[a-zA-Z])*"
"""What may stand between two letters of a word that is drawn."""

_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\")
_CUT = re.compile(rb"\x1b(?:\[[0-9;?<>=$ ]*|[\]P][^\x07\x1b]*)?$")


def drawn(text: str) -> re.Pattern[bytes]:
    """A text as it comes when it is drawn: attributes may change between its letters."""
    return re.compile(SEQUENCE.join(re.escape(letter.encode()) for letter in text))


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that was waited for.

    Attributes:
        at: when its last byte was read, in `time.monotonic`.
        end: the offset behind it, to look further from there.
    """

    at: float
    end: int


class Terminal:
    """A pseudo-terminal with a program in it; a context manager that leaves nothing running."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        columns: int = 80,
        rows: int = 24,
        traits: Traits | None = None,
        directory: Path | None = None,
        typed_at_once: str = "",
    ) -> None:
        """Start the program.

        Args:
            typed_at_once: typed before the program has done anything.
        """
        self._columns, self._rows = columns, rows
        self._dialect = Dialect(traits or Traits(), columns, rows)
        self._output = bytearray()
        self._ends: list[int] = []
        self._stamps: list[float] = []
        self._changed = threading.Condition()
        self._is_over = False
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._parsed = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started_at = time.monotonic()
        try:
            self.process = subprocess.Popen(
                list(command),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=directory,
                env=dict(environ),
                start_new_session=True,
                preexec_fn=_take_terminal,
            )
        except OSError:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        if typed_at_once:
            os.write(self._master, typed_at_once.encode())
        self._waker, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def output(self) -> bytes:
        """All that came so far."""
        with self._changed:
            return bytes(self._output)

    @property
    def end(self) -> int:
        """The offset behind all that came so far."""
        with self._changed:
            return len(self._output)

    @property
    def speaks_kitty(self) -> bool:
        """Whether the program has asked for the kitty keyboard protocol, and the terminal knows it."""
        return self._dialect.speaks_kitty

    def moment_of(self, offset: int) -> float:
        """When the output up to an offset had been read, in `time.monotonic`."""
        with self._changed:
            return self._stamps[bisect_left(self._ends, offset)]

    def send(self, data: bytes) -> float:
        """Put bytes into the program's input; the moment just before."""
        at = time.monotonic()
        os.write(self._master, data)
        return at

    def type(self, text: str) -> float:
        """Type a text; the moment just before."""
        return self.send(self._dialect.text(text))

    def press(self, key: str) -> float:
        """Press a key by name (see `dialect.KEYS`); the moment just before."""
        return self.send(self._dialect.key(key))

    @property
    def is_echoing(self) -> bool:
        """Whether the terminal itself shows what is typed, as a shell leaves it."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as a person does who drags the window's corner."""
        self._columns, self._rows = columns, rows
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, pattern: re.Pattern[bytes], since: int = 0, timeout: float = 30.0) -> Sighting:
        """Block until the pattern is in the output behind `since`.

        Raises:
            TimeoutError: It did not come; the message shows the screen.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                if match := pattern.search(self._output, since):
                    return Sighting(self.moment_of(match.end()), match.end())
                left = deadline - time.monotonic()
                if left <= 0 or self._is_over:
                    break
                self._changed.wait(left)
        raise TimeoutError(f"{pattern.pattern!r} did not come (within {timeout:g} s); {self._picture()}")

    def wait_until(self, is_so: Callable[[Sequence[str]], object], timeout: float = 30.0) -> None:
        """Block until the screen's lines satisfy a condition.

        Raises:
            TimeoutError: They did not; the message shows the screen.
        """
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                had, is_last = len(self._output), self._is_over
            if is_so(self.lines()):
                return
            with self._changed:
                left = deadline - time.monotonic()
                if left <= 0 or is_last:
                    break
                if len(self._output) == had and not self._is_over:
                    self._changed.wait(min(left, 0.1))
        raise TimeoutError(f"the screen did not become so (within {timeout:g} s); {self._picture()}")

    def settle(self, quiet_s: float = 0.15, timeout: float = 3.0) -> None:
        """Block until nothing has come for a while, counted from now, or the time is up."""
        began = time.monotonic()
        deadline = began + timeout
        with self._changed:
            while True:
                last = max(began, self._stamps[-1] if self._stamps else began)
                now = time.monotonic()
                if now - last >= quiet_s or now >= deadline or self._is_over:
                    return
                self._changed.wait(min(last + quiet_s, deadline) - now)

    def lines(self) -> list[str]:
        """The screen as it stands, line by line, without blanks at the ends."""
        with self._changed:
            fresh = bytes(self._output[self._parsed :])
        if cut := _CUT.search(fresh):
            fresh = fresh[: cut.start()]
        self._parsed += len(fresh)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", fresh))
        return [line.rstrip() for line in self._screen.display]

    def wait_for_exit(self, timeout: float = 30.0) -> int:
        """Block until the program ends, and what it wrote is read; its exit code.

        Raises:
            subprocess.TimeoutExpired: It goes on.
        """
        code = self.process.wait(timeout)
        with self._changed:
            self._changed.wait_for(lambda: self._is_over, 2)  # what it left running may hold the terminal
        return code

    def kill(self) -> None:
        """End the program, and all it started, without a word."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        if self.process.poll() is None:
            self.kill()
        os.write(self._woken, b".")
        self._thread.join(5)
        for descriptor in (self._master, self._waker, self._woken):
            os.close(descriptor)

    def _read(self) -> None:
        """Take what comes until the program is gone; the stamp is taken before anything else."""
        while True:
            ready, _, _ = select.select([self._master, self._waker], [], [])
            if self._waker in ready:
                break
            try:
                data = os.read(self._master, 65536)
            except OSError as error:
                if error.errno != errno.EIO:  # EIO is how Linux says that the other side has closed
                    raise
                break
            at = time.monotonic()
            if not data:
                break
            with self._changed:
                self._output += data
                self._ends.append(len(self._output))
                self._stamps.append(at)
                self._changed.notify_all()
            if answers := self._dialect.answers(data):
                os.write(self._master, answers)
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _picture(self) -> str:
        if self._is_over:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)
        state = "the program runs" if self.process.poll() is None else f"it ended with {self.process.poll()}"
        shown = "\n".join(f"  |{line}" for line in self.lines() if line)
        return f"{state}; the screen:\n{shown or '  (empty)'}"


def _take_terminal() -> None:
    """Make the terminal the new session's own, so that ctrl+z and the size's signal work as in a shell."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

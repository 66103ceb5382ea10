"""A command of the person's: run in their own shell, shown while it runs, attached when it has ended.

Only what the person typed is ever run; nothing here is reached by what a model says.
"""

import asyncio
import codecs
import os
import shutil
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from pathlib import Path

from core.context.attachments import attachment_of
from core.context.processes import CHUNK, end_group, let_go, start
from core.context.terminal_text import PlainText, last_written
from core.errors import AttachmentRefused
from core.messages import Attachment
from core.sanitise import Cleaner, clean_line

HEAD, TAIL = 32 * 1024, 96 * 1024
"""Characters that are kept of a long output; an error stands at its end more often than at its beginning."""
MOST_SHOWN = 1024 * 1024
_LOOK_S = 0.05
_GRACE_S = 0.2
"""So long what is still in the pipe is waited for, when the command has left something running behind."""
_TITLE = 60


class Command:
    """One run of one command.

    Args:
        line: as it was typed, without the ``!``.
    """

    def __init__(self, line: str, cwd: Path, environ: Mapping[str, str]) -> None:
        self._line = line.strip()
        self._cwd = cwd
        self._environ = environ
        self._is_stopped = False
        self._process: asyncio.subprocess.Process | None = None
        self._kept = _Kept()

    async def run(self) -> AsyncGenerator[str | Attachment, None]:
        """Its output in pieces that are safe to show, at last the attachment; closing it ends the command.

        Raises:
            AttachmentRefused: It cannot be started.
        """
        self._process = process = await self._start()
        if self._is_stopped:  # while it was being started
            self.stop()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        plain, cleaner, shown = PlainText(), Cleaner(), 0
        try:
            while chunk := await self._chunk(process):
                text = plain.feed(decoder.decode(chunk))
                self._kept.add(text)
                if shown < MOST_SHOWN and (piece := cleaner.feed(text)):
                    shown += len(piece)
                    yield piece
            rest = plain.feed(decoder.decode(b"", final=True)) + plain.finish()
            self._kept.add(rest)
            if shown >= MOST_SHOWN:
                yield "\n… more than is shown here\n"
            elif piece := cleaner.feed(rest) + cleaner.finish():
                yield piece
            while process.returncode is None:  # noqa: ASYNC110  (see `_chunk`); it may have closed its output and go on
                await asyncio.sleep(_LOOK_S)
            yield self._attachment(process.returncode)
        finally:
            if process.returncode is None:
                await end_group(process)
            let_go(process)

    def stop(self) -> None:
        """End it; what it wrote so far is attached."""
        self._is_stopped = True
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            line = (*_shell(self._environ), self._line)
            return await start(line, self._environ, self._cwd, asyncio.subprocess.STDOUT)
        except (OSError, ValueError) as error:
            said = clean_line(getattr(error, "strerror", None) or str(error)).lower()
            raise AttachmentRefused(
                f"the command cannot be started: {said}", "Run it in a shell and pipe it: … | leadline ask"
            ) from None

    async def _chunk(self, process: asyncio.subprocess.Process) -> bytes:
        """What comes next; nothing at the end of the output, or soon after the end of the command."""
        assert process.stdout is not None
        reading = asyncio.ensure_future(process.stdout.read(CHUNK))
        try:
            while not reading.done() and process.returncode is None:
                await asyncio.wait({reading}, timeout=_LOOK_S)
            await asyncio.wait({reading}, timeout=_GRACE_S)
            return reading.result() if reading.done() else b""
        finally:
            reading.cancel()

    def _attachment(self, status: int) -> Attachment:
        title = clean_line(self._line)
        title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
        return attachment_of(f"! {title} · {self._end(status)}", self._kept.text())

    def _end(self, status: int) -> str:
        if self._is_stopped:
            return "stopped"
        if status < 0:
            with suppress(ValueError):
                return signal.Signals(-status).name
        return f"exit {status}"


class _Kept:
    """The beginning and the end of a text of any length."""

    def __init__(self) -> None:
        self._head = ""
        self._tail = ""
        self._length = 0

    def add(self, text: str) -> None:
        self._length += len(text)
        room = HEAD - len(self._head)
        self._head += text[:room]
        self._tail += text[room:]
        if len(self._tail) > 2 * TAIL:  # not at each piece: that would copy the whole tail each time
            self._tail = self._tail[-TAIL:]

    def text(self) -> str:
        tail = self._tail[-TAIL:]
        left = self._length - len(self._head) - len(tail)
        middle = f"\n[… {left:,} characters left out …]\n" if left else ""
        return last_written(self._head + middle + tail)


def _shell(environ: Mapping[str, str]) -> tuple[str, ...]:
    if os.name == "nt":
        return environ.get("COMSPEC", "cmd.exe"), "/c"
    chosen = environ.get("SHELL", "")
    return (chosen if os.access(chosen, os.X_OK) else shutil.which("sh") or "/bin/sh"), "-c"

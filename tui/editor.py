"""The person's own editor: which one, on what file, and what came of it."""

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.context.bounds import LARGEST_BYTES
from core.errors import HouseError
from core.sanitise import clean, clean_line


class EditorMissing(HouseError):
    """No editor is named, or it cannot be started."""

    kind = "editor"


@dataclass(frozen=True, slots=True)
class Edited:
    """What an editor left.

    Attributes:
        text: harmless, and without the newline that editors put at the end; None when nothing can be read.
        failure: how it ended, when not well; empty otherwise.
    """

    text: str | None
    failure: str = ""


def find_editor(environ: Mapping[str, str]) -> list[str]:
    """The command of ``$VISUAL`` or ``$EDITOR``, with its own arguments.

    Raises:
        EditorMissing: None is named, or it is not there.
    """
    name = next((each for each in ("VISUAL", "EDITOR") if environ.get(each, "").strip()), "")
    if not name:
        raise EditorMissing("no editor is named", "Set EDITOR before you start leadline, as in EDITOR=vim.")
    try:
        command = shlex.split(environ[name])
    except ValueError:  # a quotation mark without its other half
        command = []
    if not command:
        raise EditorMissing(f"${name} cannot be read: {clean_line(environ[name])[:60]}", "Mend its quotes.")
    if shutil.which(command[0], path=environ.get("PATH")) is None:
        raise EditorMissing(
            f"${name} names {clean_line(command[0])[:60]}, which is not there",
            "Install it, or name another one.",
        )
    return command


async def edit(text: str, command: Sequence[str]) -> Edited:
    """Have a text edited, in a file that only the person can read; the terminal must be the editor's.

    Raises:
        EditorMissing: The editor cannot be started.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="leadline-", ignore_cleanup_errors=True) as folder:
            file = Path(folder, "leadline.md")
            _lay_down(file, text)
            failure = await edit_file(file, command)
            return Edited(_read(file), failure)
    except OSError as error:
        raise _not_started(command[0], error) from None


async def edit_file(file: Path, command: Sequence[str]) -> str:
    """Have a file edited where it is; how that ended, when not well.

    Raises:
        EditorMissing: The editor cannot be started.
    """
    try:
        with _interrupts_left_to_it():
            process = await asyncio.create_subprocess_exec(*command, str(file))
            code = await process.wait()
    except OSError as error:
        raise _not_started(command[0], error) from None
    return _failure(command[0], code)


def _not_started(name: str, error: OSError) -> EditorMissing:
    reason = (error.strerror or "the system refused").lower()
    return EditorMissing(
        f"{clean_line(name)[:60]} cannot be started: {reason}", "Name another editor in $EDITOR."
    )


@contextmanager
def _interrupts_left_to_it() -> Iterator[None]:
    """Ctrl+C in the editor is meant for the editor, but reaches all that run in this terminal."""
    former = {}
    for name in ("SIGINT", "SIGQUIT"):
        if (number := getattr(signal, name, None)) is not None:
            # Not ignored: that would be passed on to the editor, a handler is not.
            former[number] = signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _lay_down(file: Path, text: str) -> None:
    with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as fresh:
        fresh.write(f"{text}\n".encode("utf-8", "replace") if text else b"")


def _read(file: Path) -> str | None:
    with suppress(OSError):
        with open(file, "rb") as saved:
            data = saved.read(LARGEST_BYTES + 1)
        if len(data) <= LARGEST_BYTES and b"\0" not in data:
            return clean(data.decode("utf-8", "replace")).removesuffix("\n")
    return None


def _failure(name: str, code: int) -> str:
    if code == 0:
        return ""
    shown = clean_line(Path(name).name)[:40]
    return f"{shown} was ended by signal {-code}" if code < 0 else f"{shown} ended with {code}"

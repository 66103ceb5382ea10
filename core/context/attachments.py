"""Reads what goes along with a question: files and stdin, as clean text or not at all."""

import math
import os
import stat
from pathlib import Path
from typing import BinaryIO

from core.context.bounds import LARGEST_BYTES, open_without_waiting
from core.errors import AttachmentRefused
from core.messages import Attachment
from core.sanitise import clean, clean_line

_FARTHEST_BYTES = 64 * 1024 * 1024
"""So much of a file is looked through for its lines."""

_MOST_UNREADABLE = 0.3
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ONLY_FILES = "Attach a file, or send the text through stdin: … | leadline ask"
_SEND_A_PART = "Send the part that matters, for example: tail -n 200 FILE | leadline ask"


def read_file(
    path: str, cwd: Path, lines: tuple[int, int] | None = None, name: str | None = None
) -> Attachment:
    """Read a file, named as the person named it.

    Args:
        path: as it was typed; relative to `cwd`, and a leading ``~`` is the home folder.
        cwd: where the person stands.
        lines: the first and the last that are wanted, counted from one; None is all of it.
        name: what it is called instead of the path.

    Raises:
        AttachmentRefused: It is not there, no file, not readable, not text, too large, or has no such lines.
    """
    name = clean_line(path if name is None else name)
    place = place_of(path, cwd)
    try:
        _check_kind(name, place.stat().st_mode)
        # Between the look and this, a FIFO may have come into its place: opening one must never wait.
        with open(place, "rb", opener=open_without_waiting) as file:
            _check_kind(name, os.fstat(file.fileno()).st_mode)
            # One byte too many at most: files in /proc and growing logs have no size to trust.
            data = file.read(LARGEST_BYTES + 1) if lines is None else _read_as_far(file, lines[1])
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        raise AttachmentRefused(
            f"{name}: there is no such file",
            f"Check the name; it was looked for in {clean_line(str(place.parent))}.",
        ) from None
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise AttachmentRefused(
            f"{name} cannot be read: {reason}", "Make it readable, or copy it first."
        ) from None
    except ValueError:  # a NUL in the name
        raise AttachmentRefused(f"{name}: no file can have this name", "Check the name.") from None
    if lines is not None:
        return _attachment_of_lines(name, data, *lines)
    if len(data) > LARGEST_BYTES:
        raise _too_large(f"{name} is {math.ceil(size / 1024**2 * 10) / 10} MiB")
    return _attachment(name, data)


def read_stdin(data: bytes) -> Attachment | None:
    """Take what came through stdin; None when there is nothing but white space.

    Raises:
        AttachmentRefused: It is not text, or too large.
    """
    if not data.strip():
        return None
    if len(data) > LARGEST_BYTES:
        raise _too_large("stdin is over 2 MiB")
    return _attachment("stdin", data)


def read_output(name: str, data: bytes, origin: str = "") -> Attachment:
    """Take what a program wrote.

    Raises:
        AttachmentRefused: It is not text, or too large.
    """
    if len(data) > LARGEST_BYTES:
        raise _too_large(f"{name} is over 2 MiB")
    return attachment_of(name, decode_text(name, data), origin)


def place_of(path: str, cwd: Path) -> Path:
    """Where a path leads that a person typed."""
    try:
        return cwd / Path(path).expanduser()
    except RuntimeError:  # "~name" of nobody: then it is a file's name
        return cwd / path


def _read_as_far(file: BinaryIO, last: int) -> bytes:
    """A file up to the end of a line, or as much of it as is ever looked through."""
    parts: list[bytes] = []
    seen = size = 0
    while seen < last and size < _FARTHEST_BYTES and (part := file.read(LARGEST_BYTES)):
        parts.append(part)
        seen += part.count(b"\n")
        size += len(part)
    return b"".join(parts)


def _check_kind(name: str, mode: int) -> None:
    """Refuse what is no regular file: reading it may wait for ever, or never end."""
    if stat.S_ISDIR(mode):
        raise AttachmentRefused(f"{name} is a directory", "Attach the files in it that matter.")
    if stat.S_ISFIFO(mode):
        raise AttachmentRefused(f"{name} is a pipe", _ONLY_FILES)
    if not stat.S_ISREG(mode):
        raise AttachmentRefused(f"{name} is a device or a socket", _ONLY_FILES)


def _too_large(fact: str) -> AttachmentRefused:
    return AttachmentRefused(
        f"{fact}; at most {LARGEST_BYTES // 1024**2} MiB can be sent along", _SEND_A_PART
    )


def _attachment_of_lines(name: str, data: bytes, first: int, last: int) -> Attachment:
    # Lines as editors count them, before `clean` turns rarer characters into line ends of their own.
    lines = decode_text(name, data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    span = str(first) if first == last else f"{first}-{last}"
    if first > len(lines):
        has = "one line" if len(lines) == 1 else f"{len(lines):,} lines"
        raise AttachmentRefused(f"{name}:{span}: the file has {has}", "Name lines that are there.")
    text = "".join(f"{line}\n" for line in lines[first - 1 : last])
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise _too_large(f"{name}:{span} is over 2 MiB")
    return attachment_of(f"{name}:{span}", text)


def _attachment(name: str, data: bytes) -> Attachment:
    return attachment_of(name, decode_text(name, data))


def attachment_of(name: str, text: str, origin: str = "") -> Attachment:
    """A text that goes along under a name, made harmless."""
    text = clean(text)
    # Here, because most questions have no attachment.
    import hashlib

    return Attachment(name, text, hashlib.sha256(text.encode()).hexdigest(), origin)


def decode_text(name: str, data: bytes) -> str:
    """Read bytes as text; no encoding is guessed, since a wrong guess reads like the person's own words.

    Raises:
        AttachmentRefused: They are not text.
    """
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", "utf-8")
    )
    data = data[len(mark) :]
    try:
        text = data.decode(encoding)
        unreadable = 0
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        unreadable = text.count("\ufffd") - data.count("\ufffd".encode(encoding))
    if "\0" in text:
        raise AttachmentRefused(f"{name} is binary, not text", "Only text can be sent along.")
    if unreadable > _MOST_UNREADABLE * len(text):
        raise AttachmentRefused(
            f"{name} is not text in UTF-8", "Convert it first, for example: iconv -f ENCODING -t UTF-8 FILE"
        )
    return text

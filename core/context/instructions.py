"""What a project tells the model about itself: one small file at its root, sent before everything else.

The file may come with a repository of strangers, so whatever it is, it waits for nothing, leads nowhere else,
and is text of a modest size or is not sent at all.
"""

import os
import stat
from dataclasses import dataclass
from functools import partial

from core.context.attachments import decode_text
from core.context.bounds import open_without_waiting
from core.context.budget import estimate_tokens
from core.errors import AttachmentRefused
from core.sanitise import clean, clean_line

LARGEST_FILE_BYTES = 16 * 1024
"""Every prompt carries it; more would be half of a small model's window."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """The text of the project's file.

    Attributes:
        name: the file's, at the project's root.
        text: clean, without white space around it; never empty.
        sha256: of its UTF-8 bytes, in hex.
    """

    name: str
    text: str
    sha256: str

    @property
    def summary(self) -> str:
        """Its name and size, as in ``.leadline.md 0.3k tok``."""
        tokens = estimate_tokens(self.text)
        return f"{self.name} {tokens / 1000:.1f}k tok" if tokens >= 100 else f"{self.name} {tokens} tok"


def read_instructions(root: str, name: str) -> Instructions | None:
    """Read the project's file; None when there is none, or nothing in it.

    Args:
        root: the project's root.
        name: a file's name without a folder; empty reads nothing.

    Raises:
        AttachmentRefused: It is there, and cannot be sent.
    """
    place = os.path.join(root, name)
    shown = clean_line(name)
    if not name or not os.path.lexists(place):
        return None
    try:
        data = _read(root, place, shown)
    except FileNotFoundError:
        raise _refused(f"{shown} is a link to nothing") from None
    except OSError as error:
        raise _refused(
            f"{shown} cannot be read: {(error.strerror or 'the system refused').lower()}"
        ) from None
    if len(data) > LARGEST_FILE_BYTES:
        raise AttachmentRefused(
            f"{shown} is larger than {LARGEST_FILE_BYTES // 1024} KiB, and every prompt would carry it",
            "The question goes without it; shorten it to what matters in every answer.",
        )
    text = clean(decode_text(shown, data)).strip()
    if not text:
        return None
    import hashlib  # here, because most projects have no such file

    return Instructions(shown, text, hashlib.sha256(text.encode()).hexdigest())


def sha256_of(root: str, name: str) -> str:
    """Of the instructions that a question asked now would carry; empty when it would carry none."""
    try:
        found = read_instructions(root, name)
    except AttachmentRefused:
        return ""
    return found.sha256 if found else ""


def _read(root: str, place: str, shown: str) -> bytes:
    real, home = os.path.realpath(place), os.path.realpath(root)
    if os.path.commonpath((real, home)) != home:
        raise _refused(f"{shown} is a link that leads out of the project")
    # By its real name, and never waiting: what stands there may have been changed since the look.
    with open(real, "rb", opener=partial(open_without_waiting, follows=False)) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise _refused(f"{shown} is no file")
        if _is_strangers(facts, os.stat(home)):
            raise _refused(f"{shown} belongs to somebody else than its folder")
        return file.read(LARGEST_FILE_BYTES + 1)


def _is_strangers(file: os.stat_result, folder: os.stat_result) -> bool:
    """Whether somebody else laid it there than the person or the folder's owner, as anyone may in /tmp."""
    return hasattr(os, "geteuid") and file.st_uid not in (os.geteuid(), folder.st_uid, 0)


def _refused(fact: str) -> AttachmentRefused:
    return AttachmentRefused(fact, "The question goes without it.")

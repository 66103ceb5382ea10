"""Writing a text to a file a person named: what would change is known first, and then it is all or nothing.

Nothing here guesses: what is no ordinary file of text, or lies inside git's own folder, is refused.
"""

import difflib
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.context.bounds import LARGEST_BYTES, open_without_waiting
from core.errors import HouseError
from core.sanitise import clean, clean_line

MOST_LINES_COMPARED = 20_000
CONTEXT_LINES = 3


class WriteRefused(HouseError):
    """The file cannot be written, or should not be."""

    kind = "write"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way into a file, and what stood there when it was looked at.

    Attributes:
        shown: the file as the person named it, with where a link leads.
        place: the file itself, links followed.
        data: what will stand there.
        before: what stands there; None when there is no file yet.
        is_link: a link leads there, from where the person named.
    """

    shown: str
    place: str
    data: bytes
    before: bytes | None
    is_link: bool

    @property
    def is_new(self) -> bool:
        """Whether it can be written without a question."""
        return self.before is None and not self.is_link

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to do."""
        return self.before == self.data

    @property
    def lines(self) -> int:
        """How many lines will stand there."""
        return self.data.count(b"\n")

    def diff(self) -> list[str]:
        """The change as a unified diff, harmless for a screen; it may take a while."""
        before = clean((self.before or b"").decode("utf-8", "replace")).splitlines()
        after = clean(self.data.decode("utf-8", "replace")).splitlines()
        if len(before) + len(after) > MOST_LINES_COMPARED:
            return [f"@@ too long to compare: {len(before):,} lines go, {len(after):,} come @@"]
        lines = list(difflib.unified_diff(before, after, n=CONTEXT_LINES, lineterm=""))[2:]
        return lines or ["@@ only ends of lines differ @@"]


def plan(text: str, name: str, directory: str) -> Draft:
    """Look at what stands where a text shall go.

    Args:
        name: as the person typed it; relative to `directory`, and a leading ``~`` is the home folder.

    Raises:
        WriteRefused: It cannot go there.
    """
    name = _unquoted(name.strip())
    shown = clean_line(name)
    if not name or "\0" in name or name.endswith(("/", os.sep)) or Path(name).name in ("", ".", ".."):
        raise WriteRefused(f"`{shown}` is no name for a file", "As in: /write 2 src/a.py")
    named = os.path.join(directory, os.path.expanduser(name))
    try:
        place = os.path.realpath(named)
        is_link = (
            os.path.normpath(os.path.join(os.path.realpath(directory), os.path.expanduser(name))) != place
        )
        if is_link:
            shown = f"{shown} → {clean_line(place)}"
        _refuse_place(shown, place)
        before = _read(shown, place)
    except OSError as error:
        raise _refused_by_system(shown, error) from None
    data = text.encode("utf-8", "replace")
    if before is not None and b"\r\n" in before.partition(b"\n")[0] + b"\n":
        data = data.replace(b"\n", b"\r\n")  # the file's own ends of lines, or every line would differ
    return Draft(shown, place, data, before, is_link)


def write(draft: Draft) -> bool:
    """Write it, whole or not at all; False when the file is no longer what was looked at.

    Raises:
        WriteRefused: The system refuses.
    """
    try:
        if _read(draft.shown, draft.place) != draft.before:
            return False
        return _replace(draft)
    except OSError as error:
        raise _refused_by_system(draft.shown, error) from None


def _unquoted(name: str) -> str:
    for quote in "\"'":
        if len(name) > 2 and name[0] == name[-1] == quote:
            return name[1:-1]
    return name


def _refuse_place(shown: str, place: str) -> None:
    """Refuse what no answer belongs into."""
    if ".git" in (part.lower() for part in Path(place).parts[:-1]) or Path(place).name.lower() == ".git":
        raise WriteRefused(f"{shown} lies inside git's own folder", "What is in there, git writes.")
    folder = os.path.dirname(place)
    if not os.path.isdir(folder):
        raise WriteRefused(
            f"there is no folder {clean_line(folder)}", f"Make it first: mkdir -p {clean_line(folder)}"
        )


def _read(shown: str, place: str) -> bytes | None:
    """What stands there; None when nothing does."""
    try:
        mode = os.stat(place).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise WriteRefused(f"{shown} is a folder", "Name a file in it.")
    if not stat.S_ISREG(mode):
        raise WriteRefused(f"{shown} is no ordinary file", "Name another one.")
    if not os.access(place, os.W_OK):
        raise WriteRefused(f"{shown} may not be written", "Make it writable, or name another file.")
    with open(place, "rb", opener=open_without_waiting) as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES or b"\0" in data:
        what = "larger than 2 MiB" if len(data) > LARGEST_BYTES else "binary"
        raise WriteRefused(f"{shown} is {what}: what would be lost cannot be shown", "Name another file.")
    return data


def _replace(draft: Draft) -> bool:
    """Write beside the file, then take its place in one step."""
    folder, name = os.path.split(draft.place)
    beside = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    try:
        with open(descriptor, "wb") as file:
            if draft.before is not None:
                _keep_rights(descriptor, os.stat(draft.place))
            file.write(draft.data)
            file.flush()
            os.fsync(descriptor)
        if draft.before is None:
            return _link(beside, draft.place)
        os.replace(beside, draft.place)
        return True
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside)


def _keep_rights(descriptor: int, facts: os.stat_result) -> None:
    with suppress(OSError):  # only root can give a file away; then it is ours, as after any editor
        os.chown(descriptor, facts.st_uid, facts.st_gid)
    os.chmod(descriptor, stat.S_IMODE(facts.st_mode))


def _link(beside: str, place: str) -> bool:
    """Give a new file its name; False when somebody else was quicker."""
    try:
        os.link(beside, place)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(place):
            return False
        os.replace(beside, place)
    return True


def _refused_by_system(shown: str, error: OSError) -> WriteRefused:
    reason = (error.strerror or "the system refused").lower()
    return WriteRefused(f"{shown} cannot be written: {reason}", "Name another place, or make room there.")

"""Where an attachment can be read again, as one line of text that survives the store.

``file:/home/me/a.py#10-40``, ``diff:/home/me/project``, ``staged:/home/me/project``; what is named through
a link also says where that led, as in ``file:/home/me/link.py|/home/me/a.py``.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from core.context.mentions import Lines

_PLAIN = re.compile(r"[\w ./\\:+,=@~()\-]", re.ASCII)
_ORIGIN = re.compile(
    r"(?P<kind>file|diff|staged):(?P<path>[^#|]+)(?:\|(?P<real>[^#|]+))?(?:#(?P<first>\d+)-(?P<last>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A place on disk, and what of it: ``file`` (with lines perhaps), ``diff`` or ``staged``.

    Attributes:
        real: where the path led when it was read; None where it is that place itself.
    """

    kind: str
    path: Path
    lines: Lines | None = None
    real: Path | None = None

    def __str__(self) -> str:
        real = f"|{_written(str(self.real))}" if self.real else ""
        behind = f"#{self.lines.first}-{self.lines.last}" if self.lines else ""
        return f"{self.kind}:{_written(str(self.path))}{real}{behind}"

    def has_moved(self) -> bool:
        """Whether the path leads to another place than it did; what is gone has not moved."""
        return os.path.lexists(self.path) and real_of(self.path) != self.real


def origin_of(text: str) -> Origin | None:
    """The origin a line of text stands for; None when it stands for none that is known here."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    lines = Lines(int(match["first"]), int(match["last"])) if match["first"] else None
    real = _path(match["real"]) if match["real"] else None
    return Origin(match["kind"], _path(match["path"]), lines, real)


def real_of(path: Path) -> Path | None:
    """Where a path leads; None where it is that place itself."""
    real = Path(os.path.realpath(path))
    return None if real == Path(os.path.normpath(path)) else real


def _path(written: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(written)))


def _written(path: str) -> str:
    """A path of plain characters; any other is written as its bytes, since a store cleans what it keeps."""
    return "".join(
        letter if _PLAIN.fullmatch(letter) else "".join(f"%{byte:02X}" for byte in os.fsencode(letter))
        for letter in path
    )

"""Where an attachment can be read again, as one line of text that survives the store.

``file:/home/me/a.py#10-40``, ``diff:/home/me/project``, ``staged:/home/me/project``.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from core.context.mentions import Lines

_PLAIN = re.compile(r"[\w ./\\:+,=@~()\-]", re.ASCII)
_ORIGIN = re.compile(r"(?P<kind>file|diff|staged):(?P<path>[^#]+)(?:#(?P<first>\d+)-(?P<last>\d+))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """A place on disk, and what of it: ``file`` (with lines perhaps), ``diff`` or ``staged``."""

    kind: str
    path: Path
    lines: Lines | None = None

    def __str__(self) -> str:
        behind = f"#{self.lines.first}-{self.lines.last}" if self.lines else ""
        return f"{self.kind}:{_written(str(self.path))}{behind}"


def origin_of(text: str) -> Origin | None:
    """The origin a line of text stands for; None when it stands for none that is known here."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    path = Path(os.fsdecode(unquote_to_bytes(match["path"])))
    lines = Lines(int(match["first"]), int(match["last"])) if match["first"] else None
    return Origin(match["kind"], path, lines)


def _written(path: str) -> str:
    """A path of plain characters; any other is written as its bytes, since a store cleans what it keeps."""
    return "".join(
        letter if _PLAIN.fullmatch(letter) else "".join(f"%{byte:02X}" for byte in os.fsencode(letter))
        for letter in path
    )

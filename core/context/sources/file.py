"""A file, or some of its lines."""

from dataclasses import replace
from pathlib import Path

from core.context.attachments import place_of, read_file
from core.context.mentions import Lines
from core.context.sources.origins import Origin, real_of
from core.messages import Attachment


def take_file(path: str, cwd: Path, lines: Lines | None = None, name: str | None = None) -> Attachment:
    """Read a file; it is called by its path unless another name is given.

    Raises:
        AttachmentRefused: It cannot be sent along, or has no such lines.
    """
    span = None if lines is None else (lines.first, lines.last)
    attachment = read_file(path, cwd, span, name)
    place = Path(place_of(path, cwd)).absolute()
    return replace(attachment, origin=str(Origin("file", place, lines, real_of(place))))

"""Writes a file of settings as a whole: all of it or nothing, and a new one for its owner alone."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_whole(file: Path, data: bytes) -> None:
    """Put new bytes in a file's place; one that is there keeps its rights, a new one is its owner's alone.

    Raises:
        OSError: The system refuses; the file is then what it was.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{file.stem}-", dir=file.parent)  # 0600 by itself
    try:
        with os.fdopen(number, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(number)
        with suppress(FileNotFoundError):
            os.chmod(name, stat.S_IMODE(file.stat().st_mode))
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise

"""``leadline config edit``: a copy goes to the person's editor, and takes the file's place once it is right.

The settings in force are never broken by it, and what was written is never lost: a copy that is not right is
offered to the editor again, and kept beside the file when the person has had enough.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import SettingsInvalid
from core.settings.config_change import write
from core.settings.load import load
from core.settings.paths import Paths
from core.settings.replacing import replace_whole
from tui.editor import edit_file, find_editor
from tui.exits import DONE, FAILED
from tui.printing import say

_FIRST = """\
# The settings of leadline. `leadline help settings` says what there is, with its defaults; what is not set
# here has them. A line looks like this, below its section:
#
# [deep]
# effort = "high"
"""


def edit_config(paths: Paths, environ: Mapping[str, str]) -> int:
    """Have the settings edited; the exit code.

    Raises:
        HouseError: There is no editor, or the file cannot be read or written.
    """
    command = find_editor(environ)
    before = _read(paths.config_file)
    with tempfile.TemporaryDirectory(prefix="leadline-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "config.toml")
        replace_whole(copy, _FIRST.encode() if before is None else before)
        return _edit(paths, copy, command, environ, before)


def _edit(
    paths: Paths, copy: Path, command: Sequence[str], environ: Mapping[str, str], before: bytes | None
) -> int:
    begun = copy.read_bytes()
    while True:
        failure = asyncio.run(edit_file(copy, command))
        after = _read(copy)
        if after is None or after == begun:
            say(failure or "nothing was changed")
            return FAILED if failure else DONE
        wrong = failure or _fault(paths, copy, environ)
        if not wrong:
            if _read(paths.config_file) != before:
                say(f"{paths.config_file} was changed meanwhile by somebody else")
                return _set_aside(paths.config_file, after)
            write(paths.config_file, after)
            print(f"{paths.config_file} is changed")
            return DONE
        say(wrong)
        if not _wants_again():
            return _set_aside(paths.config_file, after)


def _read(file: Path) -> bytes | None:
    """What stands in a file; None when there is none.

    Raises:
        SettingsInvalid: It cannot be read.
    """
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise SettingsInvalid(f"{file} cannot be read: {reason}", "Make it a file that is yours.") from None


def _fault(paths: Paths, copy: Path, environ: Mapping[str, str]) -> str:
    """What is wrong with the copy, under the name of the file; empty when nothing is."""
    faults = []
    for around in ({}, environ):  # what a variable makes wrong, or right, is not the file's fault
        try:
            loaded = load(replace(paths, config_file=copy), around, {})
        except SettingsInvalid as error:
            faults.append(f"{error.message}\n{error.remedy}".replace(str(copy), str(paths.config_file)))
            continue
        from tui.keys import rebound

        try:
            rebound(loaded.settings.keys)
        except SettingsInvalid as error:
            return f"{error.message}\n{error.remedy}"
        return ""
    return faults[0]


def _wants_again() -> bool:
    """Ask, where somebody can answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print("Edit it again? [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and answer != ""


def _set_aside(file: Path, data: bytes) -> int:
    """Keep what was written beside the file, which stays as it was."""
    aside = file.with_name(f"{file.name}.edited")
    try:
        replace_whole(aside, data)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise SettingsInvalid(f"{aside} cannot be written: {reason}", "Make room there.") from None
    say(f"{file} is as it was; what you wrote is in {aside}")
    return FAILED

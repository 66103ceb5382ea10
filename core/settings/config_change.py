"""Changes config.toml for a person: one setting at a time, everything else byte for byte as they wrote it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsInvalid
from core.settings.config_file import read_config
from core.settings.replacing import replace_whole
from core.settings.toml_text import NotFollowed, with_value, without_value

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, and what it shall be; None takes it away."""

    name: str
    value: object


def change(file: Path, changes: Iterable[Change]) -> bool:
    """Make all of the changes or none; whether the file is another one now.

    A link is followed: people keep their settings in a folder of their own, with a link where we look.

    Raises:
        SettingsInvalid: The file cannot be read, changed or written; it is then what it was.
    """
    before = read_config(file)
    text = before.text
    for each in changes:
        section, _, key = each.name.partition(".")
        try:
            text = (
                without_value(text, section, key)
                if each.value is None
                else with_value(text, section, key, each.value)
            )
        except NotFollowed:
            raise SettingsInvalid(
                f"{before.where(section, key)}: {section} is written in a way that only a person can change",
                "Change it with `leadline config edit`.",
            ) from None
    if text == before.text:
        return False
    write(file, (_MARK if _has_mark(file) else b"") + text.encode())
    return True


def write(file: Path, data: bytes) -> None:
    """Put other bytes in the file's place, or where a link there leads.

    Raises:
        SettingsInvalid: It cannot be written.
    """
    try:
        replace_whole(Path(os.path.realpath(file)), data)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise SettingsInvalid(
            f"{file} cannot be written: {reason}", "Make its folder yours to write, or make room there."
        ) from None


def _has_mark(file: Path) -> bool:
    """Whether it begins with the mark that some editors put in front."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MARK)) == _MARK
    except FileNotFoundError:
        return False

"""Reads config.toml, and tells on which line something stands so that an error can point at it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import SettingsInvalid

_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(#.*)?$")
_ASSIGNMENT = re.compile(r"\s*(?P<name>[^=#\[\]{}]+?)\s*=")
_QUOTES = re.compile(r'"""|' + "'''")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the file says; no tables when there is no file."""

    path: Path
    text: str = ""
    tables: Mapping[str, object] = field(default_factory=dict)

    def where(self, section: str, key: str) -> str:
        """The file, and the line if it can be told, where a key (or with an empty key a section) is set."""
        line = _line_of(self.text, section, key)
        return f"{self.path}, line {line}" if line else str(self.path)


def read_config(path: Path) -> ConfigFile:
    """Read the file; that there is none is fine.

    Raises:
        SettingsInvalid: It is there and cannot be read as TOML in UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ConfigFile(path)
    except OSError as error:
        raise SettingsInvalid(
            f"{path} cannot be read: {(error.strerror or 'the system refused').lower()}",
            "Make it a file that is yours to read, or set LEADLINE_HOME to another folder.",
        ) from None
    try:
        text = data.decode("utf-8-sig")  # Windows editors like to put a mark in front
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid(
            f"{path}, line {line}: this is not UTF-8",
            "Save the file as UTF-8; it is the only encoding of TOML.",
        ) from None
    # Most people have no file, and need not wait for its parser.
    import tomllib

    try:
        return ConfigFile(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise SettingsInvalid(
            f"{path} is not valid TOML: {reason}", 'Mend it there; a line looks like: model = "qwen3:4b"'
        ) from None


def _line_of(text: str, section: str, key: str) -> int:
    """Find the line by reading as a person would; 0 when it is written in a way this does not follow."""
    wanted = {f"{section}.{key}"} if section and key else {section or key}
    inside = ""
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        marks = _QUOTES.findall(line)
        if not quote:
            if header := _HEADER.match(line):
                inside = _plain(header["name"])
                if inside in wanted:
                    return number
            elif assignment := _ASSIGNMENT.match(line):
                name = _plain(assignment["name"])
                full = f"{inside}.{name}" if inside else name
                # `fast = {…}` holds all of its keys on this line.
                if full in wanted or (not inside and name == section):
                    return number
        for mark in marks:
            quote = "" if quote == mark else quote or mark
    return 0


def _plain(name: str) -> str:
    """A dotted name without quotes and the spaces TOML allows around its parts."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))

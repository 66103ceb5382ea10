"""Whether a line that begins with ``!`` is a command: only then the sigil acts, else it is text."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

_BEFORE = re.compile(r"[({\s]*(?:[A-Za-z_]\w*=\S*\s+)*")
_WORD = re.compile(r"[^\s|&;<>()]+")

_BUILTINS = frozenset(
    (
        *(".", ":", "[", "alias", "bg", "builtin", "cd", "command", "declare", "dirs", "echo", "env", "eval"),
        *("exec", "export", "false", "fg", "hash", "history", "jobs", "kill", "printf", "pwd", "set"),
        *("source", "test", "time", "times", "trap", "true", "type", "typeset", "ulimit", "umask"),
        *("unalias", "unset", "wait"),
    )
)
"""What shells have built in and people type; words such as ``if`` and ``for`` begin sentences as well."""


def typed_command(text: str, cwd: Path, environ: Mapping[str, str]) -> str | None:
    """The command behind the sigil; None when the text is none."""
    if not text.startswith("!") or text[1:2].isspace():
        return None
    line = text[1:].strip()
    found = _WORD.match(line, _BEFORE.match(line).end())  # type: ignore[union-attr]  # matches always
    if found is None:
        return None
    word = found[0].strip("'\"")
    return line if _is_runnable(word, cwd, environ) else None


def _is_runnable(word: str, cwd: Path, environ: Mapping[str, str]) -> bool:
    if word in _BUILTINS:
        return True
    try:
        if "/" in word:
            place = cwd / os.path.expanduser(word)
            return place.is_file() and os.access(place, os.X_OK)
        return bool(word) and shutil.which(word, path=environ.get("PATH")) is not None
    except (OSError, ValueError):
        return False

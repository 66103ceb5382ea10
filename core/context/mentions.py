"""Finds what a text mentions with ``@``: files, folders, patterns, and the named sources.

A sigil acts only if it resolves: ``@decorator`` and ``me@example.com`` are text unless there is such a file.
Quick enough for every key: a bounded number of looks at the file system, and nothing is read.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from stat import S_ISDIR


class MentionKind(StrEnum):
    """What a mention leads to."""

    FILE = "file"
    DIRECTORY = "directory"
    GLOB = "glob"
    DIFF = "diff"
    STAGED = "staged"
    CLIP = "clip"
    PANE = "pane"


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a text that stands for a source.

    Attributes:
        start, end: where it stands in the text, the sigil included.
        name: without sigil and quotes, as in ``a.py:10-40``, ``src/``, ``diff``, ``pane:%3``.
    """

    start: int
    end: int
    name: str
    kind: MentionKind


@dataclass(frozen=True, slots=True)
class Lines:
    """A range of lines, both ends included, counted from one."""

    first: int
    last: int


_MOST_SIGILS = 64
_MOST_CUTS = 12
_LONGEST = 4096
_MOST_ENTRIES = 2000
"""How many entries of one folder are looked at to see whether a pattern matches anything."""

# Not behind a letter or the like: that is an address, a package's version, a handle in a path.
_SIGIL = re.compile(r'(?<![\w.+\-@/\\])@(?:"([^"\n]{1,4096})"|([^\s"]\S{0,4096}))')
_RANGE = re.compile(r"(?P<path>.+):(?P<first>[1-9]\d{0,8})(?:-(?P<last>[1-9]\d{0,8}))?", re.DOTALL)
_PANE = re.compile(r"pane:[\w%.:{}+-]{0,63}[\w}+-]")
_WILD = re.compile(r"[*?\[]")
_TAIL = ".,;:!?)]}>'\"`|*_…。，、’”»"
_PLAIN = re.compile(r"[\w./+~=%:-]+")
_DOTS = re.compile(r"/|(?:.*/)?\.+")
_INNER = re.compile("[,;:!(){}<>'\"`|’”»。，、@]")
_ARGUED = re.compile(r":[\w%~^./]")
"""``@diff:HEAD~1`` is no `@diff`: another one than was asked for must not go along unseen."""
_NAMED = {
    kind.value: kind for kind in (MentionKind.DIFF, MentionKind.STAGED, MentionKind.CLIP, MentionKind.PANE)
}


def mentions(text: str, cwd: Path) -> tuple[Mention, ...]:
    """What a text mentions, in order; nothing in a text that begins with a space."""
    if text[:1].isspace() or "@" not in text:
        return ()
    found: list[Mention] = []
    at = tried = 0
    while tried < _MOST_SIGILS and (sigil := _SIGIL.search(text, at)):
        tried += 1
        at = sigil.start() + 1
        if (mention := _mention(sigil, cwd)) is not None:
            found.append(mention)
            at = mention.end
    return tuple(found)


def named(name: str) -> MentionKind | None:
    """The source that has a name of its own; None when it is a path."""
    return _NAMED.get(name) or (MentionKind.PANE if _PANE.fullmatch(name) else None)


def parse_name(name: str, cwd: Path) -> MentionKind | None:
    """What a path, range or pattern leads to, as it stands; None when to nothing that is there."""
    if not name or len(name) > _LONGEST or name.startswith(("//", "\\\\")):  # a look would ask the network
        return None
    mode = _mode(cwd, name)
    if mode is not None:
        return MentionKind.DIRECTORY if S_ISDIR(mode) else MentionKind.FILE
    path, lines = split_range(name)
    if lines is not None and (mode := _mode(cwd, path)) is not None and not S_ISDIR(mode):
        return MentionKind.FILE
    return MentionKind.GLOB if _is_matching(cwd, name) else None


def written(name: str) -> str:
    """A path as it must be typed to be that mention; empty when it cannot be."""
    if named(name) is not None or name.startswith(("~", "//", "\\", '"')):
        name = f"./{name}"  # which would mean something else without it
    if _PLAIN.fullmatch(name) and not _DOTS.fullmatch(name):
        return f"@{name}"
    if '"' not in name:
        return "" if "\n" in name else f'@"{name}"'
    return "" if re.search(r"\s", name) else f"@{name}"


def split_range(name: str) -> tuple[str, Lines | None]:
    """A name and the lines behind it, if there are any; whether the file exists is not asked."""
    match = _RANGE.fullmatch(name)
    if match is None:
        return name, None
    first = int(match["first"])
    last = int(match["last"] or first)
    return match["path"], Lines(min(first, last), max(first, last))


def split_pattern(name: str) -> tuple[str, str]:
    """The folder in front of a pattern's first wild part, and the rest of the pattern."""
    parts = name.split("/")
    wild = next(number for number, part in enumerate(parts) if _WILD.search(part))
    fixed = "/".join(parts[:wild])
    return (fixed or "/" if wild else "."), "/".join(parts[wild:])


def expand(name: str) -> str:
    """A path with the home folder in the place of ``~/``; no other person's home is looked up."""
    return os.path.expanduser(name) if name.startswith(("~/", "~\\")) or name == "~" else name


def _mention(sigil: re.Match[str], cwd: Path) -> Mention | None:
    quoted, bare = sigil.groups()
    if quoted is not None:
        kind = parse_name(quoted, cwd)
        return None if kind is None else Mention(sigil.start(), sigil.end(), quoted, kind)
    wild: Mention | None = None
    for name in _cuts(bare):
        kind = None if _ARGUED.match(bare, len(name)) else named(name)
        kind = kind or (None if _DOTS.fullmatch(name) else parse_name(name, cwd))
        if kind is None:
            continue
        mention = Mention(sigil.start(), sigil.start() + 1 + len(name), name, kind)
        if kind is not MentionKind.GLOB:
            return mention  # a file rather than a pattern: the question mark behind it asks
        wild = wild or mention
    return wild


def _cuts(token: str) -> Iterator[str]:
    """The token as it stands, then without what may be the sentence's own: from long to short."""
    for _ in range(_MOST_CUTS):
        yield token
        if token[-1] in _TAIL:
            token = token[:-1]
        else:
            inner = max((match.start() for match in _INNER.finditer(token)), default=0)
            token = token[:inner]
        if not token:
            return


def _mode(cwd: Path, name: str) -> int | None:
    try:
        return os.stat(cwd / expand(name)).st_mode
    except (OSError, ValueError):
        return None


def _is_matching(cwd: Path, name: str) -> bool:
    """Whether a pattern's first wild part has a match; what lies deeper is found out when it is read."""
    if not _WILD.search(name) or not any(letter.isalnum() or letter == "/" for letter in name):
        return False
    fixed, rest = split_pattern(name)
    first, _, deeper = rest.partition("/")
    try:
        with os.scandir(cwd / expand(fixed)) as entries:
            if first == "**":
                return bool(deeper) and next(entries, None) is not None
            for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False):
                if fnmatch(entry.name, first) and (not deeper or entry.is_dir()):
                    return True
    except (OSError, ValueError):
        pass
    return False

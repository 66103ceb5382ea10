"""Whether the files and lines that an answer names are there, looked for below one folder alone."""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.context.bounds import LARGEST_BYTES, open_without_waiting
from core.context.listing import walk
from core.deep.evidence_values import Evidence, told
from core.messages import Attachment

_MOST_NAMED = 40
_MOST_FILES = 10_000
_LINE = 2000
_TOKEN = re.compile(r"[^\s`'\"()\[\]{}<>|,;*]{1,300}+")
_PATH = re.compile(
    r"(?P<path>(?:\./)?(?:[\w.+@-]{1,100}/){0,20}[\w.+-]{1,100}\.(?P<kind>[A-Za-z]\w{0,9}))"
    r"(?:(?::|#L)(?P<line>\d{1,7})(?:[-–]L?(?P<last>\d{1,7}))?(?::\d{1,5})?)?"
)
_SOURCE = frozenset(
    {
        *("py", "pyi", "js", "mjs", "cjs", "ts", "tsx", "jsx", "vue", "svelte", "rs", "go", "c", "h", "cc"),
        *("cpp", "hpp", "java", "kt", "rb", "php", "cs", "swift", "scala", "lua", "ex", "exs", "hs", "ml"),
        *("sh", "bash", "sql", "md", "rst", "toml", "yaml", "yml", "json", "css", "scss", "html", "tcss"),
        *("tf", "proto", "gradle", "ini", "cfg"),
    }
)
"""What a file of a project ends in; ``example.com:443`` is none of its lines."""
_MADE = re.compile(
    r"(?i)\b(?:new|creat\w{1,4}|add(?:s|ed|ing)?|writ\w{1,4}|sav\w{1,3}|put|plac\w{1,3}|mak\w{1,3}|touch|use|goes|into"
    r"|renam\w{1,3}|generat\w{1,4}|call(?:ed)?|mov\w{1,3}|extract\w{0,3}|split|instead)\b"
)
"""Words beside a file that need not be there yet."""
_EXAMPLE = re.compile(
    r"(?i)\b(?:e\.g\.|example|if|such as|like|say|your|suppos\w{1,3}|imagin\w{1,3})(?:\b|(?<=\.))"
)
"""Words beside a file, or a line of one, that need not be there at all."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that the answer names, perhaps with a line; `is_loose` where it need not be there."""

    path: str
    line: int
    kind: str
    is_loose: bool

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


def looked_up(prose: str, root: Path, sources: Sequence[Attachment]) -> tuple[Evidence, ...]:
    """What can be said of the files that are named; blocks, so it belongs into a thread.

    Args:
        prose: the answer without its code.
        sources: what was sent, by name: an answer may speak of what is no file of the project.
    """
    project = _Project(root, sources)
    seen: dict[str, Evidence] = {}
    for named in _named_in(prose):
        if len(seen) >= _MOST_NAMED:
            break
        if named.shown not in seen and (evidence := project.look(named)) is not None:
            seen[named.shown] = evidence
    # Of a file that is named with a line as well, that says it.
    lined = {shown.rpartition(":")[0] for shown in seen if ":" in shown}
    return tuple(each for shown, each in seen.items() if shown not in lined)


def _named_in(prose: str) -> list[_Named]:
    named: dict[str, _Named] = {}
    for line in prose.split("\n"):
        if "." not in line:
            continue
        is_example = _EXAMPLE.search(line[:_LINE]) is not None
        may_be_new = is_example or _MADE.search(line[:_LINE]) is not None
        for token in _TOKEN.findall(line):
            match = _PATH.fullmatch(token.rstrip(".:!?"))
            if match is None:
                continue
            number = int(match["last"] or match["line"] or 0)
            is_loose = is_example if number else may_be_new
            each = _Named(match["path"].removeprefix("./"), number, match["kind"].lower(), is_loose)
            named.setdefault(each.shown, each)
            if len(named) >= 4 * _MOST_NAMED:
                return list(named.values())
    return list(named.values())


class _Project:
    """The files below a root, and what was sent."""

    def __init__(self, root: Path, sources: Sequence[Attachment]) -> None:
        self._root = Path(os.path.realpath(root))
        self._sources = {each.name.removeprefix("./"): each.text for each in sources}

    def look(self, named: _Named) -> Evidence | None:
        """What can be said of one; None where nothing certain can."""
        counts = self._line_counts(named)
        if counts is None:
            return None
        if not counts:
            return self._missing(named)
        if named.line <= max(counts):
            return Evidence(told(f"{named.shown} exists"), is_ok=True)
        has = "one line" if max(counts) == 1 else f"{max(counts):,} lines"
        return Evidence(told(f"{named.shown}: the file has {has}"), is_ok=False)

    def _missing(self, named: _Named) -> Evidence | None:
        if named.kind not in _SOURCE or named.is_loose:
            return None
        head, slash, _ = named.path.partition("/")
        if not named.line and not (slash and (self._root / head).is_dir()):
            return None
        return Evidence(told(f"{named.shown}: no such file in the project"), is_ok=False)

    def _line_counts(self, named: _Named) -> list[int] | None:
        """Lines of each file it may mean; None where that is not known, or is none of our business."""
        if named.path in self._sources:
            return [len(self._sources[named.path].splitlines()) or 1]
        if ".." in named.path.split("/"):
            return None
        place = self._root / named.path
        if not Path(os.path.realpath(place)).is_relative_to(self._root):
            return None
        if os.path.lexists(place):
            lines = self._lines_of(place)
            return None if lines is None else [lines]
        if not named.line and "/" not in named.path:
            return None  # a word with a dot in it
        files, is_whole = self._files
        found = files.get(named.path.rpartition("/")[2], ())
        places = [each for each in found if each == named.path or each.endswith(f"/{named.path}")][:5]
        counts = [lines for each in places if (lines := self._lines_of(self._root / each)) is not None]
        return counts if counts or (is_whole and not places) else None

    @cached_property
    def _files(self) -> tuple[dict[str, list[str]], bool]:
        """Paths below the root by their last part, and whether that is all of them."""
        listing = walk(self._root, _MOST_FILES)
        by_name: dict[str, list[str]] = {}
        for path in listing.paths:
            by_name.setdefault(path.rpartition("/")[2], []).append(path)
        return by_name, listing.is_whole

    def _lines_of(self, place: Path) -> int | None:
        """How many lines a file has; None for what is none, is too large, or is not below the root."""
        real = Path(os.path.realpath(place))
        if not real.is_relative_to(self._root):
            return None
        try:
            with open(
                real, "rb", opener=lambda path, flags: open_without_waiting(path, flags, False)
            ) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                data = file.read(LARGEST_BYTES + 1)
        except OSError:
            return None
        if len(data) > LARGEST_BYTES:
            return None
        return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))

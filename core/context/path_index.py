"""Knows the paths of a project, and finds those that a few typed letters mean; used at every key.

Paths stand in a few long texts, one a line, so that a search is a handful of calls that run at the speed
of C, each short enough for the event loop, with a clock between them.
"""

import asyncio
import importlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from core.context.git import git, work_tree
from core.context.listing import MOST_FILES, names_in, steps
from core.errors import AttachmentRefused
from core.sanitise import clean

FRESH_S = 10.0
MATCH_S = 0.025
"""So long a search may go on through the paths; what was found until then is ranked."""

_PER_PART = 5000
_MOST_RANKED = 400
_LIST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class _Part:
    """A few thousand paths, one a line; `lowered` has the same length, letter by letter."""

    text: str
    lowered: str


@dataclass(slots=True)
class _Paths:
    """Everything one run of `fill` found."""

    parts: list[_Part] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    gone: frozenset[str] = frozenset()
    count: int = 0


class PathIndex:
    """The paths below a project's root, named from where the person stands.

    Args:
        root: below which paths are listed; the work tree's root inside one.
        cwd: from where they are named.
    """

    def __init__(
        self,
        root: Path,
        cwd: Path,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._environ = environ
        self._clock = clock
        inside = os.path.relpath(cwd, root)
        self._inside = "" if inside == "." else f"{inside}/".replace(os.sep, "/")
        self._out = "../" * self._inside.count("/")
        self._paths = _Paths()
        self._filled_at: float | None = None
        self._is_filling = False

    def __len__(self) -> int:
        """How many files and folders are known."""
        return self._paths.count

    async def fill(self) -> None:
        """List the paths, if that was never done or some time ago; the old ones serve meanwhile."""
        now = self._clock()
        if self._is_filling or (self._filled_at is not None and now - self._filled_at < FRESH_S):
            return
        self._is_filling = True
        paths = _Paths()
        if self._filled_at is None:
            self._paths = paths
        try:
            await asyncio.to_thread(importlib.import_module, "rapidfuzz.process")  # not at the first letter
            if await work_tree(self._root, self._environ) is not None:
                await self._fill_from_git(paths)
            else:
                await self._fill_from_disk(paths)
            self._paths, self._filled_at = paths, self._clock()
        finally:
            self._is_filling = False

    def matches(self, query: str, limit: int) -> tuple[str, ...]:
        """The paths that a few letters mean, best first; folders end in ``/``."""
        paths = self._paths
        found: dict[str, None] = {}
        until = time.monotonic() + MATCH_S
        for search in self._searches(query):
            for part in paths.parts:
                found.update(dict.fromkeys(islice(search(part), _MOST_RANKED)))
                if time.monotonic() > until:
                    break
            if len(found) >= limit or time.monotonic() > until:
                break
        return tuple(_ranked(query.lower(), (path for path in found if path not in paths.gone), limit))

    def _searches(self, query: str) -> Iterator[Callable[[_Part], Iterator[str]]]:
        """From the likeliest to the least: at the beginning of a name, within, letters in order, mistyped."""
        lowered = re.escape(query.lower())
        if not query:
            for deep in ("", "[^/\n]+/"):
                yield _search(rf"^(?:\.\./)*{deep}[^/\n]+/?$")
            return
        yield _search(rf"(?:^|/){lowered}")
        yield _search(lowered)
        letters = "".join(f"[^\n{re.escape(letter)}]*+{re.escape(letter)}" for letter in query.lower())
        yield _search(rf"^{letters}")
        yield lambda part: _mistyped(query.lower(), part)

    async def _fill_from_git(self, paths: _Paths) -> None:
        for which in (("--cached",), ("--others", "--exclude-standard")):
            try:
                listed = await git(("ls-files", "-z", *which), self._root, self._environ, _LIST_BYTES)
            except AttachmentRefused:
                return
            await self._add_slowly(paths, iter(names_in(listed.out)))
        deleted = await git(("ls-files", "-z", "--deleted"), self._root, self._environ, _LIST_BYTES)
        paths.gone = frozenset(self._named(name) for name in names_in(deleted.out))

    async def _fill_from_disk(self, paths: _Paths) -> None:
        found = steps(self._root)
        while batch := await asyncio.to_thread(lambda: list(islice(found, _PER_PART))):
            self._add(paths, batch)
            if paths.count >= MOST_FILES:
                return

    async def _add_slowly(self, paths: _Paths, names: Iterator[str]) -> None:
        while (batch := list(islice(names, _PER_PART))) and paths.count < MOST_FILES:
            self._add(paths, batch)
            await asyncio.sleep(0)

    def _add(self, paths: _Paths, names: Iterable[str]) -> None:
        """Add a part; what could not be typed, or would play with the screen, is left out."""
        entries: list[str] = []
        for name in names:
            folder = name.rpartition("/")[0]
            while folder and folder not in paths.folders:
                paths.folders.add(folder)
                entries.append(self._named(f"{folder}/"))
                folder = folder.rpartition("/")[0]
            entries.append(self._named(name))
        text = "\n".join(entries)
        if text.count("\n") != len(entries) - 1 or clean(text) != text:
            entries = [entry for entry in entries if "\n" not in entry and clean(entry) == entry]
            text = "\n".join(entries)
        lowered = text.lower()
        if len(lowered) != len(text):  # a few capitals become two letters
            lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
        paths.parts.append(_Part(text, lowered))
        paths.count += len(entries)

    def _named(self, name: str) -> str:
        if not self._inside:
            return name
        if name.startswith(self._inside):
            return name[len(self._inside) :] or "./"
        return self._out + name


def _search(pattern: str) -> Callable[[_Part], Iterator[str]]:
    compiled = re.compile(pattern, re.MULTILINE)

    def search(part: _Part) -> Iterator[str]:
        at = 0
        while (match := compiled.search(part.lowered, at)) is not None:
            start = part.lowered.rfind("\n", 0, match.start() + 1) + 1 if match.start() else 0
            end = part.lowered.find("\n", match.end())
            end = len(part.lowered) if end < 0 else end
            yield part.text[start:end]
            at = end + 1
            if at > len(part.lowered):
                return

    return search


def _mistyped(query: str, part: _Part) -> Iterator[str]:
    """Paths whose name is nearly the query."""
    from rapidfuzz import fuzz, process

    wanted = query.rpartition("/")[2]
    if len(wanted) < 3:
        return
    names = [line.rstrip("/").rpartition("/")[2] for line in part.lowered.split("\n")]
    near = process.extract(wanted, names, scorer=fuzz.ratio, score_cutoff=60, limit=20)
    lines = part.text.split("\n")
    for _, _, number in near:
        yield lines[number]


def _ranked(query: str, paths: Iterable[str], limit: int) -> list[str]:
    """Best first: where the query stands in the name, how much of the name it is, near before far."""
    from rapidfuzz import fuzz

    wanted = query.rpartition("/")[2]

    def key(path: str) -> tuple[int, float, int, str]:
        lowered = path.lower()
        name = lowered.rstrip("/").rpartition("/")[2]
        if lowered.startswith(query) or name == query:
            tier = 0
        elif name.startswith(wanted) or ("/" in query and query in lowered):
            tier = 1
        elif query in lowered:
            tier = 2 if wanted in name else 3
        else:
            tier = 4
        return tier, -fuzz.ratio(wanted or query, name), path.count("/"), path

    return sorted(paths, key=key)[:limit]

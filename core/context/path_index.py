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
MATCH_S = 0.03
"""So long a search may work through the paths, by its own clock; what was found until then is ranked."""

_PER_PART = 4000
_MOST_RANKED = 400
_RARE_FIRST = "qzjxkvwy0123456789bgfhmpudclsnoritae"
_LIST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class _Part:
    """A few thousand paths, each behind a line end; `lowered` has the same length, letter by letter."""

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
            await asyncio.to_thread(importlib.import_module, "rapidfuzz")  # not at the first letter
            try:
                is_tree = await work_tree(self._root, self._environ) is not None
                await (self._fill_from_git(paths) if is_tree else self._fill_from_disk(paths))
            except AttachmentRefused:  # git must not be asked, or cannot tell
                paths = _Paths()
                if self._filled_at is None:
                    self._paths = paths
                await self._fill_from_disk(paths)
            self._paths, self._filled_at = paths, self._clock()
        finally:
            self._is_filling = False

    def matches(self, query: str, limit: int) -> tuple[str, ...]:
        """The paths that a few letters mean, best first; folders end in ``/``."""
        if "\n" in query:
            return ()
        paths, until = self._paths, time.thread_time() + MATCH_S
        found: dict[str, None] = {}
        for search in _searches(query.lower()):
            for part in paths.parts:
                found.update(dict.fromkeys(islice(search(part), _MOST_RANKED)))
                if len(found) > _MOST_RANKED or time.thread_time() > until:
                    break
            if len(found) >= limit or time.thread_time() > until:
                break
        return tuple(_ranked(query.lower(), (path for path in found if path not in paths.gone), limit))

    async def _fill_from_git(self, paths: _Paths) -> None:
        for which in (("--cached",), ("--others", "--exclude-standard")):
            listed = await git(("ls-files", "-z", *which), self._root, self._environ, _LIST_BYTES)
            await asyncio.to_thread(self._add_all, paths, listed.out)
        deleted = await git(("ls-files", "-z", "--deleted"), self._root, self._environ, _LIST_BYTES)
        paths.gone = await asyncio.to_thread(
            lambda: frozenset(self._named(name) for name in names_in(deleted.out))
        )

    async def _fill_from_disk(self, paths: _Paths) -> None:
        found = steps(self._root)
        while batch := await asyncio.to_thread(lambda: list(islice(found, _PER_PART))):
            self._add(paths, batch)
            if paths.count >= MOST_FILES:
                return

    def _add_all(self, paths: _Paths, listed: bytes) -> None:
        names = iter(names_in(listed))
        while (batch := list(islice(names, _PER_PART))) and paths.count < MOST_FILES:
            self._add(paths, batch)

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
        text = "\n".join(("", *entries))
        if text.count("\n") != len(entries) or clean(text) != text:
            entries = [entry for entry in entries if "\n" not in entry and clean(entry) == entry]
            text = "\n".join(("", *entries))
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


def _searches(query: str) -> Iterator[Callable[[_Part], Iterator[str]]]:
    """From the likeliest to the least: at the beginning of a name, within, letters in order, mistyped."""
    if not query:
        yield _on_top
        return
    yield lambda part: _holding(f"\n{query}", part)
    yield lambda part: _holding(f"/{query}", part)
    yield lambda part: _holding(query, part)
    yield _in_order(query)
    yield lambda part: _mistyped(query, part)


def _on_top(part: _Part) -> Iterator[str]:
    return (line for line in part.text.split("\n") if line and "/" not in line.removeprefix("../")[:-1])


def _holding(piece: str, part: _Part) -> Iterator[str]:
    """The paths with a piece in them."""
    text, at = part.lowered, 0
    while (at := text.find(piece, at)) >= 0:
        start = text.rfind("\n", 0, at + 1)
        at = text.find("\n", max(at, start + 1))
        at = len(text) if at < 0 else at
        yield part.text[start + 1 : at]


def _in_order(query: str) -> Callable[[_Part], Iterator[str]]:
    """Finds the paths that have the letters in this order."""
    # Possessive, so that a path without them is left after one look; the rarest letters spare most looks.
    has = re.compile("".join(f"[^{re.escape(letter)}]*+{re.escape(letter)}" for letter in query)).match
    rare = sorted(dict.fromkeys(query), key=_RARE_FIRST.find)[:3]
    a, b, c = (rare * 3)[:3]

    def search(part: _Part) -> Iterator[str]:
        lowered = part.lowered.split("\n")
        near = [number for number, line in enumerate(lowered) if a in line and b in line and c in line]
        lines = part.text.split("\n") if near else []
        return (lines[number] for number in near if has(lowered[number]))

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

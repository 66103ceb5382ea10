"""Lists the files below a folder, as a project sees them: git's own list, or a bounded walk elsewhere."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.context.git import git, why, work_tree
from core.errors import AttachmentRefused

MOST_FILES = 200_000
_LIST_BYTES = 64 * 1024 * 1024

PASSED_OVER = frozenset(
    {
        *("node_modules", "__pycache__", "venv", "env", "site-packages", "target", "build", "dist", "vendor"),
        *("bower_components", "Pods", "DerivedData", "coverage", "htmlcov", "Library", "AppData"),
    }
)
"""Folders nobody wrote; outside git nothing else says so. Hidden ones are passed over as well."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths below a folder, relative to it and with ``/``; `is_whole` is false where a bound was reached."""

    paths: tuple[str, ...]
    is_whole: bool = True


async def list_files(folder: Path, environ: Mapping[str, str], most: int = MOST_FILES) -> Listing:
    """The files below a folder; what git ignores is left out, and outside of git there is a bound.

    Raises:
        AttachmentRefused: Git cannot tell, so nobody knows what it would have left out.
    """
    # A hook's variables name one repository; the folder may be in another.
    environ = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    if await work_tree(folder, environ) is not None:
        listed = await git(
            ("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            folder,
            environ,
            _LIST_BYTES,
        )
        if listed.status != 0 and not listed.is_cut:
            raise AttachmentRefused(
                f"the files cannot be listed: {why(listed)}", "Look with git ls-files, or name the files."
            )
        return Listing(await asyncio.to_thread(names_in, listed.out), not listed.is_cut)
    return await asyncio.to_thread(walk, folder, most)


def names_in(listed: bytes) -> tuple[str, ...]:
    """Names from git's list; one that is cut at the end is left out."""
    whole, _, _ = listed.rpartition(b"\0")
    return tuple(dict.fromkeys(os.fsdecode(whole).split("\0"))) if whole else ()


def walk(folder: Path, most: int = MOST_FILES) -> Listing:
    """The files below a folder that is in no work tree: no link is followed, and there is an end to it."""
    paths: list[str] = []
    for path in steps(folder):
        if len(paths) == most:
            return Listing(tuple(paths), is_whole=False)
        paths.append(path)
    return Listing(tuple(paths))


def steps(folder: Path) -> Iterator[str]:
    """The files below a folder one by one, those of a level before those deeper."""
    level = [""]
    while level:
        deeper: list[str] = []
        for place in level:
            try:
                with os.scandir(folder / place) as entries:
                    found = sorted(islice(entries, MOST_FILES), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in found:
                path = f"{place}/{entry.name}" if place else entry.name
                if entry.name.startswith("."):
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    yield path
                elif entry.name not in PASSED_OVER:
                    deeper.append(path)
        level = deeper

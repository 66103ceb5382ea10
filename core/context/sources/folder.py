"""A folder or a pattern: its text files, within a budget, and in words what was left out."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path

from core.context.git import work_tree
from core.context.listing import Listing, list_files
from core.context.mentions import expand, split_pattern
from core.context.sources.file import take_file
from core.context.sources.gathered import Gathered
from core.errors import AttachmentRefused
from core.messages import Attachment
from core.sanitise import clean_line

MOST_FILES = 50
MOST_BYTES = 256 * 1024
_MOST_TRIED = 2000
_MOST_LISTED = 20_000
_NARROWER = "Name a folder further down, a pattern such as @src/**/*.py, or the files themselves."

Pattern = tuple[re.Pattern[str] | None, ...]
"""A pattern by its levels; None is ``**``, which stands for any number of them."""


@dataclass(slots=True)
class _Basket:
    """Files as they are taken, and why others were not."""

    cwd: Path
    bound: str
    taken: list[Attachment] = field(default_factory=list)
    size: int = 0
    too_many: int = 0
    not_text: int = 0
    links: int = 0
    outside: int = 0

    def add(self, name: str) -> None:
        """Take a file if it is text and there is room; no link leads out of what was named."""
        place = self.cwd / expand(name)
        try:
            size = place.lstat().st_size
            if place.is_symlink():
                self.links += 1
            elif not _is_within(os.path.realpath(place), self.bound):
                self.outside += 1
            elif len(self.taken) == MOST_FILES or size > MOST_BYTES - self.size:
                self.too_many += 1
            else:
                attachment = take_file(name, self.cwd)
                self.taken.append(attachment)
                self.size += len(attachment.text.encode())
        except FileNotFoundError:  # git still lists it
            return
        except (AttachmentRefused, OSError, ValueError):
            self.not_text += 1

    def left_out(self) -> list[str]:
        """What was left out, in words."""
        return [
            words
            for count, words in (
                (self.too_many, f"{self.too_many} over the budget of {MOST_FILES} files and 256 KiB"),
                (self.not_text, f"{self.not_text} not readable as text"),
                (self.links, f"{self.links} links"),
                (self.outside, f"{self.outside} outside of it, through a linked folder"),
            )
            if count
        ]

    def note(self, what: str, is_whole: bool) -> str:
        """The same as a sentence; empty when nothing was left out."""
        left = self.left_out()
        if not is_whole:
            left.append("the rest of a folder with too many files")
        files = "1 file" if len(self.taken) == 1 else f"{len(self.taken)} files"
        return f"{what}: {files} taken; left out: {', '.join(left)}" if left else ""


async def take_folder(name: str, cwd: Path, environ: Mapping[str, str]) -> Gathered:
    """The files of a folder, those on top first.

    Raises:
        AttachmentRefused: There is nothing in it that can be sent.
    """
    return await _take(name, "" if name in {".", "./"} else name.rstrip("/\\") or name, None, cwd, environ)


async def take_pattern(name: str, cwd: Path, environ: Mapping[str, str]) -> Gathered:
    """The files that a pattern matches; ``**`` stands for any number of folders.

    Raises:
        AttachmentRefused: Nothing matches, or nothing of it can be sent.
    """
    fixed, rest = split_pattern(name)
    return await _take(name, "" if fixed == "." else fixed, _levels(rest), cwd, environ)


def _levels(glob: str) -> Pattern:
    return tuple(None if part == "**" else re.compile(translate(part)) for part in glob.split("/"))


def _fits(levels: Pattern, path: Sequence[str]) -> bool:
    """Whether a path matches; each ``**`` takes as little as it can, so that nothing is tried twice."""
    at = level = begun = 0
    free = -1
    while at < len(path):
        wanted = levels[level] if level < len(levels) else re.compile("(?!)")
        if wanted is None:
            free, begun = level, at
            level += 1
        elif wanted.match(path[at]):
            at += 1
            level += 1
        elif free >= 0:
            begun += 1
            at, level = begun, free + 1
        else:
            return False
    return all(rest is None for rest in levels[level:])


async def _take(
    name: str, fixed: str, wanted: Pattern | None, cwd: Path, environ: Mapping[str, str]
) -> Gathered:
    folder = cwd / expand(fixed) if fixed else cwd
    said = clean_line(name)
    listing = await list_files(folder, environ, _MOST_LISTED)
    # A hook's variables name one repository; the person may stand in another.
    elsewhere = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    root = None if wanted is None else await work_tree(cwd, elsewhere) or cwd
    return await asyncio.to_thread(_choose, said, fixed, wanted, cwd, root, listing)


def _choose(
    said: str, fixed: str, wanted: Pattern | None, cwd: Path, root: Path | None, listing: Listing
) -> Gathered:
    paths = [path for path in listing.paths if wanted is None or _fits(wanted, path.split("/"))]
    if not paths:
        what = "there are no files in it" if wanted is None else "nothing matches, ignored files aside"
        raise AttachmentRefused(f"{said}: {what}", "Name a file, or another folder.")
    basket = _Basket(cwd, _bound(fixed, cwd, root))
    for path in sorted(paths, key=_near_first)[:_MOST_TRIED]:
        basket.add(os.path.join(fixed, path))
    basket.too_many += max(0, len(paths) - _MOST_TRIED)
    if not basket.taken:
        why = "".join(f", {words}" for words in basket.left_out())
        raise AttachmentRefused(f"{said}: none of its {len(paths)} files can be sent along{why}", _NARROWER)
    return Gathered(tuple(basket.taken), basket.note(said, listing.is_whole))


def _bound(fixed: str, cwd: Path, root: Path | None) -> str:
    """The real folder that no file may lie outside of.

    That is the named one; for a pattern that names a place in the project, the project, since there it is
    the project that says where its folders lead.
    """
    if root is not None:
        project = os.path.realpath(root)
        if _is_within(os.path.normpath(os.path.join(os.path.realpath(cwd), expand(fixed))), project):
            return project
    return os.path.realpath(os.path.join(cwd, expand(fixed)))


def _is_within(place: str, folder: str) -> bool:
    try:
        return os.path.commonpath((place, folder)) == folder
    except ValueError:  # another drive
        return False


def _near_first(path: str) -> tuple[int, str]:
    return path.count("/"), path

"""Whether the diffs of an answer apply: to copies, in a folder of their own, with git and nothing else."""

import asyncio
import os
import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from core.context.bounds import open_without_waiting
from core.context.git import git, why
from core.context.processes import Outcome
from core.deep.answer_blocks import AnswerBlock
from core.deep.evidence_values import Evidence, told
from core.errors import AttachmentRefused

_MOST_DIFFS = 4
_MOST_FILES = 20
_LARGEST = 128 * 1024
_LARGEST_COPY = 1024 * 1024
_FILES = re.compile(r"^--- (?P<old>[^\t\n]{1,512}+)[^\n]*+\n\+\+\+ (?P<new>[^\t\n]{1,512}+)", re.MULTILINE)
_MORE_THAN_LINES = re.compile(r"^(?:rename from|copy from|GIT binary patch|[-+]{3} \")", re.MULTILINE)
_LOOKS_LIKE_ONE = re.compile(r"(?:diff --git |(?m:^)--- [^\n]{1,512}+\n\+\+\+ )")
_NOWHERE = "/dev/null"
_PATCH = ".leadline-answer.diff"

_OldNew = tuple[str, str]
"""A file's name before a diff and after it."""


class _Missing(Exception):
    """What a diff changes is not there."""


async def applied(
    blocks: Sequence[AnswerBlock], root: Path, environ: Mapping[str, str], limit_s: float
) -> tuple[Evidence, ...]:
    """What can be said of each diff; nothing without git."""
    diffs = [block for block in blocks if _is_diff(block)][:_MOST_DIFFS]
    if not diffs or shutil.which("git", path=environ.get("PATH")) is None:
        return ()
    # A hook's variables name a repository; the copies are in none.
    environ = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    found = await asyncio.gather(
        *(_one(block, root, environ, limit_s, is_only=len(diffs) == 1) for block in diffs)
    )
    return tuple(evidence for evidence in found if evidence is not None)


def _is_diff(block: AnswerBlock) -> bool:
    if not block.is_closed or len(block.code) > _LARGEST:
        return False
    is_named = block.language in ("diff", "patch", "")
    return is_named and _LOOKS_LIKE_ONE.search(block.code) is not None


async def _one(
    block: AnswerBlock, root: Path, environ: Mapping[str, str], limit_s: float, is_only: bool
) -> Evidence | None:
    name = "the diff" if is_only else f"block {block.number} (diff)"
    files = [(match["old"].strip(), match["new"].strip()) for match in _FILES.finditer(block.code)]
    if not 0 < len(files) <= _MOST_FILES or _MORE_THAN_LINES.search(block.code):
        return None
    strip = _strip(files)
    try:
        with TemporaryDirectory(prefix="leadline-") as folder:
            copies = await asyncio.to_thread(_lay_out, block.code, Path(folder), root, files, strip)
            if copies is None:
                return None
            command = ("apply", "--check", "--whitespace=nowarn", f"-p{strip}", _PATCH)
            async with asyncio.timeout(limit_s):
                outcome = await git(
                    command, copies, {**environ, "GIT_CEILING_DIRECTORIES": str(copies.parent)}
                )
    except _Missing as missing:
        return Evidence(told(f"{name} changes {missing}"), is_ok=False)
    except (
        OSError,
        AttachmentRefused,
    ):  # it took too long, or a disk is full: that says nothing of the answer
        return None
    return _judged(name, outcome)


def _judged(name: str, outcome: Outcome) -> Evidence | None:
    if outcome.status is None:
        return None
    if outcome.status == 0:
        return Evidence(f"{name} applies", is_ok=True)
    said = why(outcome).removeprefix("error: ").replace(_PATCH, "the diff")
    is_malformed = any(each in said for each in ("corrupt", "No valid patches", "without header"))
    verdict = "is not well formed" if is_malformed else "does not apply"
    return Evidence(told(f"{name} {verdict}: {said}"), is_ok=False)


def _strip(files: Sequence[_OldNew]) -> int:
    """How many leading parts the names have that are not the project's: git's ``a/`` and ``b/``, or none."""
    return int(
        all(
            (old == _NOWHERE or old.startswith("a/")) and (new == _NOWHERE or new.startswith("b/"))
            for old, new in files
        )
    )


def _lay_out(diff: str, folder: Path, root: Path, files: Sequence[_OldNew], strip: int) -> Path | None:
    """Lay out the diff with copies of what it changes; None where one of them is none of our business.

    Raises:
        _Missing: A file that it changes is not there.
    """
    copies = Path(os.path.realpath(folder), "copies")
    copies.mkdir()
    patch = copies / _PATCH
    patch.write_text(diff if diff.endswith("\n") else f"{diff}\n", encoding="utf-8", errors="replace")
    root = Path(os.path.realpath(root))
    wanted = {_named(old, strip): True for old, _ in files if old != _NOWHERE}
    # What is to be new must not be there already.
    wanted = {_named(new, strip): False for _, new in files if new != _NOWHERE} | wanted
    for name, must_be_there in wanted.items():
        data = _read(root, name)
        is_inside = Path(os.path.realpath(root / name)).is_relative_to(root)
        if data is None and (os.path.lexists(root / name) or not is_inside):
            return None
        if data is None and must_be_there:
            raise _Missing(f"{name}, and there is no such file")
        copy = copies / name
        if data is not None and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
    return copies


def _named(path: str, strip: int) -> str:
    """A file's name as the project has it.

    Raises:
        _Missing: It is no name of a file below the root.
    """
    name = path.split("/", 1)[-1] if strip else path
    # Of git's own folder a copy would be a repository, with settings that git obeys.
    if {"..", ".git"} & set(name.lower().split("/")) or os.path.isabs(name) or "\0" in name or not name:
        raise _Missing(f"{path}, which is outside the project")
    return os.path.normpath(name)


def _read(root: Path, name: str) -> bytes | None:
    """A file below the root; None for whatever else it is."""
    real = Path(os.path.realpath(root / name))
    if not real.is_relative_to(root):
        return None
    try:
        with open(real, "rb", opener=lambda path, flags: open_without_waiting(path, flags, False)) as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(_LARGEST_COPY + 1) if is_file else b""
    except OSError:
        return None
    return data if is_file and len(data) <= _LARGEST_COPY else None

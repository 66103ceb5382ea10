"""What is changed in the work tree: ``@diff`` since the last commit, ``@staged`` for the next one."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from core.context.attachments import read_output
from core.context.bounds import LARGEST_BYTES
from core.context.git import git, why, work_tree
from core.context.listing import names_in
from core.context.sources.gathered import Gathered
from core.context.sources.origins import Origin, real_of
from core.errors import AttachmentRefused
from core.sanitise import clean_line

DIFF, STAGED = "diff", "staged"
_NAMED = 3

# Whatever the settings of the person or the repository say, the model is sent the usual form.
_PLAINLY = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--submodule=short"),
    *("--ignore-submodules=dirty", "--src-prefix=a/", "--dst-prefix=b/"),
)


async def take_changes(kind: str, cwd: Path, environ: Mapping[str, str]) -> Gathered:
    """The changes of the work tree that the person stands in.

    ``diff`` is everything since the last commit, staged or not; ``staged`` what the next commit would hold.
    Files that git does not know yet are in neither, and named in the note.

    Raises:
        AttachmentRefused: There is no work tree, no git, no change, or too much of it.
    """
    root = await work_tree(cwd, environ)
    if root is None:
        raise AttachmentRefused(
            f"{kind}: this is not a git work tree", "Go to one, or pipe the text: … | leadline ask"
        )
    base = ("--cached",) if kind == STAGED else (await _last_commit(root, environ),)
    changes, unknown = await asyncio.gather(
        git(("diff", *_PLAINLY, *base, "--"), root, environ, LARGEST_BYTES), _unknown(kind, root, environ)
    )
    if changes.is_cut:
        raise AttachmentRefused(
            f"{kind} is over 2 MiB, and at most that can be sent along",
            "Send the part that matters, for example: git diff HEAD -- src | leadline ask",
        )
    if changes.status != 0:
        raise AttachmentRefused(f"{kind}: {why(changes)}", "Look with git diff what is wrong.")
    note = _note(kind, unknown)
    if not changes.out.strip():
        what = "nothing is staged" if kind == STAGED else "nothing has changed since the last commit"
        raise AttachmentRefused(f"{kind}: {what}", f"{note[0].upper()}{note[1:]}." if note else _ELSE[kind])
    return Gathered((read_output(kind, changes.out, str(Origin(kind, root, real=real_of(root)))),), note)


_ELSE = {
    DIFF: "For an earlier commit: git show | leadline ask",
    STAGED: "Stage it with git add, or take @diff.",
}


async def _last_commit(root: Path, environ: Mapping[str, str]) -> str:
    """HEAD, or the empty tree where nothing is committed yet."""
    found = await git(("rev-parse", "--verify", "--quiet", "HEAD^{commit}"), root, environ)
    if found.status == 0:
        return "HEAD"
    empty = await git(("hash-object", "-t", "tree", "--stdin"), root, environ)
    return empty.out.decode("ascii", "replace").strip()


async def _unknown(kind: str, root: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    if kind == STAGED:
        return ()
    listed = await git(("ls-files", "-z", "--others", "--exclude-standard"), root, environ)
    return await asyncio.to_thread(names_in, listed.out)


def _note(kind: str, unknown: tuple[str, ...]) -> str:
    if not unknown:
        return ""
    names = ", ".join(clean_line(os.fsdecode(name)) for name in unknown[:_NAMED])
    more = ", …" if len(unknown) > _NAMED else ""
    files = "1 file" if len(unknown) == 1 else f"{len(unknown)} files"
    return f"{kind} leaves out {files} that git does not know yet: {names}{more}"

"""Asks git, so that nothing a strange repository has set up for itself can run.

A repository's own configuration can name programs (a diff tool, a text converter, a filter, a monitor, a
hook, a helper that fetches what is missing). Who looks at a folder somebody sent must not start them.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.context.processes import Outcome, run
from core.errors import AttachmentRefused
from core.sanitise import clean_line

TIMEOUT_S = 10.0
_SMALL = 1024 * 1024

_KEPT = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CEILING_DIRECTORIES"}
"""Of git's own variables those that say where the repository is: a hook sets them."""

_NEUTRAL = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("diff.external", ""),
    ("core.alternateRefsCommand", ""),
    ("submodule.recurse", "false"),
)
_ALWAYS = tuple(part for name, value in _NEUTRAL for part in ("-c", f"{name}={value}"))
"""The same once more as every git understands it, also those that take no settings by number."""

_TOLD = "filter.leadline-told.clean"
"""Given through the environment, and looked for in git's own list: one that does not know it was not told."""
_USAGE = 129
_PROGRAMS = r"^filter\..*\.(clean|smudge|process|required)$"


async def git(
    arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], limit: int = _SMALL
) -> Outcome:
    """Run git in a folder, with nothing of the repository's own programs.

    Raises:
        AttachmentRefused: There is no git, or none that can be kept from running them.
    """
    own = await _run(
        ("config", "-z", "--show-scope", "--name-only", "--get-regexp", _PROGRAMS),
        cwd,
        _environ(environ, (*_NEUTRAL, (_TOLD, ""))),
        _SMALL,
    )
    silenced = _silenced(_listed(own))
    return await _run(arguments, cwd, _environ(environ, (*_NEUTRAL, *silenced)), limit)


async def work_tree(cwd: Path, environ: Mapping[str, str]) -> Path | None:
    """The root of the work tree a folder is in; None when there is none, or no git."""
    if shutil.which("git", path=environ.get("PATH")) is None:
        return None
    found = await _run(("rev-parse", "--show-toplevel"), cwd, _environ(environ, _NEUTRAL), _SMALL)
    if found.status != 0 or not found.out.strip():
        return None
    root = Path(os.fsdecode(found.out.removesuffix(b"\n")))
    return root if _is_its_own(root, environ) else None


def _is_its_own(root: Path, environ: Mapping[str, str]) -> bool:
    """Whether the repository belongs there: it may call any folder its work tree, a home as well."""
    return "GIT_DIR" in environ or "GIT_WORK_TREE" in environ or os.path.lexists(root / ".git")


async def _run(arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], limit: int) -> Outcome:
    try:
        return await run(("git", "--no-pager", *_ALWAYS, *arguments), environ, limit, TIMEOUT_S, cwd)
    except FileNotFoundError:
        if not await asyncio.to_thread(cwd.is_dir):
            raise AttachmentRefused(
                f"{clean_line(str(cwd))} is not there any more", "Go to a folder that is there."
            ) from None
        raise AttachmentRefused("git is not installed", "Install git, or send the text itself.") from None
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise AttachmentRefused(f"git cannot be run: {reason}", "Send the text itself.") from None


def _listed(own: Outcome) -> list[tuple[str, str]]:
    """The programs that are set up, each with where; a list with anything missing is none.

    Raises:
        AttachmentRefused: It is not whole, or git takes no settings from us.
    """
    if own.is_cut:
        raise AttachmentRefused(
            "the repository's settings have more filters than can be looked through, and each is a program",
            "Look into its .git/config before you use git in it.",
        )
    fields = own.out.decode("utf-8", "surrogateescape").split("\0")
    listed = list(zip(fields[::2], fields[1::2], strict=False))
    is_whole = own.status == 0 and ("command", _TOLD) in listed
    # One of before 2.26 knows no scopes, one of before 2.31 takes nothing from its environment.
    if own.status == _USAGE or (own.status in {0, 1} and not is_whole):
        raise AttachmentRefused(
            "git is older than 2.31 and cannot be kept from running a repository's own programs",
            "Install a newer git, or send the text itself: git diff | leadline ask",
        )
    if not is_whole:
        raise AttachmentRefused(
            f"the repository's settings cannot be read: {why(own)}", "Look with git config --list."
        )
    return listed


def _silenced(listed: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Settings that switch off the filters which the repository itself brings; the person's own stay."""
    names = [name for scope, name in listed if scope in {"local", "worktree", "unknown"}]
    drivers = dict.fromkeys(name.rpartition(".")[0] for name in names)
    return tuple(
        setting
        for driver in drivers
        for setting in (
            (f"{driver}.clean", ""),
            (f"{driver}.smudge", ""),
            (f"{driver}.process", ""),
            (f"{driver}.required", "false"),
        )
    )


def _environ(environ: Mapping[str, str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_") or name in _KEPT}
    # By number, since a name may hold any character, and `-c` would split it.
    for number, (name, value) in enumerate(settings):
        kept[f"GIT_CONFIG_KEY_{number}"] = name
        kept[f"GIT_CONFIG_VALUE_{number}"] = value
    return kept | {
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # older gits do not know the line before
        "GIT_PAGER": "cat",
        "LC_ALL": "C.UTF-8",
    }


def why(outcome: Outcome) -> str:
    """What git says of a failure, in its first line."""
    if outcome.is_late:
        return f"git took longer than {TIMEOUT_S:g} s"
    said = clean_line(outcome.err.decode("utf-8", "replace").strip().partition("\n")[0])
    return said.removeprefix("fatal: ")[:200] or "git failed"

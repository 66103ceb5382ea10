"""Git, asked about repositories that were made to do harm; and gits too old to be told what not to do."""

import asyncio
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from core.context import listing, path_index
from core.context.git import git
from core.context.listing import names_in
from core.context.path_index import PathIndex
from core.context.sources import changes
from core.context.sources.sources import Sources
from core.errors import AttachmentRefused
from tests.core.test_sources import environ, needs_git, needs_posix, refused, run_git, spied

pytestmark = [needs_git, needs_posix]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository with a changed file, and a filter of its own that would run for it."""
    here = tmp_path / "project"
    here.mkdir()
    run_git(here, "init", "-q")
    (here / "a.py").write_text("a = 1\n")
    run_git(here, "add", "-A")
    run_git(here, "commit", "-qm", "first")
    (here / ".gitattributes").write_text("*.py filter=evil\n")
    (here / "a.py").write_text("a = 2\n")
    run_git(here, "config", "filter.evil.clean", spied(tmp_path / "mark"))
    return here


def as_old(folder: Path, *more: str) -> dict[str, str]:
    """Surroundings in which git is one of before 2.31: it takes no settings from its environment."""
    stub = folder / "bin" / "git"
    stub.parent.mkdir(exist_ok=True)
    real = shutil.which("git")
    stub.write_text("\n".join(("#!/bin/sh", "unset GIT_CONFIG_COUNT", *more, f'exec {real} "$@"', "")))
    stub.chmod(0o755)
    return environ(folder) | {"PATH": f"{stub.parent}:{os.environ['PATH']}"}


NO_SCOPES = (
    'for a in "$@"; do [ "$a" = --show-scope ] && { echo "error: unknown option" >&2; exit 129; }; done'
)


def test_a_list_of_filters_too_long_to_read_is_refused(hostile: Path, tmp_path: Path) -> None:
    """A name longer than the bound would hide the filter behind it, and that would run."""
    config = hostile / ".git" / "config"
    config.write_text(f'[filter "{"A" * 1_100_000}"]\n\tclean = x\n{config.read_text()}')

    for name in ("@diff", "./", "**/*.py"):
        assert "filters" in refused(hostile, name).message

    assert not (tmp_path / "mark").exists()


def test_settings_git_cannot_read_are_refused_before_anything_else_is_asked(hostile: Path) -> None:
    """Whatever the reason, a list that did not come is no empty list."""
    (hostile / ".git" / "config").write_text("[filter\n")

    with pytest.raises(AttachmentRefused) as caught:
        asyncio.run(git(("status",), hostile, environ(hostile.parent)))

    assert "config" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("more", [(), (NO_SCOPES,)], ids=["before 2.31", "before 2.26"])
def test_a_git_too_old_to_be_told_is_not_asked(hostile: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    """It would leave the repository's filters armed, and say nothing of it."""
    old = as_old(tmp_path, *more)

    for name in ("@diff", "@staged", "./", "**/*.py"):
        with pytest.raises(AttachmentRefused, match=r"git is older than 2\.31") as caught:
            asyncio.run(Sources(hostile, old).read(name))
        assert caught.value.remedy

    assert not (tmp_path / "mark").exists()


def test_where_git_must_not_be_asked_paths_are_still_known(hostile: Path, tmp_path: Path) -> None:
    """Naming a file must not need git; what stands in folders that nobody wrote is left out all the same."""
    (hostile / "node_modules").mkdir()
    (hostile / "node_modules" / "a.js").touch()
    index = PathIndex(hostile, hostile, as_old(tmp_path))

    asyncio.run(index.fill())

    assert index.matches("a", 10) == ("a.py",)
    assert not (tmp_path / "mark").exists()


def test_an_old_git_asked_for_the_root_alone_starts_no_monitor(hostile: Path, tmp_path: Path) -> None:
    """The settings that are always the same are given in the way that every git knows, too."""
    seen = tmp_path / "seen"
    old = as_old(tmp_path, f'printf "%s\\n" "$@" >> {seen}')

    asyncio.run(PathIndex(hostile, hostile, old).fill())

    for setting in ("core.fsmonitor=false", "core.hooksPath=/dev/null", "diff.external="):
        assert setting in seen.read_text().splitlines()


def test_a_folder_that_is_gone_is_not_taken_for_a_missing_git(tmp_path: Path) -> None:
    """Who reads that git is not installed looks in the wrong place."""
    with pytest.raises(AttachmentRefused, match="gone is not there any more"):
        asyncio.run(git(("status",), tmp_path / "gone", environ(tmp_path)))
    with pytest.raises(AttachmentRefused, match="git is not installed"):
        asyncio.run(git(("status",), tmp_path, {"PATH": str(tmp_path)}))


def test_the_spy_would_be_seen(hostile: Path, tmp_path: Path) -> None:
    """Were it never run by git at all, the tests above would pass without looking."""
    subprocess.run(
        ("git", "diff", "HEAD"), cwd=hostile, env=environ(tmp_path), check=True, capture_output=True
    )

    assert (tmp_path / "mark").exists()


def test_a_long_list_of_files_does_not_hold_the_loop_up(
    hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred thousand names, taking them apart alone is several frames; typing goes on meanwhile."""
    threads: list[int] = []

    def spied_names(listed: bytes) -> tuple[str, ...]:
        threads.append(threading.get_ident())
        return names_in(listed)

    monkeypatch.setattr(listing, "names_in", spied_names)
    monkeypatch.setattr(changes, "names_in", spied_names)
    monkeypatch.setattr(path_index, "names_in", spied_names)
    run_git(hostile, "config", "--unset", "filter.evil.clean")
    for name in ("./", "**/*.py", "@diff"):
        asyncio.run(Sources(hostile, environ(hostile.parent)).read(name))
    asyncio.run(PathIndex(hostile, hostile, environ(hostile.parent)).fill())

    assert len(threads) == 6
    assert threading.get_ident() not in threads

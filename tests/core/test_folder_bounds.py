"""A folder and a pattern keep to what was named, however the folders in it are linked."""

import asyncio
from pathlib import Path

import pytest

from core.context.sources.sources import Sources
from core.errors import AttachmentRefused
from tests.core.test_sources import environ, names, needs_git, needs_posix, read, refused, run_git

pytestmark = [needs_git, needs_posix]


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A repository that lists files of a folder, and has a link out of itself in the folder's place."""
    here, outside = tmp_path / "project", tmp_path / "private"
    (here / "docs").mkdir(parents=True)
    outside.mkdir()
    (outside / "key.txt").write_text("of nobody's concern")
    (here / "docs" / "key.txt").write_text("listed")
    (here / "a.txt").write_text("a")
    run_git(here, "init", "-q")
    run_git(here, "add", "-A")
    (here / "docs" / "key.txt").unlink()
    (here / "docs").rmdir()
    (here / "docs").symlink_to(outside)
    return here


@pytest.mark.parametrize("name", [".", "./", "**/*.txt"])
def test_no_linked_folder_leads_out_of_what_was_named(linked: Path, name: str) -> None:
    """The name in git's list is the repository's; where it leads on this machine, it may choose as well."""
    taken = asyncio.run(Sources(linked, environ(linked.parent)).read(name))

    assert names(taken) == ["a.txt"]
    assert "1 outside of it" in taken.note


@pytest.mark.parametrize("name", ["docs/*.txt", "docs/**/*.txt", "./docs/key.*"])
def test_a_pattern_below_a_link_that_leads_out_of_the_project_takes_nothing(linked: Path, name: str) -> None:
    """Whoever types it sees a folder of the project."""
    assert "1 outside of it" in refused(linked, name).message


def test_a_pattern_may_name_a_place_outside_of_the_project_itself(linked: Path) -> None:
    """That is what the person wrote, and no link made of it."""
    assert names(read(linked, f"{linked.parent}/private/*.txt")) == [f"{linked.parent}/private/key.txt"]
    assert names(read(linked, "../private/*.txt")) == ["../private/key.txt"]
    (linked / "sub").mkdir()
    assert names(read(linked / "sub", "../*.txt")) == ["../a.txt"]


def test_a_folder_that_is_a_link_is_meant_when_it_is_named(linked: Path) -> None:
    """Named by itself, like a file; what is linked inside of the project stays in it."""
    (linked / "src").mkdir()
    (linked / "src" / "b.txt").write_text("b")
    (linked / "lib").symlink_to("src")

    assert names(read(linked, "docs/")) == ["docs/key.txt"]
    assert names(read(linked, "lib/*.txt")) == ["lib/b.txt"]


def test_outside_of_git_it_is_the_same(tmp_path: Path) -> None:
    """There the project is the folder the person stands in."""
    here = tmp_path / "here"
    here.mkdir()
    (tmp_path / "a.txt").write_text("a")
    (here / "up").symlink_to(tmp_path)

    with pytest.raises(AttachmentRefused, match="1 outside of it"):
        read(here, "up/*.txt")
    assert names(read(here, "../*.txt")) == ["../a.txt"]

"""Which project a directory belongs to, seen with real repositories."""

import os
import subprocess
from pathlib import Path

import pytest

from core.context.project import find_project
from core.engine.build import build_engine
from core.messages import AnswerState, Route
from core.settings.model import Settings
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database


def git(place: Path, *arguments: str) -> None:
    """Run git as nobody in particular."""
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(place), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *who, *arguments], cwd=place, env=environ, check=True, capture_output=True)


def repository(place: Path) -> Path:
    """A real repository with one commit."""
    place.mkdir(parents=True)
    git(place, "init", "-q")
    git(place, "commit", "-q", "--allow-empty", "-m", "first")
    return place


def root_of(place: Path, home: Path | None = None) -> str:
    """The root that is found."""
    return find_project(str(place), None if home is None else str(home)).root


def test_a_folder_of_a_repository_belongs_to_its_root(tmp_path: Path) -> None:
    """`leadline -c` in src/ must find what was asked at the root."""
    root = repository(tmp_path / "app")
    deep = root / "src" / "a" / "b"
    deep.mkdir(parents=True)

    assert root_of(deep) == root_of(root) == str(root)
    assert find_project(str(deep)).is_git
    assert root_of(root / ".git" / "hooks") == str(root)


def test_worktrees_and_submodules_are_projects_of_their_own(tmp_path: Path) -> None:
    """They have a file where a clone has a folder."""
    root = repository(tmp_path / "app")
    other = repository(tmp_path / "lib")
    git(root, "worktree", "add", "-q", str(tmp_path / "tree"))
    git(root, "submodule", "add", "-q", str(other), "vendor/lib")
    (tmp_path / "tree" / "src").mkdir()
    (root / "vendor" / "lib" / "src").mkdir()

    assert root_of(tmp_path / "tree" / "src") == str(tmp_path / "tree")
    assert root_of(root / "vendor" / "lib" / "src") == str(root / "vendor" / "lib")
    assert root_of(root / "vendor") == str(root)


def test_a_directory_outside_git_is_itself(tmp_path: Path) -> None:
    """Nothing above it has anything to do with it; and a deleted one is still a name."""
    (tmp_path / "notes").mkdir()

    assert root_of(tmp_path / "notes", tmp_path) == str(tmp_path / "notes")
    assert root_of(tmp_path / "gone" / "away", tmp_path) == str(tmp_path / "gone" / "away")
    assert find_project("").root == ""
    assert find_project("/").root == "/"


def test_dotfiles_in_the_home_folder_do_not_make_one_project_of_everything(tmp_path: Path) -> None:
    """Many keep their home folder in git; their notes are no part of that."""
    home = repository(tmp_path / "home")
    (home / "notes").mkdir()
    app = repository(home / "app")

    assert root_of(home / "notes", home) == str(home / "notes")
    assert root_of(home, home) == str(home)
    assert root_of(app, home) == str(app)


def test_an_empty_folder_named_git_is_no_repository(tmp_path: Path) -> None:
    """Git thinks so too."""
    (tmp_path / "a" / ".git").mkdir(parents=True)
    (tmp_path / "a" / "b").mkdir()

    assert root_of(tmp_path / "a" / "b", tmp_path) == str(tmp_path / "a" / "b")


def keep(path: Path, directory: Path, question: str) -> None:
    """A stored conversation of a directory."""
    store = Database.open(path, lambda: 1e9)
    conversations = Conversations(store)
    started = conversations.ask(
        question, (), None, str(directory), NewAnswer(Route.FAST, "m", "p", "local")
    ).result()
    conversations.end(started.answer, Ending(AnswerState.COMPLETE, "yes"), make_current=True).result()
    store.close()


def test_what_was_stored_for_a_subfolder_before_is_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update must not lose anybody's conversation; one at the root comes first from then on."""
    root = repository(tmp_path / "app")
    (root / "src" / "a").mkdir(parents=True)
    database = tmp_path / "leadline.db"
    keep(database, root / "src", "old?")

    def latest(place: Path) -> str | None:
        monkeypatch.chdir(place)
        engine, _ = build_engine(Settings(), database, {}, is_demo=True)
        found = engine.latest()
        engine._database.close()
        return found.title if found else None

    assert latest(root / "src" / "a") == latest(root / "src") == "old?"
    assert latest(root) is None, "a subfolder may be a project of its own"

    keep(database, root, "new?")
    assert latest(root / "src" / "a") == latest(root) == "new?"

"""Which project the person stands in: conversations belong to it, from whichever of its folders they ask."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """A directory, and the project around it.

    Attributes:
        root: the git root; outside git the directory itself.
        directory: where the person stands; at the root or below it.
        is_git: whether a git repository made the root what it is.
    """

    root: str
    directory: str
    is_git: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        """Where conversations of this project may be: at its root, else in the folders down to here.

        Before there were projects, a conversation belonged to the folder it was begun in.
        """
        places = [self.root]
        place = self.directory
        while place != self.root:
            places.append(place)
            place = os.path.dirname(place)
        return tuple(places)


def find_project(directory: str, home: str | None = None) -> Project:
    """Find the git root above a directory with a few looks, and without git.

    From below, neither the home folder nor anything above it is taken: a repository of dotfiles is not the
    project of everything that lies beside them.

    Args:
        directory: absolute; it need not exist any more.
        home: the home folder; None is the person's own.
    """
    home = os.path.expanduser("~") if home is None else home
    place = directory
    while place and (place == directory or place != home):
        if _is_git_root(place):
            return Project(place, directory, is_git=True)
        parent = os.path.dirname(place)
        if parent == place:
            break
        place = parent
    return Project(directory, directory)


def directory_of(environ: Mapping[str, str]) -> str:
    """Where the person is; a directory that was deleted meanwhile still has the name it had."""
    try:
        return os.getcwd()
    except OSError:
        return environ.get("PWD", "")


def _is_git_root(place: str) -> bool:
    """Whether a repository begins here; worktrees and submodules have a file where others have a folder."""
    mark = os.path.join(place, ".git")
    # An empty folder of that name is no repository, for git neither.
    return os.path.isfile(mark) or os.path.isfile(os.path.join(mark, "HEAD"))

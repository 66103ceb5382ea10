"""A line is a command only if there is something to run."""

from pathlib import Path

import pytest

from core.context.typed_command import typed_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with something that runs, and a place for programs."""
    for name in ("run.sh", "bin/pytest"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\n", "utf-8")
        file.chmod(0o755)
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "!pytest -q",
        "!./run.sh",
        "!cd src && pytest",
        "!A=1 B=2 pytest",
        "!echo hi",
        "!pytest|head",
        "!(pytest)",
        "!'pytest' -q",
    ],
)
def test_what_can_be_run_is_a_command(folder: Path, text: str) -> None:
    """An executable, a builtin, a path; also behind assignments."""
    assert typed_command(text, folder, {"PATH": str(folder / "bin")}) == text[1:]


@pytest.mark.parametrize(
    "text",
    [
        "!important: read this",
        "!",
        "!!",
        "! pytest",
        " !pytest",
        "pytest",
        "!./notes.txt",
        "!./missing",
        "!src",
        "!= is what?",
        "!A=1",
        "!\0",
        "!/",
        "!~nobody/x",
    ],
)
def test_everything_else_is_text(folder: Path, text: str) -> None:
    """A sigil that resolves to nothing must not keep a question from being asked."""
    assert typed_command(text, folder, {"PATH": str(folder / "bin")}) is None


def test_without_a_path_only_builtins_and_paths_run(folder: Path) -> None:
    """An empty environment is no reason to fail."""
    assert typed_command("!./run.sh", folder, {}) == "./run.sh"
    assert typed_command("!no-such-program-here", folder, {}) is None

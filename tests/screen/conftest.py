"""What every test of the screen needs around it."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_clipboard_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copying in a test must not reach the clipboard of whoever runs it, nor an animation take its time."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen looks for a missing server at once and again, and not after one, two and five seconds."""
    monkeypatch.setattr("tui.screens.watching.LOOK_AGAIN_S", (0.05,))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with some files in which the person stands; no git around it."""
    folder = tmp_path / "project"
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "src" / "adder.py").write_text("def add(a, b):\n    return a - b\n", "utf-8")
    (folder / "src" / "deep" / "other file.py").write_text("x = 1\n", "utf-8")
    (folder / "readme.md").write_text("# adder\n", "utf-8")
    (folder / "image.bin").write_bytes(b"\0\1\2" * 500)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(folder)
    return folder

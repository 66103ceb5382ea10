"""What every test of the screen needs around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


@pytest.fixture(autouse=True)
def _no_clipboard_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copying in a test must not reach the clipboard of whoever runs it, nor an animation take its time."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(scope="session", autouse=True)
def _styles_are_read_once() -> Iterator[None]:
    """Textual reads each widget's styles anew for each app; a sixth of what an app costs to start."""
    known: dict[object, list[RuleSet]] = {}
    read = Stylesheet._parse_rules

    def parsed(
        self: Stylesheet,
        css: str,
        read_from: tuple[str, str],
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        key = css, read_from, is_default_rules, tie_breaker, scope, tuple(self._variables.items())
        if key not in known:
            known[key] = read(self, css, read_from, is_default_rules, tie_breaker, scope)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield


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

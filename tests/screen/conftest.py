"""What every test of the screen needs around it."""

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
    monkeypatch.setattr("tui.screens.chat.LOOK_AGAIN_S", (0.05,))

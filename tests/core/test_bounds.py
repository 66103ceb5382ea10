"""Opening a file that somebody else may have laid there, or changed since it was looked at."""

import os
from functools import partial
from pathlib import Path

import pytest

from core.context.bounds import open_without_waiting

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such files there")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it, so an ordinary open would never come back."""
    os.mkfifo(tmp_path / "pipe")

    with open(tmp_path / "pipe", "rb", opener=open_without_waiting) as file:
        assert file.read(1) == b""


def test_a_link_is_followed_only_where_it_may_be(tmp_path: Path) -> None:
    """A file that was looked at by its real name may have become a link since."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "link").symlink_to("a")

    with open(tmp_path / "link", "rb", opener=open_without_waiting) as file:
        assert file.read() == b"a"
    with (
        pytest.raises(OSError, match="symbolic links"),
        open(tmp_path / "link", "rb", opener=partial(open_without_waiting, follows=False)),
    ):
        pass
